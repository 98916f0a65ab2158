using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A call through a declaration that speaks is judged by that; what an implementation asks for beyond it is reported there.</summary>
public class AnnotatedCallTests
{
    private const string Port =
        """
            interface IPort { [Requires<PreemptOff>] void Send(); [ForbiddenIn<IrqOff>] void Query(); [Never<Sleep>] void Note(); void Plain(); void Free(); }

            class Port : IPort
            {
                [Requires<IrqOff>] public void {|MM3001:Send|}() { }
                [ForbiddenIn<PreemptOff>] public void {|MM3001:Query|}() { }
                [Requires<IrqOff>] public void {|MM3001:Note|}() { }
                [Requires<IrqOff>] public void {|MM3001:Plain|}() { }
                [ForbiddenIn<PreemptOff>] public void {|MM3001:Free|}() { }
            }

        """;

    [Theory]
    [InlineData("port.Send(); port.Query(); port.Note();")]
    [InlineData("port.Plain(); port.Free();")]
    [InlineData("var own = new Port(); {|MM1008:own.Send()|};")]
    public Task Implementation_OfAnAnnotatedMember_IsNotAsked(string statements) =>
        RuleCase.CheckAsync(Port + $"[Requires<PreemptOff>] void M(IPort port) {{ {statements} }}");

    [Fact]
    public Task Implementation_ThatDeclaresAnEffectMore_DoesNotReachACallThatSpeaksOfIt() => RuleCase.CheckAsync(
        """
            interface IPort { [Never<Sleep>] void Send(); void Plain(); }

            class Port : IPort
            {
                [Might<Sleep>] public void {|MM3001:Send|}() { }
                [Might<Sleep>] public void Plain() { }
            }

            void M(IPort port)
            {
                using (_lock.Hold())
                {
                    port.Send();
                    {|MM1001:port.Plain()|};
                }
            }
        """);
}
