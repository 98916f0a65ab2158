using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.KnownGaps;

/// <summary>
/// Today's behaviour for each entry of docs/known-gaps.md: the first word of a name is the entry's. A test that fails because a gap
/// has closed is good news; then the entry goes, and the test moves to its rule.
/// </summary>
public partial class KnownGapTests
{
    private const string Latch =
        """
            [Scope<SpinLockHeld>]
            sealed class Latch : IDisposable { public void Dispose() { } }

            static Latch Take() => new Latch();

        """;

    [Fact]
    public Task FlagsInAnObject_StoredByAnotherMethod_AreNotJudged() => RuleCase.CheckAsync(
        """
            sealed class Request { public Gfp Flags; }

            void M(Request request)
            {
                Fill(request);
                using (_lock.Hold())
                {
                    Slab.Allocate(8, request.Flags);
                }
            }

            static void Fill(Request request) => request.Flags = Gfp.Kernel;
        """);

    [Fact]
    public Task FlagsSetByScope_Section_ChangesNothing() => RuleCase.CheckAsync(
        """
            readonly ref struct NonBlockingSection { public void Dispose() { } }

            void M()
            {
                using (new NonBlockingSection())
                using (_lock.Hold())
                {
                    {|MM1003:Slab.Allocate(8, Gfp.Kernel)|};
                }
            }
        """);

    [Fact]
    public Task CorrelationByObjectState_LockedInOneState_IsReportedInBoth() => RuleCase.CheckAsync(
        """
            bool _isShared;

            void Begin()
            {
                if (_isShared) _lock.Acquire();
            {|MM2001:}|}

            void End()
            {
                if (_isShared) {|MM2002:_lock.Release()|};
            }
        """);

    [Fact]
    public Task LastPut_EveryPut_CountsAsSleeping() => RuleCase.CheckAsync(
        """
            int _references = 2;

            void Put()
            {
                if (--_references == 0) Scheduler.Schedule();
            }

            void M()
            {
                _references += 1;
                using (_lock.Hold())
                {
                    {|MM1001:Put()|};
                }
            }
        """);

