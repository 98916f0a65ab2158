using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a variable holds where an exception leaves the try: each value that it has had at a call, not only the first or the last.</summary>
public class TryValueTests
{
    private const string Members =
        """
        static void Quiet() { }
        static void Step() { if (Environment.TickCount > 3) throw new InvalidOperationException(); }
        static void Set(out bool done) => done = Environment.TickCount > 3;
        Action _run;
        """;

    [Theory]
    [InlineData("Action run = Quiet; try { run = Work.Do; Step(); run = Quiet; } catch (Exception) { {|MM1001:run()|}; }")]
    [InlineData("Action run = Quiet; try { run = Work.Do; Step(); run = Quiet; } finally { {|MM1001:run()|}; }")]
    [InlineData("Action run = Quiet; try { Step(); run = Work.Do; Step(); run = Quiet; Step(); } catch (Exception) { } {|MM1001:run()|};")]
    [InlineData("_run = Quiet; try { _run = Work.Do; Step(); _run = Quiet; } catch (Exception) { {|MM1001:_run()|}; }")]
    [InlineData("bool done = false; try { Step(); done = true; Step(); done = false; } catch (Exception) { if (done) {|MM1001:Work.Do()|}; }")]
    [InlineData("bool done = false; try { Set(out done); Step(); done = false; } catch (Exception) { if (done) {|MM1001:Work.Do()|}; }")]
    [InlineData("Action run = Quiet; while (_count-- > 0) { try { run = Work.Do; Step(); run = Quiet; } catch (Exception) { {|MM1001:run()|}; } }")]
    public Task Value_BetweenTwoWrites_IsSeenByTheHandler(string statements) => LanguageCase.FoundAsync(statements, Members);

    [Theory]
    [InlineData("Action run = Quiet; try { run = Quiet; Step(); run = Work.Do; } catch (Exception) { run(); }")]
    [InlineData("Action run = Quiet; try { Step(); run = Work.Do; } finally { Quiet(); } ")]
    [InlineData("bool done = false; try { Step(); done = true; } catch (Exception) { if (done) Work.Do(); }")]
    [InlineData("Action run = Work.Do; run = Quiet; try { Step(); } catch (Exception) { run(); }")]
    public Task Value_ThatNoExceptionMeets_IsNotSeen(string statements) => LanguageCase.SilentAsync(statements, Members);
}
