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

    [Theory]
    [InlineData("latch.Take(); _count++; {|MM2001:}|}")]
    [InlineData("{|MM2002:latch.Drop()|}; }")]
    [InlineData("latch.Take(); {|MM1001:Scheduler.Schedule()|}; latch.Drop(); }")]
    [InlineData("latch.Take(); {|MM2002:other.Drop()|}; {|MM2001:}|}")]
    [InlineData("latch.Take(); latch = other; {|MM2002:latch.Drop()|}; {|MM2001:}|}")]
    [InlineData("if (!latch.TryTake()) return; _count++; {|MM2001:}|}")]
    public Task Latch_NotLeftByWhoEnteredIt_IsReported(string statements) => CheckAsync(statements, "");

    private static Task CheckAsync(string statements, string end = "}") => RuleCase.CheckAsync(
        Latches +
        $$"""
            readonly ILatch _latch = new Real().Equals(null) ? new Real() : new Idle();

            void M(ILatch latch, ILatch other)
            {
                {{statements}}
            {{end}}
        """);
}
