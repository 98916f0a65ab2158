using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM3002ConversionWeakensContractTests
{
    [Fact]
    public Task Operator_WithAPromisingParameter_IsCheckedLikeACall() => AnalyzerTest.CheckAsync(
        """
        using System;

        class Pipe
        {
            public static Pipe operator |(Pipe pipe, [Never<Sleep>] Action step) => pipe;
            public static Pipe operator +([Never<Sleep>] Action step, Pipe pipe) => pipe;
            public static explicit operator Pipe([Never<Sleep>] Action step) => new();
        }

        class Case
        {
            static void Slow() => Scheduler.Schedule();
            static void Fast() => Scheduler.Udelay(1);

            Pipe M(Pipe pipe)
            {
                pipe = pipe | {|MM3002:Slow|} | Fast;
                pipe |= {|MM3002:Slow|};
                pipe |= Fast;
                pipe = pipe | ({|MM3002:() =>|} Slow());
                pipe = (Action){|MM3002:Slow|} + pipe;
                pipe = (Pipe)(Action){|MM3002:Slow|};
                return (Pipe)(Action)Fast;
            }
        }
        """);

    [Theory]
    [InlineData("_other = Need; _any = {|MM3002:Need|};")]
    [InlineData("_any = {|MM3002:Need|}; _any = Free;")]
    public Task Requirement_ThatWasReportedAtTheConversion_IsNotReportedAtTheInvocation(string statements) => AnalyzerTest.CheckAsync(
        $$"""
        readonly struct UserInterface : IContext;
        [RunsIn<UserInterface>] delegate void Posted();
        delegate void Any();

        class Case
        {
            Posted? _other;
            Any? _any;

            [Requires<UserInterface>] void Need() { }
            void Free() { }
            void Set() { {{statements}} }

            void Call()
            {
                _other?.Invoke();
                _any?.Invoke();
            }
        }
        """);
}
