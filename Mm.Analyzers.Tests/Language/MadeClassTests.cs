using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>An object whose making is seen is of the class that was made: in a place that keeps it, and as the result of the method that makes it.</summary>
public class MadeClassTests
{
    private const string Types =
        """
        interface ISink { void Emit(); int Size { get; } }
        class Memory : ISink { public virtual void Emit() { } public int Size => 1; }
        class Disk : Memory, ISink { public override void Emit() => Work.Do(); int ISink.Size { get { Work.Do(); return 2; } } }
        sealed class Ending : System.IDisposable { public void Dispose() => Work.Do(); }
        sealed class Nothing : System.IDisposable { public static readonly System.IDisposable Instance = new Nothing(); public void Dispose() { } }
        class Scopes
        {
            public bool On;
            public System.IDisposable Begin() => new Ending();
            public System.IDisposable Through() { var ending = Begin(); return ending; }
            public System.IDisposable Perhaps() { if (!On) return Nothing.Instance; return new Ending(); }
            public System.IDisposable Harmless() => Nothing.Instance;
            public System.IDisposable? Maybe() => On ? new Ending() : null;
            public System.IDisposable Chosen(int n) { System.IDisposable chosen; if (n > 1) chosen = new Ending(); else chosen = new Nothing(); return chosen; }
            public static ISink Fast() => new Memory();
            public static ISink Any(bool slow) { ISink made = new Memory(); if (slow) made = new Disk(); return made; }
        }
        """;

    [Theory]
    [InlineData("{|MM1001:_sink.Emit()|};", "private readonly ISink _sink = new Memory();")]
    [InlineData("{|MM1001:_sink.Emit()|};", "private readonly Memory _sink = new Memory();")]
    [InlineData("{|MM1001:_sink.Emit()|};", "private readonly ISink _sink = new Disk();")]
    [InlineData("{|MM1001:_sink.Emit()|};", "private ISink _sink = new Memory(); void Other() => _sink = new Disk();")]
    [InlineData("{|MM1001:Sink.Emit()|};", "private ISink Sink => new Disk();")]
    [InlineData("int n = {|MM1001:_sink.Size|};", "private readonly ISink _sink = new Disk();")]
    [InlineData("{|MM1001:_sink.Emit()|};", "private readonly ISink _sink = new Memory(); public Case() { } public Case(ISink other) => _sink = other;")]
    [InlineData("{|MM1001:_ending.Dispose()|};", "private readonly System.IDisposable _ending = new Ending();")]
    [InlineData("using ({|MM1001:Last|}) { }", "private System.IDisposable Last { get; } = new Ending();")]
    [InlineData("_ending.Dispose();", "private readonly System.IDisposable _ending = new Nothing();")]
    [InlineData("{|MM1001:_order.Compare(1, 2)|};", "private readonly IComparer<int> _order = new Slow(); sealed class Slow : IComparer<int> { public int Compare(int a, int b) { Work.Do(); return 0; } }")]
    [InlineData("_order.Compare(1, 2);", "private readonly IComparer<int> _order; public Case(IComparer<int> order) => _order = order; sealed class Slow : IComparer<int> { public int Compare(int a, int b) { Work.Do(); return 0; } }")]
    public Task Place_KeepsWhatItsInitializerMakes_IsOfThatClassForMembersOfDotNet(string statements, string members) => JudgeAsync(statements, members);

    [Theory]
    [InlineData("{|MM1001:using (_scopes.Begin()) { }|}")]
    [InlineData("{|MM1001:using (_scopes.Through()) { }|}")]
    [InlineData("{|MM1001:using (_scopes.Perhaps()) { }|}")]
    [InlineData("{|MM1001:using (_scopes.Maybe()) { }|}")]
    [InlineData("using (_scopes.Harmless()) { }")]
    [InlineData("{|MM1001:using (_scopes.Chosen(_count)) { }|}")]
    [InlineData("System.IDisposable ending = _count > 0 ? new Ending() : new Nothing(); {|MM1001:ending.Dispose()|};")]
    [InlineData("System.IDisposable ending = new Ending(); if (_count > 0) ending = new Nothing(); {|MM1001:ending.Dispose()|};")]
    [InlineData("System.IDisposable ending = new Ending(); ending = new Nothing(); ending.Dispose();")]
    [InlineData("System.Func<System.IDisposable> begin = () => new Ending(); {|MM1001:begin().Dispose()|};")]
    [InlineData("System.Func<System.IDisposable> begin = () => new Nothing(); begin().Dispose();")]
    [InlineData("var ending = _scopes.Begin(); {|MM1001:ending.Dispose()|};")]
    [InlineData("{|MM1001:Scopes.Fast().Emit()|};")]
    [InlineData("{|MM1001:Scopes.Any(true).Emit()|};")]
    [InlineData("{|MM1001:Outer()|};")]
    public Task Result_OfAMethodThatMakesIt_IsDisposedOfAsThatClass(string statements) => JudgeAsync(
        statements.Replace("{|MM1001:using (", "using ({|MM1001:", StringComparison.Ordinal).Replace(") { }|}", "|}) { }", StringComparison.Ordinal),
        "private readonly Scopes _scopes = new(); void Outer() { using (_scopes.Begin()) { } }");

    [Theory]
    [InlineData("_log.Info();", "private readonly Log _log = new(new Memory());")]
    [InlineData("{|MM1001:_log.Info()|};", "private readonly Log _log = new(new Disk());")]
    [InlineData("{|MM1001:_log.Info()|};", "private readonly Log _log; public Case(Log log) => _log = log;")]
    [InlineData("_log.Info();", "private static readonly Log s_log = new(new Memory()); private static Log _log => s_log;")]
    [InlineData("_outer.Write();", "private readonly Outer _outer = new(new Log(new Memory()));")]
    [InlineData("{|MM1001:_outer.Write()|};", "private readonly Outer _outer = new(new Log(new Disk()));")]
    [InlineData("{|MM1001:_shared.Info()|};", "private readonly Loose _shared = new(new Memory());")]
    [InlineData("int n = _log.Size;", "private readonly Log _log = new(new Memory());")]
    [InlineData("int n = {|MM1001:_log.Size|};", "private readonly Log _log = new(new Disk());")]
    public Task Part_OfAnObjectThatIsSeenBeingMade_IsOfTheClassThatItWasGiven(string statements, string members) => JudgeAsync(
        statements,
        members,
        Types + """

        sealed class Log(ISink sink) { public void Info() => Emit(); void Emit() { if (sink.Size >= 0) sink.Emit(); } public int Size => sink.Size; }
        sealed class Outer { readonly Log _log; public Outer(Log log) => _log = log; public void Write() => _log.Info(); }
        class Loose { ISink _sink; public Loose(ISink sink) => _sink = sink; public void Info() => _sink.Emit(); public void Use(ISink other) => _sink = other; }
        """);

    [Fact]
    public Task Result_OfAnAlternatingLoop_ForgetsTheLastTurn() => JudgeAsync(
        "for (int i = 0; i < 3; i++) { var sink = i > 1 ? Scopes.Fast() : _given; {|MM1001:sink.Emit()|}; }",
        "private ISink _given = null!;");

    private static Task JudgeAsync(string statements, string members, string types = Types) => statements.Contains("{|", StringComparison.Ordinal)
        ? LanguageCase.FoundAsync(statements, members, types)
        : LanguageCase.SilentAsync(statements, members, types);
}
