using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>Members of .NET that wait, under a spin lock, and those beside them that do not.</summary>
public class WaitingMemberTests
{
    private const string Parameters =
        """
        object gate, System.Threading.Lock modern, System.Threading.Thread thread, System.Threading.SemaphoreSlim semaphore, System.Threading.ManualResetEventSlim gateSlim,
            System.Threading.AutoResetEvent signal, System.Threading.ReaderWriterLockSlim readers, System.Threading.CountdownEvent countdown, System.Threading.Barrier barrier,
            System.Threading.Tasks.Task task, System.Threading.Tasks.Task<int> promise, System.Collections.Concurrent.BlockingCollection<int> queue, int item,
            System.Threading.Channels.Channel<int> channel, System.Net.Http.HttpClient client, System.Net.Http.HttpRequestMessage request, System.Diagnostics.Process process,
            System.Net.Sockets.Socket socket, System.IO.FileStream file, System.IO.MemoryStream memory, System.IO.Stream stream, byte[] bytes, System.IO.StreamReader reader,
            System.IO.StreamWriter writer, System.IO.StringReader text, System.Collections.Concurrent.ConcurrentDictionary<int, int> map, System.Threading.Timer timer,
            System.IO.Pipes.NamedPipeServerStream pipe, System.Collections.Generic.List<int> list, System.Threading.SpinWait spin, System.Threading.CancellationTokenRegistration registration
        """;

    [Theory]
    [InlineData("System.Threading.Thread.Sleep(1)")]
    [InlineData("System.Threading.Thread.Yield()")]
    [InlineData("registration.Dispose()")]
    [InlineData("thread.Join()")]
    [InlineData("thread.Join(5)")]
    [InlineData("thread.Start()")]
    [InlineData("System.Threading.Monitor.Enter(gate)")]
    [InlineData("System.Threading.Monitor.TryEnter(gate, 10)")]
    [InlineData("System.Threading.Monitor.Wait(gate)")]
    [InlineData("modern.Enter()")]
    [InlineData("readers.EnterReadLock()")]
    [InlineData("readers.TryEnterWriteLock(5)")]
    [InlineData("semaphore.Wait()")]
    [InlineData("semaphore.Wait(item)")]
    [InlineData("gateSlim.Wait(7, default)")]
    [InlineData("signal.WaitOne()")]
    [InlineData("System.Threading.WaitHandle.WaitAny(new System.Threading.WaitHandle[] { signal }, 3)")]
    [InlineData("countdown.Wait()")]
    [InlineData("barrier.SignalAndWait()")]
    [InlineData("task.Wait()")]
    [InlineData("task.Wait(1, default)")]
    [InlineData("task.GetAwaiter().GetResult()")]
    [InlineData("_ = promise.Result", "promise.Result")]
    [InlineData("System.Threading.Tasks.Task.WaitAll(task)")]
    [InlineData("System.Threading.Tasks.Parallel.For(0, 3, static i => { })")]
    [InlineData("_ = System.Linq.ParallelEnumerable.Count(System.Linq.ParallelEnumerable.AsParallel(list))", "System.Linq.ParallelEnumerable.Count(System.Linq.ParallelEnumerable.AsParallel(list))")]
    [InlineData("foreach (var next in System.Linq.ParallelEnumerable.AsParallel(list)) item = next", "System.Linq.ParallelEnumerable.AsParallel(list)")]
    [InlineData("foreach (var next in queue.GetConsumingEnumerable()) item = next", "queue.GetConsumingEnumerable()")]
    [InlineData("queue.Add(1)")]
    [InlineData("queue.Take()")]
    [InlineData("queue.TryTake(out _, 9)")]
    [InlineData("System.IO.File.ReadAllText(\"a\")")]
    [InlineData("System.IO.File.Delete(\"a\")")]
    [InlineData("System.IO.File.Exists(\"a\")")]
    [InlineData("System.IO.Directory.CreateDirectory(\"a\")")]
    [InlineData("_ = new System.IO.FileStream(\"a\", System.IO.FileMode.Open)", "new System.IO.FileStream(\"a\", System.IO.FileMode.Open)")]
    [InlineData("file.Read(bytes, 0, 1)")]
    [InlineData("file.Flush(true)")]
    [InlineData("stream.Read(bytes, 0, 1)")]
    [InlineData("stream.CopyTo(memory)")]
    [InlineData("reader.ReadLine()")]
    [InlineData("writer.Write('c')")]
    [InlineData("Console.WriteLine(1)")]
    [InlineData("Console.ReadLine()")]
    [InlineData("client.Send(request)")]
    [InlineData("System.Net.Dns.GetHostEntry(\"a\")")]
    [InlineData("socket.Receive(bytes)")]
    [InlineData("socket.Connect(\"a\", 1)")]
    [InlineData("socket.Poll(10, System.Net.Sockets.SelectMode.SelectRead)")]
    [InlineData("pipe.WaitForConnection()")]
    [InlineData("process.WaitForExit()")]
    [InlineData("process.WaitForExit(5)")]
    [InlineData("process.Start()")]
    [InlineData("GC.Collect()")]
    [InlineData("GC.WaitForPendingFinalizers()")]
    [InlineData("spin.SpinOnce()")]
    [InlineData("System.Threading.Tasks.Task.Run(async () => await task).Wait()")]
    [InlineData("System.Threading.Tasks.Task.WaitAll([task], TimeSpan.FromSeconds(item))")]
    [InlineData("new System.Threading.CancellationTokenSource().Cancel()")]
    public Task Member_ThatWaits_UnderASpinLock_IsReported(string statement, string? reported = null)
    {
        reported ??= statement;
        return RuleCase.CheckAsync($"void M({Parameters})\n{{\n    using (_lock.Hold())\n    {{\n        {statement.Replace(reported, "{|MM1001:" + reported + "|}", System.StringComparison.Ordinal)};\n    }}\n}}");
    }

