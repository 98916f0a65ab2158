using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Recording;
using Xunit;

namespace Mm.Analyzers.Tests.KnownGaps;

public partial class KnownGapTests
{
    [Fact]
    public Task RecordedLocks_TakenTwiceThroughAnotherAssembly_AreNotCompared() => CheckRecordedAsync(
        """
        public sealed class Store
        {
            public readonly TicketLock Lock = new();
            public void Put() { using (Lock.Hold()) { } }
        }
        """,
        """
        class Case
        {
            void M(Store store) { using (store.Lock.Hold()) store.Put(); }
        }
        """);

    [Fact]
    public Task RecordedIterators_EnumeratedElsewhere_AreNotFollowed() => CheckRecordedAsync(
        """
        public static class Rows
        {
            public static System.Collections.Generic.IEnumerable<int> All() { Scheduler.Schedule(); yield return 1; }
        }
        """,
        """
        class Case
        {
            readonly TicketLock _lock = new();

            void M() { using (_lock.Hold()) { foreach (int row in Rows.All()) { } } }
        }
        """);

    private static Task CheckRecordedAsync(string library, string markup) => new AnalyzerTest(markup)
    {
        Kernel = Kernel.Reference, References = [Recorded.Of("Library", library).Reference],
    }.CheckAsync();
}
