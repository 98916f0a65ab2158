using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM1008MissingContextTests
{
    private const string Push =
        """
            [Requires<SpinLockHeld>]
            void Push() => _count++;

        """;

    [Fact]
    public Task Direct_OutsideTheContext_IsReported() => RuleCase.CheckAsync(
        Push +
        """
            void M()
            {
                {|MM1008:Push()|};
                using (_lock.Hold())
                {
                    Push();
                }

                {|MM1008:Push()|};
            }
        """);

    [Fact]
    public Task Direct_PropertyGet_IsReportedOnTheWholeAccess() => RuleCase.CheckAsync(
        """
            int M()
            {
                int cpu = {|MM1008:Preemption.CurrentCpu|};
                using (Preemption.Off())
                {
                    return cpu + Preemption.CurrentCpu;
                }
            }
        """);

    [Fact]
    public Task Direct_InAContextThatImpliesTheRequiredOne_IsSilent() => RuleCase.CheckAsync(
        """
            int M()
            {
                using (_raw.Hold())
                {
                    return Preemption.CurrentCpu;
                }
            }

            [RunsIn<Nmi>]
            int Handler() => Preemption.CurrentCpu;
        """);

    [Fact]
    public Task Direct_CallerRequiresItToo_IsSilent() => RuleCase.CheckAsync(
        Push +
        """
            [Requires<SpinLockHeld>]
            void PushTwice()
            {
                Push();
                Push();
            }
        """);

    [Fact]
    public Task Direct_AfterTryLock_FollowsItsResult() => RuleCase.CheckAsync(
        Push +
        """
            void M()
            {
                if (_lock.TryAcquire())
                {
                    Push();
                    _lock.Release();
                }
                else
                {
                    {|MM1008:Push()|};
                }
            }
        """);

    [Fact]
    public Task Direct_InTheTrueBranchOfItsTest_IsSilent() => RuleCase.CheckAsync(
        """
            int M() => Preemption.IsOff ? Preemption.CurrentCpu : {|MM1008:Preemption.CurrentCpu|};
        """);

    [Fact]
    public Task Deep_Helper_IsReportedInTheHelperNotAtItsCaller() => RuleCase.CheckAsync(
        Push +
        """
            void M()
            {
                using (_lock.Hold())
                {
                    First();
                    Declared();
                }
            }

            void First() => Second();

            void Second() => {|MM1008:Push()|};

            [Requires<SpinLockHeld>]
            void Declared() => Push();
        """);

    [Fact]
    public Task Deep_PhaseEnteredByAHelper_IsSilentAfterIt() => RuleCase.CheckAsync(
        """
            public readonly struct ListReady : IContext;

            [Enters<ListReady>, Trusted("primitive")]
            static void BuildList() { }

            [Requires<ListReady>]
            static int Find(int key) => key;

            [Enters<ListReady>]
            int Boot()
            {
                int early = {|MM1008:Find(0)|};
                BuildList();
                return early + Find(1);
            }
        """);

    [Fact]
    public Task Virtual_RequiredOnTheInterface_IsReportedForEveryReceiver() => RuleCase.CheckAsync(
        """
            interface IRing { [Requires<SpinLockHeld>] void Put(); }
            sealed class Ring : IRing { public void Put() { } }

            void M(IRing ring, Ring exact)
            {
                {|MM1008:ring.Put()|};
                {|MM1008:exact.Put()|};
                using (_lock.Hold())
                {
                    ring.Put();
                    exact.Put();
                }
            }
        """);

    [Fact]
    public Task Virtual_RequiredByAnOverrideOnly_IsSaidThereAndNotAtTheCall() => RuleCase.CheckAsync(
        """
            class Queue { public virtual void Put() { } }
            sealed class Ring : Queue { [Requires<SpinLockHeld>] public override void {|MM3001:Put|}() { } }

            void Right(Queue queue) => queue.Put();
            void Wrong(Ring ring) => {|MM1008:ring.Put()|};
        """);

    [Fact]
    public Task Direct_MemberThatLeavesWhatItRequires_IsOneReport() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>, Leaves<SpinLockHeld>] void Finish() => _lock.Release();
            [Leaves<SpinLockHeld>] void Finish2() => _lock.Release();

            void Wrong() => {|MM1008:Finish()|};
            void Wrong2() => {|MM2002:Finish2()|};

            void Right()
            {
                _lock.Acquire();
                Finish();
            }
        """);

    [Fact]
    public Task Finally_BeforeAndAfterTheRelease_IsReportedAfter() => RuleCase.CheckAsync(
        Push +
        """
            void M()
            {
                _lock.Acquire();
                try
                {
                    Push();
                }
                finally
                {
                    Push();
                    _lock.Release();
                    {|MM1008:Push()|};
                }
            }
        """);

    [Fact]
    public Task Lambda_RequiringTheContext_IsReportedWhereInvokedWithoutIt() => RuleCase.CheckAsync(
        Push +
        """
            void M()
            {
                Action push = [Requires<SpinLockHeld>] () => Push();
                using (_lock.Hold())
                {
                    push();
                }

                {|MM1008:push()|};
            }
        """);

    [Fact]
    public Task Recursion_OfARequiringMember_IsReportedAtItsStartOnly() => RuleCase.CheckAsync(
        """
            void M()
            {
                {|MM1008:Walk(3)|};
                using (_lock.Hold())
                {
                    Walk(3);
                }
            }

            [Requires<SpinLockHeld>]
            void Walk(int depth)
            {
                if (depth > 0)
                {
                    Walk(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Generic_RequiringMethod_IsReportedForEveryTypeArgument() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>]
            static T Read<T>(ref T place) => place;

            int M()
            {
                using (_lock.Hold())
                {
                    _count += Read(ref _count);
                }

                return {|MM1008:Read(ref _count)|};
            }
        """);

    [Fact]
    public async Task Message_CallAndProperty_NamesTheContext() => await Verifier.Verify(await RuleCase.RenderAsync(
        Push +
        """
            int M()
            {
                {|MM1008:Push()|};
                return {|MM1008:Preemption.CurrentCpu|};
            }
        """));
}
