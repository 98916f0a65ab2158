using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2006InconsistentInterruptStateTests
{
    private const string Handler =
        """
            [RunsIn<HardIrq>] void OnInterrupt() { using (_lock.Hold()) _count++; }

        """;

    [Fact]
    public Task Direct_LockOfAHandler_IsReportedWithInterruptsOn() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { using ({|MM2006:_lock.Hold()|}) _count++; }
            void WrongExplicit() { {|MM2006:_lock.Acquire()|}; _count++; _lock.Release(); }
            void Right() { using (_lock.HoldIrqSave()) _count++; }
            void RightExplicit() { _lock.AcquireIrqSave(); _count++; _lock.ReleaseIrqRestore(); }
            void RightByHand() { using (Interrupts.Off()) using (_lock.Hold()) _count++; }
            void NotTheHandlers() { using (_other.Hold()) _count++; }
        """);

    [Fact]
    public Task Direct_InterruptsOffTooLate_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { {|MM2006:_lock.Acquire()|}; using (Interrupts.Off()) _count++; _lock.Release(); }
        """);

    [Fact]
    public Task Direct_ATryInTheHandler_DoesNotWait() => RuleCase.CheckAsync(
        """
            [RunsIn<HardIrq>] void OnInterrupt() { if (_lock.TryAcquire()) { _count++; _lock.Release(); } }
            void Right() { using (_lock.Hold()) _count++; }
        """);

    [Fact]
    public Task Direct_ATryWithInterruptsOn_HoldsLikeAnyOther() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { if ({|MM2006:_lock.TryAcquire()|}) { _count++; _lock.Release(); } }
        """);

    [Fact]
    public Task Direct_TestedForInterrupts_IsSilentInItsBranch() => RuleCase.CheckAsync(Handler +
        """
            void Right()
            {
                if (Interrupts.AreOff)
                {
                    using (_lock.Hold()) _count++;
                }
                else
                {
                    using (_lock.HoldIrqSave()) _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_DeclaredContexts_Count() => RuleCase.CheckAsync(Handler +
        """
            [Requires<IrqOff>] void Right() { using (_lock.Hold()) _count++; }
            [RunsIn<Nmi>] void OnNmi() { _count++; }
            [RunsIn<IrqOff>] void OnOtherCpu() { using (_other.Hold()) _count++; }
            void Wrong() { using ({|MM2006:_other.Hold()|}) _count++; }
            [RunsIn<SoftIrq>] void OnTimer() { using ({|MM2006:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Direct_LockOfASoftirq_NeedsBottomHalvesOff() => RuleCase.CheckAsync(
        """
            [RunsIn<SoftIrq>] void OnTimer() { using (_lock.Hold()) _count++; }
            void Wrong() { using ({|MM2006:_lock.Hold()|}) _count++; }
            void Right() { using (BottomHalves.Off()) using (_lock.Hold()) _count++; }
            void RightToo() { using (_lock.HoldIrqSave()) _count++; }
        """);

    [Fact]
    public Task Deep_HelperOfBoth_IsReportedWhereTheyPart() => RuleCase.CheckAsync(
        """
            [RunsIn<HardIrq>] void OnInterrupt() { Push(); OnlyMine(); }
            void Push() { using (_lock.Hold()) _count++; }
            void OnlyMine() { using (_other.Hold()) _count++; }
            void Wrong() => {|MM2006:Push()|};
            void Right() { using (Interrupts.Off()) Push(); }
        """);

    [Fact]
    public Task Deep_HelperOfTheOthers_IsReportedInside() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() => Middle();
            void Middle() => Inner();
            void Inner() { using ({|MM2006:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Deep_HelperOfCallersWithInterruptsOff_IsSilent() => RuleCase.CheckAsync(Handler +
        """
            void Right() { using (Interrupts.Off()) Middle(); }
            void AlsoRight() { using (_other.HoldIrqSave()) Inner(); }
            void Middle() => Inner();
            void Inner() { using (_lock.Hold()) _count++; }
        """);

    [Fact]
    public Task Virtual_HandlersByInterface_AreSeen() => AnalyzerTest.CheckAsync(
        """
        [RunsIn<HardIrq>] interface IHandler { void Handle(); }

        class Disk : IHandler
        {
            readonly TicketLock _lock = new();
            public void Handle() { using (_lock.Hold()) { } }
            public void Wrong() { using ({|MM2006:_lock.Hold()|}) { } }
            public void Right() { using (_lock.HoldIrqSave()) { } }
        }
        """);

    [Fact]
    public Task Finally_TakesTheLock_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { try { _count++; } finally { using ({|MM2006:_lock.Hold()|}) _count++; } }
            void Right() { try { _count++; } finally { using (_lock.HoldIrqSave()) _count++; } }
        """);

    [Fact]
    public Task Lambda_RegisteredAsAHandler_IsOne() => RuleCase.CheckAsync(
        """
            void Register([Deferred, RunsIn<HardIrq>] Action handler) { }
            void Start() => Register(() => { using (_lock.Hold()) _count++; });
            void Wrong() { using ({|MM2006:_lock.Hold()|}) _count++; }
        """);

    [Theory]
    [InlineData("void Register([RunsIn<HardIrq>] Action handler) { } void Start() => Register(Handle);")]
    [InlineData("[RunsIn<HardIrq>] Action? _handler; void Start() => _handler = Handle;")]
    [InlineData("[RunsIn<HardIrq>] delegate void Isr(); Isr? _handler; void Start() => _handler = Handle;")]
    public Task Method_RegisteredAsAHandler_IsOne(string registration) => RuleCase.CheckAsync(registration +
        """
            void Handle() { using (_lock.Hold()) _count++; }
            void Wrong() { using ({|MM2006:_lock.Hold()|}) _count++; }
            void Right() { using (_lock.HoldIrqSave()) _count++; }
        """);

    [Fact]
    public Task Method_GivenToAPlaceWithoutContexts_IsNoHandler() => RuleCase.CheckAsync(
        """
            Action? _handler;
            void Start() => _handler = Handle;
            void Handle() { using (_lock.Hold()) _count++; }
            void Right() { using (_lock.Hold()) _count++; }
        """);

    [Fact]
    public Task Lambda_InvokedAtOnce_RunsAsItsCallerDoes() => RuleCase.CheckAsync(Handler +
        """
            void Run(Action action) => action();
            void Right() { using (Interrupts.Off()) Run(() => { using (_lock.Hold()) _count++; }); }
            void Wrong() => {|MM2006:Run(() => { using (_lock.Hold()) _count++; })|};
        """);

    [Fact]
    public Task Recursion_OfTheHelpers_IsFollowed() => RuleCase.CheckAsync(Handler +
        """
            void Even(int n) { using ({|MM2006:_lock.Hold()|}) _count++; if (n > 0) Odd(n - 1); }
            void Odd(int n) { if (n > 0) Even(n - 1); }
            void Closed(int n) { using (Interrupts.Off()) Inner(n); }
            void Inner(int n) { using (_lock.Hold()) _count++; if (n > 0) Inner(n - 1); }
        """);

    [Fact]
    public async Task Message_DirectDeepAndSoftirq_NamesTheHandlersKind() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            [RunsIn<HardIrq>] void OnInterrupt() => Push();
            [RunsIn<SoftIrq>] void OnTimer() { using (_other.Hold()) _count++; }
            void Push() { using (_lock.Hold()) _count++; }
            void Direct() { using ({|MM2006:_lock.Hold()|}) _count++; }
            void Shared() => {|MM2006:Push()|};
            void Soft() { using ({|MM2006:_other.Hold()|}) _count++; }
        """));
}
