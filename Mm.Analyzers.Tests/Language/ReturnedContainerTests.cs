using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Arrays and collections of handlers that a method returns: they have what the method puts into them, or what that has of which it returns a copy.</summary>
public class ReturnedContainerTests
{
    [Theory]
    [InlineData("static Action[] Give() => new Action[] { Nothing, HANDLER };")]
    [InlineData("static IReadOnlyList<Action> Give() => new List<Action> { HANDLER };")]
    [InlineData("static Action[] Give() { var made = new Action[2]; made[0] = Nothing; made[1] = HANDLER; return made; }")]
    [InlineData("static List<Action> Give() { var made = new List<Action>(); made.Add(HANDLER); return made; }")]
    [InlineData("static List<Action> Give() => [Nothing, HANDLER];")]
    [InlineData("Case() { _kept.Add(HANDLER); } Action[] Give() => _kept.ToArray();")]
    [InlineData("Case() { _kept.Add(HANDLER); } Action[] Give() { return _kept.ToArray(); }")]
    [InlineData("Case() { _kept.Add(HANDLER); } List<Action> Give() => new List<Action>(_kept);")]
    [InlineData("Case() { _kept.Add(HANDLER); } List<Action> Give() => [Nothing, .. _kept];")]
    [InlineData("Case() { _kept.Add(HANDLER); } Action[] Give() => GiveDeeper(); Action[] GiveDeeper() => _kept.ToArray();")]
    public async Task Elements_OfWhatAMethodReturns_AreFollowed(string members)
    {
        const string Uses =
            """
            {|MM1001:Give()[0]()|};
            foreach (var act in Give()) {|MM1001:act()|};
            var given = Give();
            foreach (var act in given) {|MM1001:act()|};
            {|MM1001:given[0]()|};
            """;
        await CheckAsync(members, Uses);
    }

    [Theory]
    [InlineData("IReadOnlyList<Action> Given => _kept.ToArray();")]
    [InlineData("IEnumerable<Action> Given { get { return _kept.ToList(); } }")]
    public Task Elements_OfWhatAPropertyGives_AreFollowed(string property) => CheckAsync(
        "Case() { _kept.Add(HANDLER); } " + property,
        "foreach (var act in Given) {|MM1001:act()|}; foreach (var act in Given.ToList()) {|MM1001:act()|};");

    [Fact]
    public Task Elements_HandedOn_AreFollowed() => CheckAsync(
        "Case() { _kept.Add(HANDLER); } Action[] Give() => _kept.ToArray(); static void Run(Action[] all) { foreach (var act in all) act(); }",
        "{|MM1001:Run(Give())|}; var given = Give(); {|MM1001:Run(given)|};");

    private static async Task CheckAsync(string members, string statements)
    {
        await CheckAsync(members.Replace("HANDLER", "Wait"), statements, "public");
        await CheckAsync(members.Replace("HANDLER", "Wait"), statements, "internal");
        string silent = statements.Replace("{|MM1001:", "").Replace("|}", "");
        await CheckAsync(members.Replace("HANDLER", "Nothing"), silent, "public");
        await CheckAsync(members.Replace("HANDLER", "Nothing"), silent, "internal");
    }

    private static Task CheckAsync(string members, string statements, string visibility) => LanguageCase.ReportedInAsync(
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Linq;

        {{visibility}} class Case
        {
            readonly TicketLock _lock = new();
            readonly List<Action> _kept = new();
            static void Nothing() { }
            static void Wait() => Scheduler.Schedule();
            {{members}}

            public void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }
        """);
}
