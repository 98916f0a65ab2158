using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM2008LockTakenTwiceTests
{
    [Fact]
    public Task Deep_OwnMethodTakesTheLock_IsReportedAtTheCall() => RuleCase.CheckAsync(
        """
            void Inner() { using (_lock.Hold()) _count++; }
            void Middle() => Inner();

            void Wrong(Case same)
            {
                using (_lock.Hold()) {|MM2008:Middle()|};
                using (same._lock.Hold()) {|MM2008:same.Middle()|};
            }

            void Right(Case different)
            {
                using (_lock.Hold()) different.Middle();
                Middle();
            }
        """);

    [Fact]
    public Task Deep_HelperDropsAndRetakes_IsSilent() => RuleCase.CheckAsync(
        """
            void Right()
            {
                _lock.Acquire();
                WithoutLock();
                _lock.Release();
            }

            void WithoutLock()
            {
                _lock.Release();
                Scheduler.Schedule();
                _lock.Acquire();
            }

            void Wrong()
            {
                _lock.Acquire();
                {|MM2008:WithLock()|};
                _lock.Release();
            }

            void WithLock()
            {
                _lock.Acquire();
                _count++;
                _lock.Release();
            }
        """);

    [Fact]
    public Task Deep_LockAsParameter_IsThatOfTheCaller() => RuleCase.CheckAsync(
        """
            static void Touch(TicketLock one) { one.Acquire(); one.Release(); }
            static void Both(TicketLock left, TicketLock right) { using (left.Hold()) using (right.Hold()) { } }

            void Wrong()
            {
                using (_lock.Hold()) {|MM2008:Touch(_lock)|};
                {|MM2008:Both(_other, _other)|};
            }

            void Right(Case different)
            {
                using (_lock.Hold()) Touch(_other);
                Both(_lock, different._lock);
            }
        """);

    [Fact]
    public Task Deep_WrappersThatEnterAndLeave_AreSeenThrough() => RuleCase.CheckAsync(
        """
            [Enters<SpinLockHeld>] void Begin() => _lock.Acquire();
            [Leaves<SpinLockHeld>] void End() => _lock.Release();
            TicketGuard Enter() => _lock.Hold();
            void Inner() { using (_lock.Hold()) _count++; }

            void Wrong()
            {
                Begin();
                {|MM2008:Inner()|};
                End();
                using (Enter()) {|MM2008:Inner()|};
            }

            void Right()
            {
                Begin();
                _other.Acquire();
                End();
                _other.Release();
                Inner();
            }
        """);

    [Fact]
    public Task Virtual_OverrideTakesTheLockOfTheBase_IsReported() => AnalyzerTest.CheckAsync(
        """
        abstract class Device
        {
            protected readonly TicketLock Gate = new();
            protected abstract void Step();
            public void Run() { using (Gate.Hold()) {|MM2008:Step()|}; }
        }

        class Disk : Device
        {
            protected override void Step() { using (Gate.Hold()) { } }
        }

        abstract class Quiet
        {
            protected readonly TicketLock Gate = new();
            protected abstract void Step();
            public void Run() { using (Gate.Hold()) Step(); }
        }

        class Tape : Quiet
        {
            readonly TicketLock _own = new();
            protected override void Step() { using (_own.Hold()) { } }
        }
        """);

    [Fact]
    public Task Finally_TakesTheLockThatItIsToRelease_IsReported() => RuleCase.CheckAsync(
        """
            void Inner() { using (_lock.Hold()) _count++; }

            void Wrong()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM2008:Inner()|};
                    _lock.Release();
                }
            }

            void Right()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    _lock.Release();
                    Inner();
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedUnderTheLock_IsReported() => RuleCase.CheckAsync(
        """
            void Run(Action action) => action();
            void UnderLock(Action action) { using (_lock.Hold()) action(); }
            void UnderAcquired(Action action) { _lock.Acquire(); action(); _lock.Release(); }

            void Wrong()
            {
                using (_lock.Hold()) {|MM2008:Run(() => { _lock.Acquire(); _lock.Release(); })|};
                {|MM2008:UnderLock(() => { using (_lock.Hold()) _count++; })|};
            }

            void Right()
            {
                using (_lock.Hold()) Run(() => _count++);
                UnderLock(() => _count++);
                UnderAcquired(() => { _lock.Release(); _lock.Acquire(); });
                Run(() => { using (_lock.Hold()) _count++; });
            }
        """);

    [Fact]
    public Task Recursion_UnderTheLock_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong(int depth)
            {
                using (_lock.Hold())
                {
                    if (depth > 0) {|MM2008:Wrong(depth - 1)|};
                }
            }

            void Right(int depth)
            {
                using (_lock.Hold()) _count++;
                if (depth > 0) Right(depth - 1);
            }
        """);

    [Fact]
    public Task Loop_LocksOfElements_AreDifferentEachTurn() => AnalyzerTest.CheckAsync(
        """
        class Node
        {
            public readonly TicketLock Gate = new();
            public Node? Next;
        }

        class List
        {
            readonly TicketLock[] _gates = new TicketLock[4];
            readonly TicketLock _lock = new();

            void Walk(Node? head)
            {
                for (var node = head; node != null; node = node.Next)
                {
                    node.Gate.Acquire();
                    node.Gate.Release();
                }
            }

            void HandOverHand(Node head)
            {
                var node = head;
                node.Gate.Acquire();
                while (node.Next is { } next)
                {
                    next.Gate.Acquire();
                    node.Gate.Release();
                    node = next;
                }

                node.Gate.Release();
            }

            void TwoOfAnArray(int i, int j)
            {
                using (_gates[i].Hold())
                using (_gates[j].Hold())
                {
                }
            }

            void All()
            {
                foreach (var gate in _gates) gate.Acquire();
                foreach (var gate in _gates) gate.Release();
            }

            void Wrong(int turns)
            {
                _lock.Acquire();
                for (var i = 0; i < turns; i++) {|MM2008:Inner()|};
                _lock.Release();
            }

            void Inner() { using (_lock.Hold()) { } }
        }
        """);

    [Fact]
    public Task State_BooleanThatSaysWhoHoldsIt_IsTrusted() => RuleCase.CheckAsync(
        """
            bool _isOwned;

            void Right()
            {
                _lock.Acquire();
                _isOwned = true;
                Touch();
                _isOwned = false;
                _lock.Release();
            }

            void Touch()
            {
                if (!_isOwned)
                {
                    _lock.Acquire();
                    _count++;
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Guard_ThatWasToldOfNoLock_IsNoneTakenTwice() => RuleCase.CheckAsync(
        """
            Section Enter() => new();

            void Right()
            {
                using (Enter()) using (Enter()) _count++;
            }
        }

        [Scope<SpinLockHeld>]
        sealed class Section : IDisposable
        {
            public void Dispose() { }
        """);

    [Fact]
    public Task Direct_OneOfSeveralByItsNumber_IsSilent() => RuleCase.CheckAsync(
        """
            Stripes _stripes = new();

            void Right(int from, int to)
            {
                using (_stripes.Hold(from)) using (_stripes.Hold(to)) _count++;
                using (_stripes[from]) using (_stripes[to]) _count++;
            }

            void Wrong()
            {
                using (_stripes.HoldAll()) using ({|MM2008:_stripes.HoldAll()|}) _count++;
            }
        }

        [Scope<SpinLockHeld>] readonly ref struct Stripe { public void Dispose() { } }

        class Stripes
        {
            public Stripe Hold(int index) => default;
            public Stripe this[int index] => default;
            public Stripe HoldAll() => default;
        """);

    [Fact]
    public Task Direct_MemberForbiddenThereBecauseItTakesTheLock_IsThatOnly() => RuleCase.CheckAsync(
        """
            [ForbiddenIn<SpinLockHeld>]
            void Bump() { using (_lock.Hold()) _count++; }

            void Bump2() { using (_lock.Hold()) _count++; }

            void Wrong()
            {
                using (_lock.Hold()) {|MM1007:Bump()|};
                using (_lock.Hold()) {|MM2008:Bump2()|};
            }
        """);

    [Fact]
    public Task Increment_OfAPropertyWhoseAccessorsTakeTheLock_IsOneCause() => RuleCase.CheckAsync(
        """
            int Size
            {
                get { using (_lock.Hold()) return _count; }
                set { using (_lock.Hold()) _count = value; }
            }

            int Written
            {
                get => _count;
                set { using (_lock.Hold()) _count = value; }
            }

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM2008:Size|}++;
                    {|MM2008:Written++|};
                }
            }
        """);
}
