using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Raising an event runs its handlers: those of the compilation, where nobody else sees it.</summary>
public class EventTests
{
    [Theory]
    [InlineData("Changed?{|MM1001:.Invoke()|};", "public event Action? Changed; public static void Attach(Case to) => to.Changed += Work.Do;", "")]
    [InlineData("Changed?{|MM1001:.Invoke()|};", "internal event Action? Changed;", "static class Elsewhere { static void Attach(Case to) => to.Changed += Work.Do; }")]
    [InlineData("Changed?{|MM1001:.Invoke()|};", "internal event Action? Changed;", "class Elsewhere { public Elsewhere(Case to) { to.Changed += () => Work.Do(); } }")]
    [InlineData("Changed?{|MM1001:.Invoke()|};", "internal static event Action? Changed;", "class Elsewhere { int Size { set { Case.Changed += Work.Do; } } }")]
    [InlineData("_part.Raise();", "readonly Part _part = new();", "class Part { internal event Action? Changed; public void Raise() => Changed?.Invoke(); static void Attach(Part to) => to.Changed += Quiet; static void Quiet() { } }")]
    public async Task Raised_WithHandlersElsewhere_RunsThem(string statements, string members, string types)
    {
        if (statements.Contains("MM1001", System.StringComparison.Ordinal)) await LanguageCase.FoundAsync(statements, members, types);
        else await LanguageCase.SilentAsync(statements, members, types);
    }

    [Fact]
    public Task Raised_ThroughAnInterface_RunsThem() => LanguageCase.FoundInAsync(
        """
        using System;

        interface INotifying { event Action? Changed; }

        class Case : INotifying
        {
            readonly TicketLock _lock = new();

            public event Action? Changed;

            void M()
            {
                using (_lock.Hold())
                {
                    Changed?{|MM1001:.Invoke()|};
                }
            }
        }

        static class Elsewhere { static void Attach(INotifying to) => to.Changed += Work.Do; }
        """);

    [Fact]
    public Task Raised_SeenFromOutside_IsUnknown() => new AnalyzerTest(
        """
        using System;

        public class Case
        {
            readonly TicketLock _lock = new();

            public event Action? Changed;
            internal event Action? Moved;

            void M()
            {
                using (_lock.Hold())
                {
                    Changed?{|MM1009:.Invoke()|};
                    Moved?.Invoke();
                }
            }
        }
        """) { Options = { ["mm_unknown_callees"] = "report" } }.CheckAsync();

    [Fact]
    public Task Accessor_OfACustomEvent_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_part.Changed += null|}; _part.Changed -= null;",
        "readonly Part _part = new();",
        "class Part { public event Action? Changed { add { Work.Do(); } remove { } } }");

    [Theory]
    [InlineData("_source.Changed += Work.Do;", "public event Action? Changed { add { _handlers += value; } remove { _handlers -= value; } }")]
    [InlineData("_source.Only = Work.Do;", "public Action? Only { set => _handlers = value; }")]
    [InlineData("_source.Add(Work.Do);", "public void Add(Action handler) => _handlers += handler; public void Remove(Action handler) => _handlers -= handler;")]
    public Task Handler_ThatIsKeptInAField_IsRaised(string subscription, string members) => LanguageCase.FoundAsync(
        "{|MM1001:_source.Raise()|};", "readonly Source _source = new(); void Subscribe() { " + subscription + " }", Keeping(members));

    [Fact]
    public Task Handler_ThatIsOnlyRemoved_IsNotRaised() => LanguageCase.SilentAsync(
        "_source.Raise();", "readonly Source _source = new(); void Subscribe() { _source.Changed += () => { }; _source.Changed -= Work.Do; }",
        Keeping("public event Action? Changed { add { _handlers += value; } remove { _handlers -= value; } }"));

    private static string Keeping(string members) => "sealed class Source { Action? _handlers; public void Raise() => _handlers?.Invoke(); " + members + " }";
}
