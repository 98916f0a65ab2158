using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A program without a written Main.</summary>
public class ProgramTests
{
    [Fact]
    public Task TopLevelStatements_UnderALock_AreABody() => CheckAsync(
        """
        var spin = new TicketLock();
        using (spin.Hold())
        {
            {|MM1001:Scheduler.Schedule()|};
            {|MM1001:Run()|};
        }

        Scheduler.Schedule();

        void Run() => Scheduler.Schedule();
        """);

    [Fact]
    public Task TopLevelStatements_ThatEnterAPhase_OweNoBalance() => CheckAsync(
        """
        new TicketLock().Acquire();
        """);

    private static Task CheckAsync(string markup) => new AnalyzerTest(markup) { IsProgram = true }.CheckAsync();
}