    [Theory]
    [InlineData("thread.Join(0)")]
    [InlineData("System.Threading.Monitor.TryEnter(gate)")]
    [InlineData("System.Threading.Monitor.TryEnter(gate, 0)")]
    [InlineData("System.Threading.Monitor.PulseAll(gate)")]
    [InlineData("modern.TryEnter()")]
    [InlineData("modern.TryEnter(0)")]
    [InlineData("readers.TryEnterReadLock(0)")]
    [InlineData("readers.ExitReadLock()")]
    [InlineData("semaphore.Wait(0)")]
    [InlineData("semaphore.Wait(0, default)")]
    [InlineData("semaphore.Release()")]
    [InlineData("signal.WaitOne(0)")]
    [InlineData("signal.Set()")]
    [InlineData("System.Threading.WaitHandle.WaitAll(new System.Threading.WaitHandle[] { signal }, 0)")]
    [InlineData("countdown.Wait(0)")]
    [InlineData("countdown.Signal()")]
    [InlineData("task.Wait(0)")]
    [InlineData("task.Wait(0, default)")]
    [InlineData("if (task.IsCompleted) task.Wait()")]
    [InlineData("if (promise.IsCompletedSuccessfully) _ = promise.Result")]
    [InlineData("if (promise.IsCompletedSuccessfully) _ = promise.GetAwaiter().GetResult()")]
    [InlineData("if (task.IsCompleted) task.GetAwaiter().GetResult()")]
    [InlineData("System.Threading.Tasks.Task.CompletedTask.Wait()")]
    [InlineData("_ = System.Threading.Tasks.Task.FromResult(3).Result")]
    [InlineData("var made = System.Threading.Tasks.Task.FromResult(3); made.GetAwaiter().GetResult()")]
    [InlineData("_ = new System.Threading.Tasks.ValueTask<int>(3).Result")]
    [InlineData("if (promise.GetAwaiter() is { IsCompleted: true } awaiter) awaiter.GetResult()")]
    [InlineData("System.Threading.Tasks.Task.WaitAny(new[] { task }, 0)")]
    [InlineData("_ = System.Linq.ParallelEnumerable.Where(System.Linq.ParallelEnumerable.AsParallel(list), static x => x > 1)")]
    [InlineData("queue.TryAdd(1)")]
    [InlineData("queue.TryTake(out _)")]
    [InlineData("queue.TryTake(out _, 0)")]
    [InlineData("channel.Writer.TryWrite(1)")]
    [InlineData("channel.Reader.TryRead(out _)")]
    [InlineData("client.SendAsync(request)")]
    [InlineData("socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead)")]
    [InlineData("socket.ReceiveAsync(bytes)")]
    [InlineData("process.WaitForExit(0)")]
    [InlineData("memory.Read(bytes, 0, 1)")]
    [InlineData("memory.WriteByte(1)")]
    [InlineData("text.ReadLine()")]
    [InlineData("System.IO.Path.Combine(\"a\", \"b\")")]
    [InlineData("map.TryAdd(1, 2)")]
    [InlineData("map.TryGetValue(1, out _)")]
    [InlineData("list.Sort()")]
    [InlineData("timer.Change(0, 0)")]
    [InlineData("System.Threading.ThreadPool.QueueUserWorkItem(static _ => { })")]
    [InlineData("_ = DateTime.Now")]
    [InlineData("_ = 1.5.ToString()")]
    [InlineData("_ = Type.GetTypeCode(typeof(int))")]
    [InlineData("_ = GC.GetTotalMemory(false)")]
    [InlineData("spin.SpinOnce(-1)")]
    [InlineData("System.Threading.Tasks.Task.Run(async () => await task)")]
    [InlineData("System.Threading.Tasks.Task.Run(async () => { await task; return 1; }, default)")]
    [InlineData("System.Threading.Tasks.TaskExtensions.Unwrap(System.Threading.Tasks.Task.FromResult(task))")]
    [InlineData("System.Threading.Tasks.Task.FromResult(1)")]
    [InlineData("new System.Threading.Tasks.TaskCompletionSource<int>().TrySetResult(1)")]
    [InlineData("new System.Threading.CancellationTokenSource().Token.ThrowIfCancellationRequested()")]
    [InlineData("queue.CompleteAdding()")]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(list)")]
    [InlineData("System.Text.Json.JsonSerializer.Deserialize<int[]>(\"[1]\")")]
    [InlineData("System.Text.RegularExpressions.Regex.IsMatch(\"a\", \"b\")")]
    [InlineData("_ = System.Xml.Linq.XElement.Parse(\"<a/>\").ToString()")]
    [InlineData("_ = new System.Xml.XmlDocument().FirstChild")]
    [InlineData("stream.ReadAsync(bytes, 0, 1)")]
    [InlineData("new System.Net.Http.HttpResponseMessage().Dispose()")]
    [InlineData("_ = Environment.GetEnvironmentVariable(\"A\")")]
    [InlineData("_ = Guid.NewGuid()")]
    [InlineData("_ = System.Buffers.ArrayPool<byte>.Shared.Rent(1)")]
    public Task Member_ThatDoesNotWait_UnderASpinLock_IsSilent(string statement) =>
        RuleCase.CheckAsync($"void M({Parameters})\n{{\n    using (_lock.Hold())\n    {{\n        {statement};\n    }}\n}}");

