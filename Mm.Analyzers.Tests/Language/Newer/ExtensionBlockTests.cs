using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language.Newer;

/// <summary>The members of an extension block are members of the class around it: what that says of its members, it says of them.</summary>
public class ExtensionBlockTests
{
    [Fact]
    public Task Promise_OfTheClass_IsCheckedInTheBlock() => AnalyzerTest.CheckAsync(
        """
        [Never<Sleep>]
        static class Naps
        {
            extension(int count)
            {
                public void Nap() => {|MM3003:Scheduler.Schedule()|};
                public int Twice { get { {|MM3003:Scheduler.Schedule()|}; return count * 2; } }
                public static void Start() => {|MM3003:Scheduler.Schedule()|};
                [Might<Sleep>] public void Rest() => Scheduler.Schedule();
                public int Half => count / 2;
            }

            public class Inner { public void Sleep() => Scheduler.Schedule(); }
        }

        class Case
        {
            readonly TicketLock _lock = new();
            void M(int count) { using (_lock.Hold()) { count.Nap(); _ = count.Twice; int.Start(); {|MM1001:count.Rest()|}; _ = count.Half; } }
        }
        """);

    [Fact]
    public Task Need_OfTheClass_IsOneOfTheBlock() => AnalyzerTest.CheckAsync(
        """
        [Requires<IrqOff>] static class Needs { extension(int count) { public void One() => Scheduler.Udelay(count); public int Two => 2; } }
        [Trusted("measured")] static class Trusts { extension(int count) { public void Three() => Scheduler.Schedule(); } }
        static class Guards { extension(TicketLock gate) { public void Four() { using (gate.Hold()) {|MM1001:Scheduler.Schedule()|}; } } }

        class Case
        {
            readonly TicketLock _lock = new();
            void Wrong(int count) { {|MM1008:count.One()|}; _ = {|MM1008:count.Two|}; }
            void Right(int count) { using (_lock.HoldIrqSave()) { count.One(); _ = count.Two; count.Three(); } _lock.Four(); }
        }
        """);
}
