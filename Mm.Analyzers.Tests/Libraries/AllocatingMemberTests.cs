using System;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>Members of .NET that allocate, in NoGc and in a body that promises not to; and the regions of the collector.</summary>
public class AllocatingMemberTests
{
    [Theory]
    [InlineData("_count.ToString()")]
    [InlineData("list.Add(1)")]
    [InlineData("map.TryAdd(1, 2)")]
    [InlineData("queue.Enqueue(1)")]
    [InlineData("text.Substring(1)")]
    [InlineData("text.Split(',')")]
    [InlineData("builder.Append('c')")]
    [InlineData("System.Threading.Tasks.Task.Delay(1)")]
    [InlineData("System.Diagnostics.Stopwatch.StartNew()")]
    [InlineData("Guid.NewGuid().ToString()")]
    [InlineData("GC.AllocateUninitializedArray<byte>(9)")]
    [InlineData("System.Buffers.ArrayPool<byte>.Shared.Rent(9)")]
    [InlineData("list.ToArray()")]
    public async Task Member_ThatAllocates_IsReportedInNoGcAndInAPromise(string call)
    {
        await RuleCase.CheckAsync(Member("[RunsIn<NoGc>]", "{|MM1004:" + call + "|};"));
        await RuleCase.CheckAsync(Member("[Never<Allocate>]", "{|MM3003:" + call + "|};"));
    }

    [Theory]
    [InlineData("_ = list.Count + list[0]")]
    [InlineData("_ = map.TryGetValue(1, out _)")]
    [InlineData("_ = queue.TryDequeue(out _)")]
    [InlineData("_ = text.Length + text.IndexOf('c')")]
    [InlineData("_ = text.AsSpan(1).SequenceEqual(\"abc\")")]
    [InlineData("_ = string.Equals(text, \"abc\")")]
    [InlineData("_ = int.TryParse(text, out _)")]
    [InlineData("_ = Math.Max(1, _count)")]
    [InlineData("System.Threading.Interlocked.Increment(ref _count)")]
    [InlineData("_ = System.Diagnostics.Stopwatch.GetTimestamp()")]
    [InlineData("_ = DateTime.UtcNow.Ticks")]
    [InlineData("Array.Clear(bytes)")]
    [InlineData("Array.Sort(bytes)")]
    [InlineData("_ = Array.Empty<int>()")]
    [InlineData("bytes.AsSpan().Fill(1)")]
    [InlineData("System.Buffers.ArrayPool<byte>.Shared.Return(bytes)")]
    [InlineData("ArgumentNullException.ThrowIfNull(text)")]
    public async Task Member_ThatDoesNotAllocate_IsSilent(string statement)
    {
        await RuleCase.CheckAsync(Member("[RunsIn<NoGc>]", statement + ";"));
        await RuleCase.CheckAsync(Member("[Never<Allocate>]", statement + ";"));
    }

    // Each pair: what ordinary code calls all the time without a byte of garbage, and what stands beside it and allocates.
    [Theory]
    [InlineData("Array.Copy(bytes, bytes, 1)", "bytes.Clone()")]
    [InlineData("bytes.CopyTo(bytes, 0)", "bytes.AsSpan().ToArray()")]
    [InlineData("Array.Sort(bytes)", "Array.ConvertAll(bytes, static one => (int)one)")]
    [InlineData("list.Remove(1)", "list.Insert(0, 1)")]
    [InlineData("list.RemoveAt(0)", "list.GetRange(0, 1)")]
    [InlineData("list.CopyTo(numbers)", "list.AddRange(numbers)")]
    [InlineData("list.Sort()", "list.Sort(comparer)")]
    [InlineData("random.Next(3)", "random.GetItems(numbers, 2)")]
    [InlineData("random.NextBytes(bytes)", "random.GetHexString(3)")]
    [InlineData("signal.Set()", "new System.Threading.AutoResetEvent(false)")]
    [InlineData("signal.WaitOne(0)", "new System.Threading.Semaphore(1, 1)")]
    [InlineData("semaphore.Release()", "semaphore.WaitAsync()")]
    [InlineData("semaphore.Wait(0)", "semaphore.Wait(token)")]
    [InlineData("latch.Wait(0, token)", "latch.Wait(5, token)")]
    [InlineData("latch.Reset()", "_ = latch.WaitHandle", "latch.WaitHandle")]
    [InlineData("readers.ExitReadLock()", "new System.Threading.ReaderWriterLockSlim()")]
    [InlineData("task.Wait(0)", "task.Wait(5)")]
    [InlineData("timer.Change(1, 1)", "new System.Threading.Timer(static _ => { })")]
    [InlineData("source.TrySetResult(1)", "source.TrySetException(failure)")]
    [InlineData("_count.TryFormat(characters, out _)", "_count.ToString()")]
    [InlineData("1.5.TryFormat(characters, out _)", "1.5.ToString()")]
    [InlineData("DateTime.UtcNow.TryFormat(characters, out _)", "DateTime.UtcNow.ToString()")]
    [InlineData("DateTime.TryParse(text, out _)", "DateTime.UtcNow.GetDateTimeFormats()")]
    [InlineData("Guid.TryParse(text, out _)", "Guid.NewGuid().ToByteArray()")]
    [InlineData("Enum.IsDefined(DayOfWeek.Friday)", "Enum.GetNames<DayOfWeek>()")]
    [InlineData("Enum.TryParse(text, out DayOfWeek _)", "Enum.GetValues<DayOfWeek>()")]
    [InlineData("builder.Clear()", "builder.Append(text)")]
    [InlineData("builder.Length = 0", "builder.Length = 9")]
    [InlineData("sorted.TryGetValue(1, out _)", "sorted.Add(1, 2)")]
    [InlineData("dictionary.Remove(1)", "dictionary.Add(1, 2)")]
    [InlineData("_ = dictionary.Keys.Count", "_ = map.Keys", "map.Keys")]
    [InlineData("immutable.TryGetValue(1, out _)", "immutable.Add(1, 2)")]
    [InlineData("System.Text.Encoding.UTF8.GetBytes(text, bytes)", "System.Text.Encoding.UTF8.GetBytes(text)")]
    [InlineData("regex.IsMatch(text)", "regex.Match(text)")]
    [InlineData("reader.Read()", "reader.GetString()")]
    [InlineData("slot.Value++", "_ = slot.Values", "slot.Values")]
    [InlineData("reference.SetTarget(text)", "new WeakReference<string>(text)")]
    [InlineData("_ = System.Globalization.CultureInfo.InvariantCulture.NumberFormat", "System.Globalization.CultureInfo.InvariantCulture.Clone()")]
    [InlineData("bag.TryTake(out _)", "bag.Add(1)")]
    [InlineData("queue.Dequeue()", "queue.ToArray()")]
    public async Task Member_OfHotCode_IsToldFromTheOneThatAllocates(string quiet, string call, string? reported = null)
    {
        reported ??= call;
        await RuleCase.CheckAsync(Hot(quiet));
        await RuleCase.CheckAsync(Hot(call.Replace(reported, "{|MM1004:" + reported + "|}", StringComparison.Ordinal)));
    }