    // TimeSpan is a structure: what it says of zero is not a constant of the language.
    [Theory]
    [InlineData("thread.Join({0})")]
    [InlineData("System.Threading.Monitor.TryEnter(gate, {0})")]
    [InlineData("modern.TryEnter({0})")]
    [InlineData("readers.TryEnterReadLock({0})")]
    [InlineData("readers.TryEnterWriteLock({0})")]
    [InlineData("readers.TryEnterUpgradeableReadLock({0})")]
    [InlineData("semaphore.Wait({0})")]
    [InlineData("semaphore.Wait({0}, default)")]
    [InlineData("gateSlim.Wait({0})")]
    [InlineData("signal.WaitOne({0})")]
    [InlineData("System.Threading.WaitHandle.WaitAny(new System.Threading.WaitHandle[] { signal }, {0})")]
    [InlineData("countdown.Wait({0})")]
    [InlineData("barrier.SignalAndWait({0})")]
    [InlineData("task.Wait({0})")]
    [InlineData("System.Threading.Tasks.Task.WaitAll(new[] { task }, {0})")]
    [InlineData("queue.TryAdd(1, {0})")]
    [InlineData("queue.TryTake(out _, {0})")]
    [InlineData("process.WaitForExit({0})")]
    [InlineData("System.Threading.SpinWait.SpinUntil(static () => true, {0})")]
    public async Task Wait_WithATimeSpan_WaitsUnlessItIsZero(string call)
    {
        string statement = call.Replace("{0}", "TimeSpan.Zero", System.StringComparison.Ordinal);
        await RuleCase.CheckAsync($"void M({Parameters})\n{{\n    using (_lock.Hold())\n    {{\n        {statement};\n    }}\n}}");
        statement = call.Replace("{0}", "TimeSpan.FromSeconds(1)", System.StringComparison.Ordinal);
        await RuleCase.CheckAsync($"void M({Parameters})\n{{\n    using (_lock.Hold())\n    {{\n        {{|MM1001:{statement}|}};\n    }}\n}}");
    }

