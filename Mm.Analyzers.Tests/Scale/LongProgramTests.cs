using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Scale;

/// <summary>
/// Programs that are very long, deep or wide in one respect: the verdict is right, nothing throws, and no stack overflows.
/// Nothing here is timed; a quadratic step shows as a test that does not come back.
/// </summary>
public class LongProgramTests
{
    // The compiler itself gives up on more nested calls and conditional operators than these.
    public static TheoryData<string, string> Bodies => new()
    {
        { "statements", Repeat(10_000, i => $"n += {i};\n") },
        { "calls", Repeat(10_000, _ => "n = Touch(n);\n") },
        { "branches", Repeat(2_000, i => $"if (n == {i}) n += {i};\n") },
        { "branches that call", Repeat(2_000, i => $"if (n > {i}) Touch(n);\n") },
        { "conditional operators", Repeat(1_000, i => $"n = n > {i} ? Touch(n) : n;\n") },
        { "null tests", Repeat(1_000, _ => "s = s?.Trim();\n") },
        { "terms of one expression", "n = n" + Repeat(5_000, i => $" + {i} * n") + ";" },
        { "terms of one condition", "bool all = n > 0" + Repeat(2_000, i => $" && n != -{i}") + "; if (all) n++;" },
        { "nested parentheses", "n = " + Repeat(1_000, _ => "(n - ") + "1" + Repeat(1_000, _ => ")") + ";" },
        { "nested sums", "n = " + Repeat(2_000, _ => "(") + "n" + Repeat(2_000, _ => " + 1)") + ";" },
        { "nested casts", "n = " + Repeat(1_000, _ => "(int)(long)-") + "n;" },
        { "nested conditional operators", "n = " + Repeat(700, i => $"(n == {i} ? {i} : ") + "n" + Repeat(700, _ => ")") + ";" },
        { "nested calls", "n = " + Repeat(1_000, _ => "Touch(") + "n" + Repeat(1_000, _ => ")") + ";" },
        { "strings in one sum", "s = s" + Repeat(2_000, _ => " + \"x\" + n") + ";" },
        { "nested blocks", Repeat(200, i => $"if (n > {i}) {{ ") + "n++;" + Repeat(200, _ => " }") },
        { "locals with conditions", Repeat(500, i => $"bool b{i} = n > {i}; if (b{i}) n++;\n") },
        { "locals alive to the end", Repeat(3_000, i => $"bool b{i} = n > {i};\n") + Repeat(3_000, i => $"if (b{i}) n++;\n") },
        { "loops", Repeat(500, _ => "for (int i = 0; i < n; i++) n += i;\n") },
        { "lambdas", Repeat(500, i => $"Func<int> f{i} = () => n; n += f{i}();\n") },
    };

    [Fact]
    public Task Chain_OfTenThousandCalls_FindsTheSleepAtItsEnd() =>
        ReportsOnceAsync("void Start() { using (_lock.Hold()) M0(); }\n"
            + Repeat(10_000, i => $"static void M{i}() {{ {(i + 1 < 10_000 ? $"M{i + 1}" : "Scheduler.Schedule")}(); }}\n"));

    // Each class calls members of its type argument, which may be any of the others: the ways through them must not multiply.
    [Theory]
    [InlineData("Leaf", true)]
    [InlineData("Quiet", false)]
    public Task Generics_OverEachOther_AreJudgedByTheTypeArgumentsOfTheCall(string leaf, bool sleeps)
    {
        string code = $"void Start() {{ using (_lock.Hold()) Pass(new C0<C1<{leaf}>>(new C1<{leaf}>(new {leaf}()))); }}\n"
            + "static void Use<T>(T t) where T : INode { t.A(); t.B(); }\nstatic void Pass<T>(T t) where T : INode => Use(t);\n"
            + "interface INode { void A(); void B(); }\n"
            + "class Leaf : INode { public void A() => Scheduler.Schedule(); public void B() { } }\nclass Quiet : INode { public void A() { } public void B() { } }\n"
            + Repeat(12, i => $"class C{i}<T> : INode where T : INode {{ T _t; public C{i}(T t) => _t = t; public void A() {{ _t.A(); _t.B(); }} public void B() {{ _t.B(); _t.A(); }} }}\n");
        return sleeps ? ReportsOnceAsync(code) : IsSilentAsync(code);
    }

