using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A parameter says whether the context is asked for at all: callers that want it asked are not those that do not.</summary>
public class DeniedContextTests
{
    [Theory]
    [InlineData("if (check && Preemption.IsOff) return; Scheduler.Schedule();")]
    [InlineData("if (check) { if (Preemption.IsOff) return; _count++; } Scheduler.Schedule();")]
    [InlineData("if (!check || !Preemption.IsOff) { } else return; Scheduler.Schedule();")]
    [InlineData("if (check && Preemption.IsOff) return; while (_count < 4) { Scheduler.Schedule(); _count++; }")]
    [InlineData("if (check && Preemption.IsOff) return; if (_count > 2) _count = 0; Scheduler.Schedule();")]
    public Task Denial_ForThoseWhoAsk_IsKnownToCallers(string body) => ValueCase.CheckAsync(
        "a way out for callers in a context",
        $$"""
        void Fill(bool check) { {{body}} }
        void M(bool unknown)
        {
            Fill(false);
            using (_lock.Hold())
            {
                Fill(true);
                {|MM1001:Fill(false)|};
                {|MM1001:Fill(unknown)|};
            }
        }
        """);

    [Fact]
    public Task Denial_OfAPathThatGoesOnAnyway_IsForgotten() => ValueCase.CheckAsync(
        "no more than a warning",
        """
        void Fill(bool check) { if (check && Preemption.IsOff) _count++; Scheduler.Schedule(); }
        void M()
        {
            Fill(true);
            using (_lock.Hold()) {|MM1001:Fill(true)|};
        }
        """);
}