    [Theory]
    [InlineData("timeout: default", "TimeSpan.FromTicks(1)")]
    [InlineData("default(TimeSpan)", "Timeout")]
    [InlineData("new TimeSpan()", "new TimeSpan(1)")]
    [InlineData("new TimeSpan(0)", "new TimeSpan(count)")]
    [InlineData("new TimeSpan(0, 0, 0)", "new TimeSpan(0, 0, 1)")]
    [InlineData("TimeSpan.FromMilliseconds(0)", "TimeSpan.FromMilliseconds(count)")]
    [InlineData("TimeSpan.FromSeconds(0.0)", "TimeSpan.FromSeconds(0.5)")]
    [InlineData("None", "TimeSpan.MaxValue")]
    [InlineData("zero", "given")]
    [InlineData("zero", "later")]
    public Task Duration_ThatIsZero_IsToldFromOthers(string zero, string other) => RuleCase.CheckAsync(
        $$"""
            static readonly TimeSpan None = TimeSpan.Zero;
            static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

            void M(System.Threading.SemaphoreSlim semaphore, TimeSpan given, int count)
            {
                var zero = TimeSpan.Zero;
                var later = TimeSpan.Zero;
                later += given;
                using (_lock.Hold())
                {
                    semaphore.Wait({{zero}}, System.Threading.CancellationToken.None);
                    {|MM1001:semaphore.Wait({{other}}, System.Threading.CancellationToken.None)|};
                }

                Use(zero, later);
            }

            static void Use(TimeSpan first, TimeSpan second) { }
        """);

    [Fact]
    public Task Duration_ThroughAMethodAndAnAnnotation_IsZeroWhereTheCallerSaysSo() => RuleCase.CheckAsync(
        """
            static bool Try(System.Threading.SemaphoreSlim semaphore, TimeSpan timeout = default) => semaphore.Wait(timeout);

            [Might<Sleep>(When = nameof(timeout), IsNot = 0), Trusted("primitive")]
            static void Poll(TimeSpan timeout) { }

            void M(System.Threading.SemaphoreSlim semaphore)
            {
                using (_lock.Hold())
                {
                    Try(semaphore);
                    Try(semaphore, TimeSpan.Zero);
                    {|MM1001:Try(semaphore, TimeSpan.FromSeconds(2))|};
                    Poll(TimeSpan.Zero);
                    {|MM1001:Poll(TimeSpan.FromSeconds(2))|};
                }
            }
        """);

    [Fact]
    public Task TaskAroundAnother_IsAsCompleteAsThat() => RuleCase.CheckAsync(
        """
            int Wrap(System.Threading.Tasks.Task<int> task)
            {
                using (_lock.Hold())
                    return {|MM1001:new System.Threading.Tasks.ValueTask<int>(task).Result|};
            }
        """);

    [Theory]
    [InlineData("promise.IsCompleted ? promise.GetAwaiter().GetResult() : 0", "promise.IsCompleted ? 0 : {|MM1001:promise.GetAwaiter().GetResult()|}")]
    [InlineData("promise.Status == System.Threading.Tasks.TaskStatus.RanToCompletion ? promise.Result : 0", "promise.Status != System.Threading.Tasks.TaskStatus.Running ? {|MM1001:promise.Result|} : 0")]
    [InlineData("System.Threading.Tasks.TaskStatus.Faulted != promise.Status ? 0 : promise.Result", "promise.Status != System.Threading.Tasks.TaskStatus.RanToCompletion ? {|MM1001:promise.Result|} : 0")]
    [InlineData("promise is { Status: System.Threading.Tasks.TaskStatus.RanToCompletion } ? promise.Result : 0", "promise is { Status: System.Threading.Tasks.TaskStatus.Created } ? {|MM1001:promise.Result|} : 0")]
    [InlineData("promise is { IsCompletedSuccessfully: true } ? promise.Result : 0", "promise is { IsCompletedSuccessfully: false } ? {|MM1001:promise.Result|} : 0")]
    [InlineData("promise is { IsCompleted: true, IsFaulted: false } ? promise.Result : 0", "promise is { IsFaulted: false } ? {|MM1001:promise.Result|} : 0")]
    [InlineData("promise is not { IsCompleted: true } ? 0 : promise.Result", "promise is not { IsCompleted: false } ? 0 : {|MM1001:promise.Result|}")]
    [InlineData("promise switch { { IsCompleted: true } => promise.Result, _ => 0 }", "promise switch { { IsCompleted: true } => 0, _ => {|MM1001:promise.Result|} }")]
    public Task Result_BehindAPropertyPattern_WaitsUnlessItSaysThatTheTaskIsComplete(string quiet, string waiting) => RuleCase.CheckAsync(
        $$"""
            int M(System.Threading.Tasks.Task<int> promise)
            {
                using (_lock.Hold())
                {
                    return {{quiet}};
                }
            }

            int N(System.Threading.Tasks.Task<int> promise)
            {
                using (_lock.Hold())
                {
                    return {{waiting}};
                }
            }
        """);

