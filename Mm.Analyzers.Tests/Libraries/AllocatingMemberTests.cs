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
