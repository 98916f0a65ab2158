using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>.NET's own regions, which an option makes contexts: locks, async methods, callbacks from native code, finalizers.</summary>
public class RegionTests
{
    [Fact]
    public Task Lock_NoWaits_ReportsWaitsAndNoLocks() => CheckAsync(
        "mm_lock_rules", "no_waits",
        """
        class Case
        {
            readonly object _gate = new();
            readonly object _inner = new();
            int _count;

            void Wrong(Task task)
            {
                lock (_gate)
                {
                    {|MM1005:Thread.Sleep(1)|};
                    {|MM1005:task.Wait()|};
                    {|MM1005:File.ReadAllText("a")|};
                    {|MM1005:Deep()|};
                }
            }

            void ByHand()
            {
                bool taken = false;
                try
                {
                    Monitor.Enter(_gate, ref taken);
                    {|MM1005:Thread.Sleep(1)|};
                }
                finally
                {
                    if (taken) Monitor.Exit(_gate);
                }

                if (!Monitor.TryEnter(_gate)) return;
                {|MM1005:Thread.Sleep(1)|};
                Monitor.Exit(_gate);
                Thread.Sleep(1);
            }

            void Deep() => Deeper();
            void Deeper() => Thread.Sleep(1);

            object Right(Task task)
            {
                Thread.Sleep(1);
                lock (_gate)
                {
                    _count++;
                    lock (_inner) _count++;
                    return new object();
                }
            }

            void Condition()
            {
                lock (_gate)
                {
                    while (_count == 0) Monitor.Wait(_gate);
                    Monitor.PulseAll(_gate);
                }

                lock (_gate)
                lock (_inner)
                {
                    {|MM1005:Monitor.Wait(_inner)|};
                }
            }

            void OnlyEntered() => Monitor.Enter(_gate);
            void OnlyLeft() => Monitor.Exit(_gate);
            void Maybe(bool really) { if (really) Monitor.Enter(_gate); _count++; if (really) Monitor.Exit(_gate); }
        }
        """);

    [Fact]
    public Task Lock_NoLocks_ReportsTheInnerOne() => CheckAsync(
        "mm_lock_rules", "no_locks,no_allocations",
        """
        class Case
        {
            readonly object _gate = new();
            readonly object _inner = new();
            readonly ReaderWriterLockSlim _readers = new();

            object Wrong()
            {
                lock (_gate)
                {
                    lock ({|MM1005:_inner|}) { }
                    {|MM1005:_readers.EnterReadLock()|};
                    Thread.Sleep(1);
                    return {|MM1004:new object()|};
                }
            }
        }
        """);

    [Fact]
    public Task Lock_OfTheNewKind_IsARegionToo() => CheckAsync(
        "mm_lock_rules", "no_waits",
        """
        #nullable enable
        class Case
        {
            readonly Lock _gate = new();

            void Wrong()
            {
                lock (_gate) {|MM1005:Thread.Sleep(1)|};
                Thread.Sleep(1);
                lock (_gate) { if (_gate.IsHeldByCurrentThread) return; {|MM1005:Thread.Sleep(1)|}; }
                Thread.Sleep(1);
                using (_gate.EnterScope()) {|MM1005:Thread.Sleep(1)|};
                _gate.Enter();
                {|MM1005:Thread.Sleep(1)|};
                _gate.Exit();
                Thread.Sleep(1);
            }
        }
        """);

    [Fact]
    public Task Async_NoWaits_ReportsWhatBlocksAndNotAwait() => CheckAsync(
        "mm_async_rules", "no_waits",
        """
        class Case
        {
            readonly object _gate = new();

            async Task<int> Wrong(Task<int> task)
            {
                {|MM1005:Thread.Sleep(1)|};
                await Task.Delay(1).ConfigureAwait(false);
                {|MM1005:File.ReadAllText("a")|};
                {|MM1005:Deep()|};
                await Local();
                return {|MM1005:task.Result|};

                async Task Local() { await Task.Yield(); {|MM1005:Thread.Sleep(1)|}; }
            }

            void InALambda() { Func<Task> later = async () => { await Task.Yield(); {|MM1005:Thread.Sleep(1)|}; }; later(); }

            void Deep() => Thread.Sleep(1);

            async Task<int> All(Task<int> left, Task<int> other)
            {
                var right = Task.Run(() => 1);
                await Task.WhenAll(left, right).ConfigureAwait(false);
                return left.Result + right.Result + {|MM1005:other.Result|};
            }

            async Task<int> Right(Task<int> task)
            {
                await task;
                lock (_gate) { }
                await Task.Run(() => Thread.Sleep(1));
                await Task.Run(Deep);
                return task.Result;
            }

            void NotAsync() => Thread.Sleep(1);
        }
        """);

    [Fact]
    public Task Async_NoBlocking_ReportsLocksToo() => CheckAsync(
        "mm_async_rules", "no_blocking",
        """
        class Case
        {
            readonly object _gate = new();
            readonly SemaphoreSlim _semaphore = new(1);

            async Task Wrong()
            {
                lock ({|MM1005:_gate|}) { }
                await Task.Yield();
                {|MM1005:_semaphore.Wait()|};
            }

            async Task Right()
            {
                await _semaphore.WaitAsync();
                _semaphore.Release();
            }
        }
        """);

