using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Objects with members that nobody calls by name, in places that are not declared as fields.</summary>
public class PlaceNameTests
{
    private const string Types =
        """
        [Scope<RcuRead>] struct Reading : System.IDisposable { public void Dispose() { } }
        class Map
        {
            public Reading this[int key] => default;
            public static Reading operator ~(Map map) => default;
            public static implicit operator Reading(Map map) => default;
        }
        record Holder(Map Map);
        class Owner(Map map) { protected Map Held => map; }

        """;

    [Theory]
    [InlineData("class Case(Map map) { void M() { using (map[3]) {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("class Case(Map map) { void M() { using Reading reading = map; {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("struct Case(Map map) { void M() { using (~map) {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("class Case(Holder holder) { void M() { using (holder.Map[3]) {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("class Case(Map map) : Owner(map) { void M() { using (Held[3]) {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("class Case((Map Map, int Count) pair) { void M() { using (pair.Map[3]) {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("class Case(Map map) { void M() { using (map[3]) Scheduler.Udelay(1); Scheduler.Schedule(); } }")]
    public Task Parameter_OfAPrimaryConstructor_IsAPlace(string type) => AnalyzerTest.CheckAsync(Types + type);
}
