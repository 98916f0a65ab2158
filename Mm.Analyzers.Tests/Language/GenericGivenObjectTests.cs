using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a generic method calls on an object through 'IRun&lt;T&gt;' is run by the class of the object that it was given.</summary>
public class GenericGivenObjectTests
{
    private const string Types =
        """
        interface IRun<T> { T Go(); }
        sealed class Safe : IRun<int> { public int Go() => 1; }
        sealed class Slow : IRun<int> { public int Go() { Scheduler.Schedule(); return 1; } }
        sealed class Texts : IRun<string> { public string Go() { Scheduler.Schedule(); return ""; } }
        class Open : IRun<int> { public virtual int Go() => 1; }
        class Closed : Open { public override int Go() { Scheduler.Schedule(); return 1; } }
        """;

    [Theory]
    [InlineData("Slow slow", "{|MM1001:Run(slow)|}")]
    [InlineData("Slow slow", "{|MM1001:RunTwice(slow)|}")]
    [InlineData("Slow slow", "{|MM1001:Static.Run(1, slow)|}")]
    [InlineData("Slow slow", "{|MM1001:new Runner<int>().Run(slow)|}")]
    [InlineData("bool b", "{|MM1001:Run(new Slow())|}")]
    [InlineData("IRun<int> any", "{|MM1001:Run(any)|}")]
    [InlineData("Open open", "{|MM1001:Run(open)|}")]
    [InlineData("Texts texts", "{|MM1001:Run(texts)|}")]
    public Task ObjectThatSleeps_IsReportedThroughTheGeneric(string given, string call) => CheckAsync(given, call);

    [Theory]
    [InlineData("Safe safe", "Run(safe)")]
    [InlineData("Safe safe", "RunTwice(safe)")]
    [InlineData("Safe safe", "Static.Run(1, safe)")]
    [InlineData("Safe safe", "new Runner<int>().Run(safe)")]
    [InlineData("bool b", "Run(new Safe())")]
    [InlineData("bool b", "Run(new Open())")]
    public Task ObjectThatDoesNot_IsNotTakenForAnother(string given, string call) => CheckAsync(given, call);

    private static Task CheckAsync(string given, string call) => LanguageCase.ReportedInAsync(
        $$"""
        {{Types}}
        static class Static { public static T Run<T>(int n, IRun<T> run) => run.Go(); }
        sealed class Runner<T> { public T Run(IRun<T> run) => run.Go(); }

        class Case
        {
            readonly TicketLock _lock = new();
            static T Run<T>(IRun<T> run) => run.Go();
            static T RunTwice<T>(IRun<T> run) { Run(run); return Run(run); }

            void M({{given}})
            {
                using (_lock.Hold()) _ = {{call}};
            }
        }
        """);
}