    [Fact]
    public Task Callback_NoBlockingAndNoAllocations_IsHeldToBoth() => CheckAsync(
        "mm_unmanaged_callers_rules", "no_blocking, no_allocations",
        """
        static unsafe class Case
        {
            static readonly object s_gate = new();
            static float[] s_samples = new float[64];

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            static void Wrong(float* block, int count)
            {
                lock ({|MM1005:s_gate|}) { }
                {|MM1004:Fill(count)|};
                {|MM1005:Thread.Sleep(1)|};
            }

            static void Fill(int count) => s_samples = new float[count];

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            static void Right(float* block, int count)
            {
                for (int i = 0; i < count; i++) block[i] = s_samples[i];
            }

            static void Managed() => Thread.Sleep(1);
        }
        """);

    [Fact]
    public Task Finalizer_NoWaits_IsHeldToIt() => CheckAsync(
        "mm_finalizer_rules", "no_waits",
        """
        class Wrong
        {
            readonly Task _worker = Task.CompletedTask;
            ~Wrong() => {|MM1005:Dispose(false)|};
            public void Dispose() { Dispose(true); GC.SuppressFinalize(this); }
            void Dispose(bool disposing) => _worker.Wait();
        }

        class Right
        {
            readonly Task _worker = Task.CompletedTask;
            ~Right() => Dispose(false);
            public void Dispose() { Dispose(true); GC.SuppressFinalize(this); }
            void Dispose(bool disposing) { if (disposing) _worker.Wait(); }
            public static Right operator +(Right left, Right right) { Thread.Sleep(1); return left; }
        }
        """);

    [Fact]
    public Task SpinLock_Documented_ReportsEachOfItsRules() => CheckAsync(
        "mm_spinlock_rules", "documented",
        """
        interface IStore { void Put(int value); }
        sealed class Store : IStore { public int Last; public void Put(int value) => Last = value; public override string ToString() => ""; }

        public class Case
        {
            SpinLock _gate = new(false);
            SpinLock _second = new(false);
            readonly IStore _store = new Store();
            readonly Store _exact = new();
            readonly System.Collections.Generic.List<int> _list = new(4);
            readonly int[] _numbers = new int[4];
            public Func<int> Given = () => 0;

            object? Wrong()
            {
                bool taken = false, other = false;
                object? made = null;
                try
                {
                    _gate.Enter(ref taken);
                    made = {|MM1004:new object()|};
                    {|MM1005:_second.Enter(ref other)|};
                    {|MM1005:_store.Put(1)|};
                    {|MM1005:Deep()|};
                    {|MM1009:Given()|};
                    {|MM1004:_list.Add(1)|};
                    {|MM1001:Thread.Sleep(1)|};
                }
                finally
                {
                    if (other) _second.Exit();
                    if (taken) _gate.Exit();
                }

                return made;
            }

            void Deep() => _store.Put(2);

            int Right()
            {
                bool taken = false;
                object before = new object();
                _store.Put(1);
                Given();
                try
                {
                    _gate.Enter(ref taken);
                    _exact.Put(3);
                    _numbers[0]++;
                    return _list.Count;
                }
                finally
                {
                    if (taken) _gate.Exit();
                }
            }
        }
        """);

    [Fact]
    public Task SpinLock_Blocking_IsWhatItIsWithoutTheOption() => CheckAsync(
        "mm_spinlock_rules", "blocking",
        """
        class Case
        {
            SpinLock _gate = new(false);
            SpinLock _second = new(false);

            object? M(IDisposable store)
            {
                bool taken = false, other = false;
                object? made = null;
                _gate.Enter(ref taken);
                made = new object();
                _second.Enter(ref other);
                store.Dispose();
                _second.Exit();
                _gate.Exit();
                return made;
            }
        }
        """);

    [Fact]
    public Task SpinLock_OfOnesOwn_IsNotHeldToTheRulesOfAnother() => CheckAsync(
        "mm_spinlock_rules", "documented",
        """
        class Case
        {
            readonly TicketLock _lock = new();

            object M(IDisposable store)
            {
                using (_lock.Hold())
                {
                    store.Dispose();
                    return new object();
                }
            }
        }
        """);

    [Fact]
    public Task NoGc_None_TrustsTheBudget() => CheckAsync(
        "mm_nogc_rules", "none",
        """
        class Case
        {
            object M()
            {
                GC.TryStartNoGCRegion(1000);
                object made = new();
                GC.EndNoGCRegion();
                return made;
            }

            [RunsIn<NoGc>] object Declared() => {|MM1004:new object()|};
        }
        """);

    [Fact]
    public Task NoOption_OrdinaryCode_IsSilent() => new AnalyzerTest(Prelude +
        """
        class Case
        {
            readonly object _gate = new();
            void M(Task task) { lock (_gate) { Thread.Sleep(1); task.Wait(); } }
            async Task N() { Thread.Sleep(1); await Task.Yield(); }
            ~Case() => Thread.Sleep(1);
        }
        """).CheckAsync();

    private const string Prelude = "using System;\nusing System.IO;\nusing System.Threading;\nusing System.Threading.Tasks;\n";

    private static Task CheckAsync(string option, string value, string code) => new AnalyzerTest(Prelude + code) { Options = { [option] = value } }.CheckAsync();
}
