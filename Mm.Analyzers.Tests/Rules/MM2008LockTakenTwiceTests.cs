using System.Threading.Tasks;
using VerifyXunit;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM2008LockTakenTwiceTests
{
    [Fact]
    public Task Direct_TakenAgain_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                {|MM2008:_lock.Acquire()|};
                _lock.Release();
                _lock.Release();
            }

            void Right()
            {
                _lock.Acquire();
                _lock.Release();
                _lock.Acquire();
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_GuardInsideItsOwn_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                using (_lock.Hold())
                using ({|MM2008:_lock.HoldIrqSave()|})
                {
                    _count++;
                }
            }

            void Right()
            {
                using (_lock.Hold())
                using (_other.HoldIrqSave())
                {
                    _count++;
                }

                using (_lock.Hold())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_LocksOfTwoObjects_AreTwoLocks() => RuleCase.CheckAsync(
        """
            void Right(Case left, Case right)
            {
                using (left._lock.Hold())
                using (right._lock.Hold())
                {
                    _count++;
                }
            }

            void Wrong(Case one)
            {
                using (one._lock.Hold())
                using ({|MM2008:one._lock.Hold()|})
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_TryOnALockThatIsHeld_IsSilent() => RuleCase.CheckAsync(
        """
            void Right()
            {
                using (_lock.Hold())
                {
                    if (_lock.TryAcquire())
                    {
                        _lock.Release();
                    }
                }
            }

            void Wrong()
            {
                if (_lock.TryAcquire())
                {
                    {|MM2008:_lock.Acquire()|};
                    _lock.Release();
                    _lock.Release();
                }
            }

            void Failed()
            {
                if (!_lock.TryAcquire())
                {
                    _lock.Acquire();
                }

                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_OtherNamesOfTheLock_AreSeenThrough() => RuleCase.CheckAsync(
        """
            TicketLock Own { get; } = new();
            TicketLock Shown => _lock;

            void ByLocal()
            {
                var same = _lock;
                same.Acquire();
                {|MM2008:_lock.Acquire()|};
                _lock.Release();
                same.Release();
            }

            void ByGetter()
            {
                Shown.Acquire();
                {|MM2008:_lock.Acquire()|};
                _lock.Release();
                _lock.Release();
            }

            void ByProperty()
            {
                Own.Acquire();
                {|MM2008:Own.Acquire()|};
                Own.Release();
                Own.Release();
            }

            void ByChoice(bool first)
            {
                var one = first ? _lock : _other;
                one.Acquire();
                one.Release();
                _lock.Acquire();
                _lock.Release();
            }
        """);

    [Fact]
    public Task Direct_CountedSections_MayNest() => RuleCase.CheckAsync(
        """
            void Right()
            {
                using (Rcu.Read())
                using (Rcu.Read())
                using (Preemption.Off())
                using (Preemption.Off())
                using (Interrupts.Off())
                using (Interrupts.Off())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_SpinLockOfTheFramework_IsReported() => RuleCase.CheckAsync(
        """
            System.Threading.SpinLock _gate;

            void Wrong()
            {
                bool first = false, second = false;
                _gate.Enter(ref first);
                {|MM2008:_gate.Enter(ref second)|};
                _gate.Exit();
                _gate.Exit();
            }

            void Right()
            {
                bool taken = false;
                _gate.Enter(ref taken);
                _gate.Exit();
            }
        """);

    [Fact]
    public Task Direct_WhatConditionsExclude_IsSilent() => RuleCase.CheckAsync(
        """
            void Either(bool first)
            {
                if (first) _lock.Acquire(); else _other.Acquire();
                _count++;
                if (first) _lock.Release(); else _other.Release();
                _lock.Acquire();
                _lock.Release();
            }

            void Update(bool isLocked)
            {
                if (!isLocked) _lock.Acquire();
                _count++;
                if (!isLocked) _lock.Release();
            }

            void Right()
            {
                _lock.Acquire();
                Update(true);
                _lock.Release();
            }

            void Wrong()
            {
                _lock.Acquire();
                {|MM2008:Update(false)|};
                _lock.Release();
            }
        """);

    // An object that gives out guards of contexts which have nothing to do with each other has more than one lock.
    [Fact]
    public Task Object_WithALockForEachContext_HasSeveral() => AnalyzerTest.CheckAsync(
        """
        [Implies<SpinLockHeld>] readonly struct QueueLocked : IContext { }
        [Implies<SpinLockHeld>] readonly struct TableLocked : IContext { }
        [Scope<QueueLocked>] readonly ref struct QueueGuard { public void Dispose() { } }
        [Scope<TableLocked>] readonly ref struct TableGuard { public void Dispose() { } }

        class Store
        {
            int _count;
            QueueGuard Queue() => default;
            TableGuard Table() => default;
            void Count() { using (Table()) _count++; }
            void Both() { using (Queue()) using (Table()) _count++; }
            void Deep() { using (Queue()) Count(); }
            void Twice() { using (Queue()) using ({|MM2008:Queue()|}) _count++; }
            void TwiceDeep() { using (Table()) {|MM2008:Count()|}; }
        }
        """);

    [Fact]
    public async Task Message_DirectAndDeep_NamesLockAndPath() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void Direct()
            {
                _lock.Acquire();
                {|MM2008:_lock.Acquire()|};
                _lock.Release();
                _lock.Release();
            }

            void Deep()
            {
                using (_lock.Hold())
                {
                    {|MM2008:Middle()|};
                }
            }

            void Middle() => Inner();

            void Inner()
            {
                using (_lock.Hold())
                {
                    _count++;
                }
            }
        """));
}
