using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A yes or no in an out parameter that hangs on what the caller has passed, as interpolated strings ask whether to evaluate their holes.</summary>
public class OutTruthTests
{
    private const string Members =
        """
        static void Same(bool on, out bool go) => go = on;
        static void Not(bool on, out bool go) => go = !on;
        static void AtLeast(int level, out bool go) => go = level >= 3;
        static void Both(bool on, int level, out bool go) { Same(on, out bool first); go = first && level > 2; }
        static void Any(out bool go) => go = Environment.TickCount > 3;
        static readonly Log _silent = new(false), _loud = new(true);
        """;

    private const string Types =
        """
        public class Log
        {
            public readonly bool IsOn;
            public Log(bool isOn) => IsOn = isOn;
            public void Write(int level, [InterpolatedStringHandlerArgument("", "level")] ref Text text) { }
            public static void Write(bool on, [InterpolatedStringHandlerArgument("on")] ref Text text) { }
        }

        [InterpolatedStringHandler]
        public ref struct Text
        {
            public Text(int literal, int holes, bool on, out bool go) => go = on;
            public Text(int literal, int holes, Log log, int level, out bool go) => go = log.IsOn && level >= 3;
            public void AppendLiteral(string text) { }
            public void AppendFormatted(int number) { }
        }
        """;

    [Theory]
    [InlineData("Same(true, out bool go); if (go) {|MM1001:Work.Do()|};")]
    [InlineData("Not(false, out bool go); if (go) {|MM1001:Work.Do()|};")]
    [InlineData("AtLeast(_count, out bool go); if (go) {|MM1001:Work.Do()|};")]
    [InlineData("Both(true, 3, out bool go); if (go) {|MM1001:Work.Do()|};")]
    [InlineData("Any(out bool go); if (go) {|MM1001:Work.Do()|};")]
    [InlineData("Log.Write(true, $\"a {{|MM1001:Work.Get()|}}\");")]
    [InlineData("Log.Write(_count > 3, $\"a {{|MM1001:Work.Get()|}}\");")]
    [InlineData("_loud.Write(3, $\"a {{|MM1001:Work.Get()|}}\");")]
    public Task Sleep_WhereTheTruthMayHold_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members, Types);

    [Theory]
    [InlineData("Same(false, out bool go); if (go) Work.Do();")]
    [InlineData("Not(false, out bool go); if (!go) Work.Do();")]
    [InlineData("AtLeast(2, out bool go); if (go) Work.Do();")]
    [InlineData("Both(true, 2, out bool go); if (go) Work.Do();")]
    [InlineData("Both(false, 3, out bool go); if (go) Work.Do();")]
    [InlineData("bool on = _count > 3; if (!on) { Same(on, out bool go); if (go) Work.Do(); }")]
    [InlineData("Log.Write(false, $\"a {Work.Get()}\");")]
    [InlineData("_loud.Write(2, $\"a {Work.Get()}\");")]
    [InlineData("_silent.Write(3, $\"a {Work.Get()}\");")]
    public Task Sleep_WhereTheTruthCannotHold_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Members, Types);
}