    [Fact]
    public Task Chain_OfTenThousandCallsThatEndsHarmlessly_IsSilent() =>
        IsSilentAsync("void Start() { using (_lock.Hold()) M0(); }\n"
            + Repeat(10_000, i => $"static void M{i}() {{ {(i + 1 < 10_000 ? $"M{i + 1}();" : "")} }}\n"));

    [Fact]
    public Task Cycle_OfTwoThousandMethods_FindsTheSleepInTheMiddle() =>
        ReportsOnceAsync("void Start() { using (_lock.Hold()) M0(3); }\n"
            + Repeat(2_000, i => $"static void M{i}(int n) {{ if (n > 0) M{(i + 1) % 2_000}(n - 1);{(i == 1_000 ? " Scheduler.Schedule();" : "")} }}\n"));

    [Fact]
    public Task Cycle_OfTwoThousandMethodsWithoutASleep_IsSilent() =>
        IsSilentAsync("void Start() { using (_lock.Hold()) M0(3); }\n"
            + Repeat(2_000, i => $"static void M{i}(int n) {{ if (n > 0) M{(i + 1) % 2_000}(n - 1); }}\n"));

    [Fact]
    public Task Chain_OfTypeArguments_FindsTheSleepAtItsEnd() =>
        ReportsOnceAsync("static T Make<T>() where T : new() => new T();\nvoid Start() { using (_lock.Hold()) Make<C0>(); }\n"
            + Repeat(3_000, i => $"class C{i} {{ public C{i}() {{ {(i + 1 < 3_000 ? $"Make<C{i + 1}>" : "Scheduler.Schedule")}(); }} }}\n"));

    [Fact]
    public Task Cycle_OfTypeArguments_FindsTheSleepInTheMiddle() =>
        ReportsOnceAsync("static T Make<T>() where T : new() => new T();\nvoid Start() { using (_lock.Hold()) Make<C0>(); }\n"
            + Repeat(20, i => $"class C{i} {{ public C{i}() {{ if (Make<C{(i + 1) % 20}>() is null){(i == 10 ? " Scheduler.Schedule()" : "")}; }} }}\n"));

    [Fact]
    public Task Cycle_OfTypeArgumentsWithoutASleep_IsSilent() =>
        IsSilentAsync("static T Make<T>() where T : new() => new T();\nvoid Start() { using (_lock.Hold()) Make<C0>(); }\n"
            + Repeat(20, i => $"class C{i} {{ public C{i}() {{ Make<C{(i + 1) % 20}>(); }} }}\n"));

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task Body_UnderALock_FindsTheSleepBehindAllOfIt(string what, string statements) =>
        ReportsOnceAsync(Method($"_lock.Acquire(); {statements} Scheduler.Schedule(); _lock.Release(); // {what}"));

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task Body_UnderALockThatIsLeftFirst_IsSilent(string what, string statements) =>
        IsSilentAsync(Method($"_lock.Acquire(); {statements} _lock.Release(); Scheduler.Schedule(); // {what}"));

    [Fact]
    public Task Sections_InARow_AreLeftOneByOne() =>
        IsSilentAsync(Method(Repeat(1_000, _ => "using (_lock.Hold()) { n++; }\n") + "Scheduler.Schedule();"));

    private static string Method(string body) => "static int Touch(int n) => n + 1;\nvoid M(int n, string s)\n{\n" + body + "\n}\n";

    private static string Repeat(int times, Func<int, string> part)
    {
        var text = new StringBuilder();
        for (var i = 0; i < times; i++) text.Append(part(i));
        return text.ToString();
    }

    private static async Task ReportsOnceAsync(string members) => Assert.Equal("MM1001", await IdsAsync(members));

    private static async Task IsSilentAsync(string members) => Assert.Equal("", await IdsAsync(members));

    // The run itself fails the test if an analyzer throws (AD0001).
    private static async Task<string> IdsAsync(string members)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"using System;\nclass Case\n{{\nreadonly TicketLock _lock = new();\n{members}}}\n");
        var diagnostics = await new AnalyzerTest([("Case.cs", text)]).RunAsync();
        return string.Join(", ", diagnostics.Select(d => d.Id));
    }
}
