using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A private auto-property is as good as a field: for the handlers that are put into it, and for a lock.</summary>
public class HandlerPropertyTests
{
    private const string Handlers =
        """
            static void Slow() => Scheduler.Msleep(1);
            static void Fast() { }

        """;

    public static TheoryData<string> Members => new()
    {
        "System.Collections.Generic.List<Action> All { get; } = new(); public void Add() => All.Add(Slow); void N() { using (_lock.Hold()) foreach (var one in All) {|MM1001:one()|}; }",
        "System.Collections.Generic.List<Action> All { get; } = new(); public void Add() => All.Add(Fast); void N() { using (_lock.Hold()) foreach (var one in All) one(); }",
        "System.Collections.Generic.List<Action> All { get; set; } = []; public void Fill() { All = new() { Fast, Slow }; } void N() { using (_lock.Hold()) foreach (var one in this.All) {|MM1001:one()|}; }",
        "System.Collections.Generic.List<Action> All { get; set; } = []; public void Fill() { All = new() { Fast }; } void N() { using (_lock.Hold()) foreach (var one in All) one(); }",
        "System.Collections.Generic.Dictionary<int, Action> Table { get; } = new() { [1] = Slow }; void N(int n) { using (_lock.Hold()) if (Table.TryGetValue(n, out var one)) {|MM1001:one()|}; }",
        "static Action[] Table { get; } = { Fast, Slow }; void N(int n) { using (_lock.Hold()) {|MM1001:Table[n]()|}; }",
        "static Action[] Table { get; } = { Fast, Fast }; void N(int n) { using (_lock.Hold()) Table[n](); }",
    };

    [Theory]
    [MemberData(nameof(Members))]
    public Task Handlers_InAPrivateProperty_AreSeen(string members) => RuleCase.CheckAsync(Handlers + members);

    [Fact]
    public Task Lock_InAProperty_IsReleasedFirstInATry() => RuleCase.CheckAsync(
        """
            TicketLock Inner { get; } = new();
            void M()
            {
                Inner.Acquire();
                try { Inner.Release(); Scheduler.Msleep(1); } finally { Inner.Acquire(); }
                Inner.Release();
            }
            void N()
            {
                Inner.Acquire();
                try { Inner.Release(); Scheduler.Msleep(1); } finally { Inner.Acquire(); }
                {|MM1001:Scheduler.Msleep(1)|};
                Inner.Release();
            }
        """);
}