    [Fact]
    public Task Sleep_TwoCallsDeep_IsReportedWhereTheLockIs() => RuleCase.CheckAsync(
        """
            void M()
            {
                bool taken = false;
                var spin = new System.Threading.SpinLock();
                spin.Enter(ref taken);
                {|MM1001:Save()|};
                spin.Exit();
                Save();
            }

            void Save() => Write();

            void Write() => System.Threading.Thread.Sleep(1);
        """);

    [Fact]
    public Task LockStatement_UnderASpinLock_IsReported() => RuleCase.CheckAsync(
        """
            void M(object gate)
            {
                using (_lock.Hold())
                {
                    lock ({|MM1001:gate|}) _count++;
                }
            }
        """);

    [Fact]
    public Task Override_InSource_DoesWhatItsBodyDoes() => RuleCase.CheckAsync(
        """
            sealed class Zeroes : System.IO.MemoryStream
            {
                public override int Read(byte[] buffer, int offset, int count) { buffer[offset] = 0; return 1; }
                public override void Flush() => System.Threading.Thread.Sleep(1);
            }

            void M(Zeroes zeroes, byte[] bytes)
            {
                using (_lock.Hold())
                {
                    zeroes.Read(bytes, 0, 1);
                    {|MM1001:zeroes.Flush()|};
                }
            }
        """);

    [Fact]
    public Task ShortLock_InAnNmi_IsReportedAsSpinning() => RuleCase.CheckAsync(
        """
            [RunsIn<Nmi>]
            void M(System.Collections.Concurrent.ConcurrentDictionary<int, int> map)
            {
                {|MM1005:map.TryAdd(1, 2)|};
                map.TryGetValue(1, out _);
            }
        """);

    [Theory]
    [InlineData("spin.SpinOnce(-1)")]
    [InlineData("{|MM1005:semaphore.Wait(0)|}")]
    [InlineData("{|MM1005:semaphore.Wait(TimeSpan.Zero)|}")]
    [InlineData("{|MM1005:modern.TryEnter(0)|}")]
    [InlineData("{|MM1005:readers.TryEnterReadLock(0)|}")]
    [InlineData("{|MM1005:queue.TryTake(out _, 0)|}")]
    [InlineData("System.Threading.Monitor.TryEnter(gate, 0)")]
    [InlineData("{|MM1001:semaphore.Wait(5)|}")]
    [InlineData("gateSlim.Wait(0)")]
    [InlineData("System.Threading.Thread.SpinWait(20)")]
    public Task Try_InAnNmi_SpinsWhereItTakesALockInsideTheLibrary(string statement) => RuleCase.CheckAsync(
        $$"""
            [RunsIn<Nmi>]
            void M({{Parameters}})
            {
                {{statement}};
            }

            void Elsewhere({{Parameters}})
            {
                using (_lock.Hold()) { {{statement.Replace("{|MM1005:", "", System.StringComparison.Ordinal).Replace(statement.Contains("MM1005", System.StringComparison.Ordinal) ? "|}" : "none", "", System.StringComparison.Ordinal)}}; }
            }
        """);

    [Fact]
    public Task ProcessWideBarrier_WithInterruptsOff_IsReportedAsCrossCall() => RuleCase.CheckAsync(
        """
            [RunsIn<IrqOff>]
            void M()
            {
                {|MM1005:System.Threading.Interlocked.MemoryBarrierProcessWide()|};
                System.Threading.Interlocked.MemoryBarrier();
            }
        """);
}
