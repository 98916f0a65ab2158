using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Reporting;

/// <summary>The related locations of a path: each call on it once, in order.</summary>
public sealed class HopTests
{
    [Fact]
    public Task DelegateArgument_LeadsThroughItsInvocation() => PointsAtAsync(
        """
            void Apply(Action work) => Inner(work);

            void Inner(Action run)
            {
                run();
            }

            void M()
            {
                using (_lock.Hold())
                    {|MM1001:Apply(() => Scheduler.Schedule())|};
            }
        """,
        "(23): using (_lock.Hold())", "(14): void Apply(Action work) => Inner(work);", "(18): run();", "(24): Apply(() => Scheduler.Schedule());");

    [Fact]
    public async Task DelegateInADelegate_LosesNoHop()
    {
        var told = await RuleCase.RenderAsync(
            """
                void Apply(Action run) => run();

                void Twice(Action work) => Apply(() => work());

                void M()
                {
                    using (_lock.Hold()) {|MM1001:Twice(() => Scheduler.Schedule())|};
                }
            """);

        Assert.Contains("Path: Twice → Apply → a lambda → a lambda → Scheduler.Schedule", told);
    }

    [Fact]
    public Task MemberOfATypeArgument_LeadsThroughItsCall() => PointsAtAsync(
        """
            interface IDevice { void Flush(); }
            sealed class Disk : IDevice
            {
                public void Flush() => Scheduler.Schedule();
            }

            static void Each<T>(T device) where T : IDevice =>
                device.Flush();

            void M()
            {
                using (_lock.Hold())
                    {|MM1001:Each(new Disk())|};
            }
        """,
        "(25): using (_lock.Hold())", "(21): device.Flush();", "(17): public void Flush() => Scheduler.Schedule();");

    [Fact]
    public Task Callback_OfDotNet_IsNotTheCallAgain() => PointsAtAsync(
        """
            void Slow() => Scheduler.Schedule();

            void M(System.Collections.Generic.List<int> all)
            {
                using (_lock.Hold())
                    {|MM1001:all.ForEach(one =>
                        Slow())|};
            }
        """,
        "(18): using (_lock.Hold())", "(20): Slow());", "(14): void Slow() => Scheduler.Schedule();");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EquallyShort_AreChosenByPlace(bool isReversed)
    {
        (string, string)[] files =
        [
            ("A.cs", "namespace A { class Disk : IDevice { public void Flush() => Scheduler.Schedule(); } }"),
            ("B.cs", "namespace B { class Disk : IDevice { public void Flush() => Scheduler.Schedule(); } }"),
            ("Case.cs", "interface IDevice { void Flush(); } class Case { readonly TicketLock _lock = new(); void M(IDevice device) { using (_lock.Hold()) {|MM1001:device.Flush()|}; } }"),
        ];
        var told = await new AnalyzerTest(isReversed ? [.. files.Reverse()] : files).RenderAsync();

        Assert.Contains("'Disk.Flush' might sleep", told);
        Assert.Contains("  A.cs(1): ", told);
        Assert.DoesNotContain("  B.cs(1): ", told);
    }

    private static async Task PointsAtAsync(string members, params string[] places)
    {
        var told = await RuleCase.RenderAsync(members);
        var lines = told.Split('\n').Where(line => line.StartsWith("  Case.cs", System.StringComparison.Ordinal)).Select(line => line.Substring("  Case.cs".Length));

        Assert.Equal(places, lines);
    }
}
