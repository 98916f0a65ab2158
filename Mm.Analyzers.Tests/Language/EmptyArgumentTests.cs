using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Callees that ask how much they were given, and loops that go over it: callers who write it out are judged by what they have written.</summary>
public class EmptyArgumentTests
{
    private const string Members =
        """
            static void Drain(int[] all) { if (all.Length > 0) Scheduler.Schedule(); }
            static void DrainRest(int[] all) { if (all.Length == 0) return; Scheduler.Schedule(); }
            static void DrainDeep(int[] all) => Drain(all);
            static void Refill(int[] all) { if (all.Length == 0) Scheduler.Schedule(); }
            static void Any(params int[] all) { if (all.Length != 0) Scheduler.Schedule(); }
            static void Span(ReadOnlySpan<int> all) { if (!all.IsEmpty) Scheduler.Schedule(); }
            static void Write(string text) { if (text.Length > 0) Scheduler.Schedule(); }
            static void Log(string? text) { if (!string.IsNullOrEmpty(text)) Scheduler.Schedule(); }
            static void Match(string? text) { if (text is { Length: > 0 }) Scheduler.Schedule(); }
            static void Each(int[] all) { foreach (int one in all) Scheduler.Schedule(); }
            static void Sum(int[] all) { for (int i = 0; i < all.Length; i++) Scheduler.Schedule(); }
            static void Times(int n) { for (int i = 0; i < n; i++) Scheduler.Schedule(); }
            static void TimesWhile(int n, bool go) { for (int i = 0; i < n && go; i++) Scheduler.Schedule(); }
            static void Down(int n) { for (int i = n; i > 0; i--) Scheduler.Schedule(); }
            static void From(int from, int to) { for (int i = from; i < to; i++) Scheduler.Schedule(); }
            static void Nested(int n) { for (int i = 0; i < n; i++) Times(i + 1); }
            static void Always(int n) { for (int i = 0; i < n; i++) { } Scheduler.Schedule(); }
        """;

    [Theory]
    [InlineData("Drain([]); {|MM1001:Drain([1])|};")]
    [InlineData("Drain(new int[0]); {|MM1001:Drain(new int[2])|};")]
    [InlineData("Drain(Array.Empty<int>()); {|MM1001:Drain(given)|};")]
    [InlineData("DrainRest([]); {|MM1001:DrainRest(new[] { 1, 2 })|};")]
    [InlineData("DrainDeep([]); {|MM1001:DrainDeep([1])|};")]
    [InlineData("{|MM1001:Refill([])|}; Refill([1]); Refill(new int[3]); {|MM1001:Refill(given)|};")]
    [InlineData("var empty = new int[0]; Drain(empty); if (given.Length == 0) Drain(given); else {|MM1001:Drain(given)|};")]
    [InlineData("Any(); {|MM1001:Any(1)|};")]
    [InlineData("Span([]); Span(default); Span(ReadOnlySpan<int>.Empty); {|MM1001:Span([1])|}; {|MM1001:Span(given)|};")]
    [InlineData("Write(\"\"); Write(string.Empty); {|MM1001:Write(\"a\")|}; {|MM1001:Write(text)|};")]
    [InlineData("Log(\"\"); Log(null); {|MM1001:Log(\"a\")|}; {|MM1001:Log(text)|};")]
    [InlineData("Match(\"\"); Match(null); {|MM1001:Match(\"a\")|}; {|MM1001:Match(text)|};")]
    [InlineData("Each([]); {|MM1001:Each([1])|}; {|MM1001:Each(given)|};")]
    [InlineData("Sum([]); {|MM1001:Sum([1])|}; {|MM1001:Sum(given)|};")]
    [InlineData("Times(0); {|MM1001:Times(2)|}; {|MM1001:Times(n)|}; if (n <= 0) Times(n);")]
    [InlineData("TimesWhile(0, true); TimesWhile(2, false); {|MM1001:TimesWhile(2, true)|};")]
    [InlineData("Down(0); {|MM1001:Down(1)|};")]
    [InlineData("From(3, 3); {|MM1001:From(3, 4)|}; {|MM1001:From(n, 4)|};")]
    [InlineData("Nested(0); {|MM1001:Nested(1)|};")]
    [InlineData("{|MM1001:Always(0)|};")]
    public Task Callee_ThatAsksHowMuchItWasGiven_IsJudgedByWhatIsWrittenOut(string statements) => CheckAsync(statements);

    private static Task CheckAsync(string statements) => LanguageCase.ReportedInBothAsync(
        $$"""
        using System;

        VISIBLE class Case
        {
            readonly TicketLock _lock = new();
        {{Members}}

            public void M(int[] given, string text, int n)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }
        """);
}
