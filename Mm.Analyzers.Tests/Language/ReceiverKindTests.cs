using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Implementations of one interface that do not change contexts alike: whoever enters is whoever leaves.</summary>
public class ReceiverKindTests
{
    private const string Latches =
        """
            interface ILatch { void Take(); bool TryTake(); void Drop(); }

            sealed class Real : ILatch
            {
                readonly TicketLock _lock = new();
                public void {|MM3001:Take|}() => _lock.Acquire();
                public bool {|MM3001:TryTake|}() => _lock.TryAcquire();
                public void {|MM3001:Drop|}() => _lock.Release();
            }

            sealed class Idle : ILatch
            {
                public void Take() { }
                public bool TryTake() => true;
                public void Drop() { }
            }

        """;

    [Theory]
    [InlineData("latch.Take(); _count++; latch.Drop();")]
    [InlineData("latch.Take(); try { _count++; } finally { latch.Drop(); }")]
    [InlineData("if (!latch.TryTake()) return; _count++; latch.Drop();")]
    [InlineData("if (latch.TryTake()) { _count++; latch.Drop(); }")]
    [InlineData("var same = latch; same.Take(); latch.Drop();")]
    [InlineData("for (int i = 0; i < 3; i++) { latch.Take(); latch.Drop(); }")]
    [InlineData("latch.Take(); other.Take(); other.Drop(); latch.Drop();")]
    [InlineData("_latch.Take(); _count++; _latch.Drop();")]
    public Task Latch_LeftByWhoEnteredIt_IsSilent(string statements) => CheckAsync(statements);

    // What the implementations do that the interface does not say is reported there, and at none of its callers.
    [Theory]
    [InlineData("latch.Take(); _count++;")]
    [InlineData("latch.Drop();")]
    [InlineData("latch.Take(); Scheduler.Schedule(); latch.Drop();")]
    [InlineData("if (!latch.TryTake()) return; _count++;")]
    public Task Latch_CalledThroughAnInterfaceThatSaysNothing_ChangesNothing(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("real.Take(); {|MM1001:Scheduler.Schedule()|}; real.Drop(); }")]
    [InlineData("real.Take(); _count++; {|MM2001:}|}")]
    [InlineData("{|MM2002:real.Drop()|}; }")]
    [InlineData("if (!real.TryTake()) return; _count++; {|MM2001:}|}")]
    public Task Latch_OfOneClass_IsWhatTheClassDoes(string statements) => CheckAsync(statements, "");

    private static Task CheckAsync(string statements, string end = "}") => RuleCase.CheckAsync(
        Latches +
        $$"""
            readonly ILatch _latch = new Real().Equals(null) ? new Real() : new Idle();

            void M(ILatch latch, ILatch other, Real real)
            {
                {{statements}}
            {{end}}
        """);

    private const string Gates =
        """
            abstract class Gate
            {
                protected readonly TicketLock Inner = new();
                public void Begin() {|MM2001:=> Open()|};
                public void End() => {|MM2002:Close()|};
                public void Deep() {|MM2001:=> Begin()|};
                protected abstract void Open();
                protected abstract void Close();
            }

            class Unguarded : Gate
            {
                protected override void Open() { }
                protected override void Close() { }
                public void All() { Begin(); Scheduler.Schedule(); End(); }
            }

            sealed class Plain : Unguarded { }

            sealed class Guarded : Gate
            {
                protected override void {|MM3001:Open|}() => Inner.Acquire();
                protected override void {|MM3001:Close|}() => Inner.Release();
            }

        """;

    [Theory]
    [InlineData("Unguarded", "gate.Begin(); Scheduler.Schedule(); gate.End();")]
    [InlineData("Unguarded", "gate.Begin(); Scheduler.Schedule();")]
    [InlineData("Plain", "gate.Deep(); Scheduler.Schedule();")]
    [InlineData("Guarded", "gate.Begin(); _count++; gate.End();")]
    [InlineData("Gate", "gate.Begin(); _count++; gate.End();")]
    [InlineData("Gate", "Gate made = new Unguarded(); made.Begin(); Scheduler.Schedule();")]
    [InlineData("Gate", "if (gate is Plain) { gate.Begin(); Scheduler.Schedule(); }")]
    [InlineData("Gate", "Gate made = new Plain(); Through(made); Scheduler.Schedule();")]
    public Task Inherited_CalledOnAClassThatChangesNothing_IsSilent(string type, string statements) => CheckGateAsync(type, statements);

    [Theory]
    [InlineData("Guarded", "gate.Begin(); {|MM1001:Scheduler.Schedule()|}; gate.End(); }")]
    [InlineData("Guarded", "gate.Begin(); _count++; {|MM2001:}|}")]
    [InlineData("Guarded", "{|MM2002:gate.End()|}; }")]
    [InlineData("Guarded", "gate.Deep(); {|MM1001:Scheduler.Schedule()|}; gate.End(); }")]
    [InlineData("Gate", "gate.Begin(); {|MM1001:Scheduler.Schedule()|}; gate.End(); }")]
    [InlineData("Gate", "Gate made = new Guarded(); made.Begin(); {|MM1001:Scheduler.Schedule()|}; made.End(); }")]
    [InlineData("Gate", "if (gate is not Plain) { gate.Begin(); {|MM1001:Scheduler.Schedule()|}; gate.End(); } }")]
    [InlineData("Gate", "Gate made = new Guarded(); Through(made); {|MM1001:Scheduler.Schedule()|}; made.End(); }")]
    public Task Inherited_CalledOnAClassThatEnters_IsReported(string type, string statements) => CheckGateAsync(type, statements, "");

    private static Task CheckGateAsync(string type, string statements, string end = "}") => RuleCase.CheckAsync(
        Gates +
        $$"""
            void Through(Gate gate) {|MM2001:=> gate.Begin()|};

            void M({{type}} gate)
            {
                {{statements}}
            {{end}}
        """);
}