    [Fact]
    public Task Result_OfATaskThatIsComplete_AllocatesNothing() => RuleCase.CheckAsync(
        """
            [RunsIn<NoGc>]
            int M(System.Threading.Tasks.Task<int> task) => task.IsCompleted ? task.Result : 0;

            [RunsIn<NoGc>]
            int N(System.Threading.Tasks.Task<int> task) => {|MM1004:task.Result|};
        """);

    [Fact]
    public Task NoGcRegion_BetweenStartAndEnd_ForbidsAllocations() => RuleCase.CheckAsync(
        """
            void M(System.Collections.Generic.List<int> list)
            {
                list.Add(1);
                if (!GC.TryStartNoGCRegion(1000)) return;
                {|MM1004:list.Add(2)|};
                _count++;
                GC.EndNoGCRegion();
                list.Add(3);
            }
        """);

    [Fact]
    public Task NoGcRegion_EndedWhereTheModeSaysSo_IsBalanced() => RuleCase.CheckAsync(
        """
            void M(System.Collections.Generic.List<int> list)
            {
                if (!GC.TryStartNoGCRegion(1000)) return;
                try
                {
                    {|MM1004:list.Add(2)|};
                }
                finally
                {
                    if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
                }

                list.Add(3);
            }
        """);

    [Fact]
    public Task NoGcRegion_LeftOnOnePathOnly_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                if (!GC.TryStartNoGCRegion(1000)) return;
                if (Ready()) {|MM2001:return;|}
                GC.EndNoGCRegion();
            }
        """);

    [Fact]
    public Task SuppressedTransition_IsAPromise_NotToSleepAndNotToAllocate() => RuleCase.CheckAsync(
        """
            [System.Runtime.InteropServices.DllImport("native"), System.Runtime.InteropServices.SuppressGCTransition]
            static extern int Quick();

            [System.Runtime.InteropServices.DllImport("native")]
            static extern int Unknown();

            [Never<Sleep>, Never<Allocate>]
            int M() => Quick() + {|MM1009:Unknown()|};
        """);

    private static string Hot(string statement) =>
        $$"""
            [RunsIn<NoGc>]
            void M(System.Collections.Generic.List<int> list, System.Collections.Generic.Queue<int> queue, System.Collections.Generic.Dictionary<int, int> dictionary,
                System.Collections.Concurrent.ConcurrentDictionary<int, int> map, System.Collections.Generic.SortedDictionary<int, int> sorted,
                System.Collections.Immutable.ImmutableDictionary<int, int> immutable, System.Collections.Concurrent.ConcurrentBag<int> bag,
                System.Collections.Generic.IComparer<int> comparer, string text, System.Text.StringBuilder builder, byte[] bytes, char[] characters, int[] numbers, Random random,
                System.Threading.AutoResetEvent signal, System.Threading.SemaphoreSlim semaphore, System.Threading.ManualResetEventSlim latch,
                System.Threading.ReaderWriterLockSlim readers, System.Threading.CancellationToken token, System.Threading.Tasks.Task task, System.Threading.Timer timer,
                System.Threading.Tasks.TaskCompletionSource<int> source, Exception failure, System.Text.RegularExpressions.Regex regex, System.Threading.ThreadLocal<int> slot,
                WeakReference<string> reference, System.Text.Json.Utf8JsonReader reader)
            {
                {{statement}};
            }
        """;

    private static string Member(string attribute, string statement) =>
        $$"""
            {{attribute}}
            void M(System.Collections.Generic.List<int> list, System.Collections.Concurrent.ConcurrentDictionary<int, int> map, System.Collections.Generic.Queue<int> queue,
                string text, System.Text.StringBuilder builder, byte[] bytes)
            {
                {{statement}}
            }
        """;
}
