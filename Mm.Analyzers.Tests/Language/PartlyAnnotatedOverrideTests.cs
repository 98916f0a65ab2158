using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>An override or implementation that says something of one matter has the rest from its base.</summary>
public class PartlyAnnotatedOverrideTests
{
    private const string Types =
        """

        interface IContext
        {
            [Enters<IrqOff>] void Off();
            [Leaves<IrqOff>] void On();
            [Tests<IrqOff>] bool IsOff { get; }
            [Tests<IrqOff>] bool AreOff();
            [Might<Sleep>] void Wait();
            [Never<Sleep>] void Poll();
            [Requires<IrqOff>] void Need();
            [Requires<IrqOff>] void Promised();
            [ForbiddenIn<IrqOff>] void Open();
        }

        sealed class Trusting : IContext
        {
            [Trusted("the machine")] public void Off() { }
            [Trusted("the machine")] public void On() { }
            public bool IsOff { [Trusted("the machine")] get => true; }
            [Trusted("the machine")] public bool AreOff() => true;
            [Trusted("the machine")] public void Wait() { }
            [Trusted("the machine")] public void Poll() => Scheduler.Schedule();
            [Trusted("the machine")] public void Need() { }
            [Never<Sleep>] public void Promised() => Inner();
            [Might<Sleep>] public void Open() => Scheduler.Schedule();
            [Requires<IrqOff>] void Inner() { }
        }

        """;

    [Theory]
    [InlineData("context.Off(); {|MM1001:Scheduler.Schedule()|}; context.On(); Scheduler.Schedule();")]
    [InlineData("if (context.IsOff) {|MM1001:Scheduler.Schedule()|}; else Scheduler.Schedule();")]
    [InlineData("if (context.AreOff()) {|MM1001:Scheduler.Schedule()|}; else Scheduler.Schedule();")]
    [InlineData("context.Off(); {|MM1001:context.Wait()|}; context.Poll(); context.On();")]
    [InlineData("{|MM1008:context.Need()|};")]
    [InlineData("{|MM1008:context.Promised()|};")]
    [InlineData("context.Off(); context.Need(); context.Promised(); {|MM1007:context.Open()|}; context.On(); context.Open();")]
    public Task Implementation_ThatSaysAPart_HasTheRestFromItsInterface(string statements) => AnalyzerTest.CheckAsync(
        $$"""
        static class Case
        {
            static void Direct(Trusting context) { {{statements}} }
            static void Declared(IContext context) { {{statements}} }
        }
        """ + Types);

    [Fact]
    public Task Override_ThatSaysOtherwise_HasItsOwn() => AnalyzerTest.CheckAsync(
        """
        class Base { [Requires<IrqOff>] public virtual void Need() { } [Might<Sleep>] public virtual void Wait() { } }

        class Free : Base
        {
            [Requires<PreemptOff>] public override void Need() { }
            [Never<Sleep>] public override void Wait() { }
        }

        static class Case
        {
            static void M(Free free, TicketLock @lock) { using (@lock.Hold()) { free.Need(); free.Wait(); } }
            static void Declared(Base of, TicketLock @lock) { using (@lock.Hold()) { {|MM1008:of.Need()|}; {|MM1001:of.Wait()|}; } }
        }
        """);
}