    [Fact]
    public Task LockIdentity_AnyLockOfTheKind_MeetsTheRequirement() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>]
            void ChangeUnderLock() => _count++;

            void M()
            {
                using (_other.Hold())
                {
                    ChangeUnderLock();
                }
            }
        """);

    [Fact]
    public Task LockClasses_ElementsOfAnArray_AreOneLock() => RuleCase.CheckAsync(
        """
            readonly TicketLock[] _locks = { new(), new() };

            void M()
            {
                _locks[0].Acquire();
                _count++;
                _locks[1].Release();
            }
        """);

    [Fact]
    public Task GuardsInFields_NeverDisposed_AreSilent() => RuleCase.CheckAsync(
        Latch +
        """
            Latch? _kept;

            [Enters<SpinLockHeld>]
            void Begin() => _kept = Take();

            void End() => _kept?.Dispose();
        """);

    [Fact]
    public Task Exceptions_FromACallee_OweNoRelease() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                Check();
                _lock.Release();
            }

            void Check()
            {
                if (_count < 0) throw new InvalidOperationException();
            }
        """);

    [Fact]
    public Task LoopsThatLeave_BehindOne_TheDepthIsUnknown() => RuleCase.CheckAsync(
        """
            void M(int[] numbers)
            {
                foreach (int number in numbers)
                {
                    _lock.Acquire();
                }

                foreach (int number in numbers)
                {
                    _lock.Release();
                }

                Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task ChoicesBetweenNumbers_OfTheCaller_AreNotKept() => RuleCase.CheckAsync(
        """
            static void Wait(int a, int b, int n) { int t = n > 3 ? a : b; if (t != 0) Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Wait(0, 3, 5)|};
                }
            }
        """);

    [Fact]
    public Task ArithmeticOnConditions_OneThatImpliesTheOther_IsNotUsed() => RuleCase.CheckAsync(
        """
            void M(int n, int m)
            {
                if (n > m) _lock.Acquire();
                _count++;
                if (n > m + 1)
                {
                    {|MM2002:_lock.Release()|};
                    return;
                }

                if (n > m) _lock.Release();
            }
        """);

    [Fact]
    public Task VariablesOfTwoBodies_ThatALocalFunctionSets_TellNothing() => RuleCase.CheckAsync(
        """
            void M()
            {
                bool held = false;
                void Take() { _lock.Acquire(); held = true; }
                if (Ready()) Take();
                {|MM2003:_count++;|}
                if (held) _lock.Release();
            }
        """);

    [Fact]
    public Task LoopsThatDoNotRun_ForACaller_CountForIt() => RuleCase.CheckAsync(
        """
            void Several(int n) { while (n-- > 0) Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold()) {|MM1001:Several(0)|};
            }
        """);

    [Fact]
    public Task ObjectsOfOneClass_WithUnlikeDelegates_AreOne() => AnalyzerTest.CheckAsync(
        """
        using System;
        using System.Collections.Generic;

        sealed class Command
        {
            readonly Action _run;
            public Command(Action run) => _run = run;
            public void Run() => _run();
        }

        sealed class Once(Action run)
        {
            int _runs;

            public void Run()
            {
                if (_runs++ > 0) return;
                run();
            }
        }

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Stack<Command> _quick = new();
            readonly Command _slow = new(static () => Scheduler.Schedule());

            void M()
            {
                _quick.Push(new Command(static () => { }));
                _slow.Run();
                using (_lock.Hold()) {|MM1001:_quick.Pop().Run()|};
            }

            void N()
            {
                _lock.Acquire();
                var release = new Once(() => _lock.Release());
                release.Run();
            {|MM2001:}|}
        }
        """);

    [Fact]
    public Task CopiesOfStructs_WithAStructThatAMethodFilled_AreUnknown() => RuleCase.CheckAsync(
        """
            struct Request { public Gfp Flags; }
            struct Command { public Request Request; }
            static void Fill(ref Command command) => command.Request.Flags = Gfp.Kernel;

            void M()
            {
                Command first = default;
                Fill(ref first);
                using (_lock.Hold())
                {
                    Slab.Allocate(64, first.Request.Flags);
                }
            }
        """);

    [Fact]
    public Task TrustedBodies_ThatDoOtherwise_AreBelieved() => RuleCase.CheckAsync(
        """
            [Never<Sleep>, Trusted("it is said to be so")]
            void Claimed() => Scheduler.Schedule();

            void M()
            {
                using (_lock.Hold())
                {
                    Claimed();
                }
            }
        """);

    [Fact]
    public Task ConditionsAlone_BodyThatKeepsThemNot_IsBelieved() => RuleCase.CheckAsync(
        """
            [Might<Sleep>(When = nameof(wait), Is = true)]
            void Claimed(bool wait) => Scheduler.Schedule();

            [Never<Sleep>, Might<Sleep>(When = nameof(wait), Is = true)]
            void Checked(bool wait) => {|MM3003:Scheduler.Schedule()|};

            void M()
            {
                using (_lock.Hold())
                {
                    Claimed(false);
                    {|MM1001:Claimed(true)|};
                    Checked(false);
                }
            }
        """);

    [Fact]
    public Task Catalogue_MemberThatItDoesNotList_HasNoEffect() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    _ = System.Net.Dns.GetHostName();
                }
            }
        """);

    [Fact]
    public Task ContextsFollowCode_GuardOnAnotherThread_IsSilent() => RuleCase.CheckAsync(
        Latch +
        """
            static void Elsewhere(Latch latch) => new System.Threading.Thread(() => latch.Dispose()).Start();
        """);

    [Fact]
    public Task TooManyAlternatives_SideBySide_LoseACorrelation() => RuleCase.CheckAsync(
        """
            void M(bool a, bool b, bool c, bool d, bool e)
            {
                if (a) _lock.Acquire();
                if (b) Rcu.EnterRead();
                if (c) PageFaults.Disable();
                if (d) Preemption.Disable();
                if (e) Interrupts.Disable();
                _count++;
                if (e) Interrupts.Enable();
                if (d) Preemption.Enable();
                if (c) PageFaults.Enable();
                if (b) Rcu.ExitRead();
                if (a) _lock.Release();
            {|MM2001:}|}
        """);
}
