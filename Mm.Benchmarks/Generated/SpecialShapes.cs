using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Mm.Benchmarks.Generated;

/// <summary>Programs that are far too long, deep or wide in one respect. Each holds one mistake, at its far end.</summary>
internal static class SpecialShapes
{
    private const string Prelude =
        """
        using Mm.Contexts;
        [Scope<SpinLockHeld>] public readonly ref struct Guard { public void Dispose() { } }
        public sealed class TicketLock
        {
            public Guard Hold() => default;
            [Enters<SpinLockHeld>, Trusted("primitive")] public void Acquire() { }
            [Leaves<SpinLockHeld>, Trusted("primitive")] public void Release() { }
        }
        public static class Kernel { [Might<Sleep>, Trusted("primitive")] public static void Schedule() { } }

        """;

    public static IEnumerable<(string Name, string Text)> All(int size)
    {
        yield return ($"chain of {size} calls", Chain(size));
        yield return ($"chain of {size} calls, lock around each", Nested(Math.Min(size, 2000)));
        yield return ($"cycle of {Math.Min(size, 2000)} methods", Cycle(Math.Min(size, 2000)));
        yield return ($"{size} statements", Body(size, i => $"n += {i};"));
        yield return ($"{size} calls in a body", Body(size, i => "Touch(n);"));
        yield return ($"{size} branches", Body(size, i => $"if (n == {i}) n += {i};"));
        yield return ($"{size} branches that call", Body(size, i => $"if (n > {i}) Touch(n);"));
        yield return ($"{size} conditional operators", Body(size, i => $"n = n > {i} ? Touch(n) : n;"));
        yield return ($"{size} null tests", Body(size, i => "s = s?.Trim();"));
        yield return ($"expression of {size} terms", Body(1, _ => "n = n" + Repeat(size, i => $" + {i} * n") + ";"));
        yield return ($"condition of {Math.Min(size, 3000)} terms", Body(1, _ => "bool all = n > 0" + Repeat(Math.Min(size, 3000), i => $" && n != -{i}") + "; if (all) n++;"));
        yield return ($"{size} strings added", Body(1, _ => "s = s" + Repeat(size, i => " + \"x\" + n") + ";"));
        yield return ($"switch of {size} cases", Body(1, _ => "switch (n) {" + Repeat(size, i => $" case {i}: n += Touch({i}); break;") + " }"));
        yield return ($"{Math.Min(size, 3000)} locals with conditions", Body(Math.Min(size, 3000), i => $"bool b{i} = n > {i}; if (b{i}) n++;"));
        yield return ($"{Math.Min(size, 3000)} locals alive to the end", Locals(Math.Min(size, 3000)));
        yield return ($"{Math.Min(size, 2000)} sections", Body(Math.Min(size, 2000), i => "using (_lock.Hold()) { n++; }", isOutside: true));
        yield return ($"{Math.Min(size, 2000)} explicit pairs", Body(Math.Min(size, 2000), i => "_lock.Acquire(); n++; _lock.Release();", isOutside: true));
        yield return ($"{Math.Min(size, 1000)} nested blocks", Body(1, _ => Repeat(Math.Min(size, 300), i => $"if (n > {i}) {{ ") + "n++;" + Repeat(Math.Min(size, 300), _ => " }")));
        yield return ($"{Math.Min(size, 1000)} lambdas", Body(Math.Min(size, 1000), i => "System.Func<int> f" + i.ToString(CultureInfo.InvariantCulture) + " = () => n; n += f" + i.ToString(CultureInfo.InvariantCulture) + "();"));
        yield return ($"{Math.Min(size, 1000)} loops in a row", Body(Math.Min(size, 1000), i => $"for (int i = 0; i < n; i++) n += i;"));
        yield return ($"{size} implementations", Implementations(size));
    }

    private static string Repeat(int times, Func<int, string> part)
    {
        var text = new StringBuilder();
        for (var i = 0; i < times; i++) text.Append(part(i));
        return text.ToString();
    }

    private static string Chain(int length) =>
        Prelude + "class C { readonly TicketLock _lock = new(); void Start() { using (_lock.Hold()) M0(); }\n"
        + Repeat(length, i => $"static void M{i}() {{ {(i + 1 < length ? $"M{i + 1}" : "Kernel.Schedule")}(); }}\n") + "}";

    private static string Nested(int length) =>
        Prelude + "class C { readonly TicketLock _lock = new();\n"
        + Repeat(length, i => $"void M{i}() {{ using (_lock.Hold()) {{ {(i + 1 < length ? $"M{i + 1}" : "Kernel.Schedule")}(); }} }}\n") + "}";

    private static string Cycle(int length) =>
        Prelude + "class C { readonly TicketLock _lock = new(); void Start() { using (_lock.Hold()) M0(3); }\n"
        + Repeat(length, i => $"static void M{i}(int n) {{ if (n > 0) M{(i + 1) % length}(n - 1);{(i == length / 2 ? " Kernel.Schedule();" : "")} }}\n") + "}";

    private static string Body(int times, Func<int, string> statement, bool isOutside = false) =>
        Prelude + "class C { readonly TicketLock _lock = new(); static int Touch(int n) => n + 1;\n  void M(int n, string s)\n  {\n"
        + (isOutside ? "" : "_lock.Acquire();\n")
        + Repeat(times, i => "    " + statement(i) + "\n")
        + (isOutside ? "_lock.Acquire();\n" : "") + "Kernel.Schedule(); _lock.Release(); } }";

    private static string Locals(int count) =>
        Prelude + "class C { readonly TicketLock _lock = new();\n  void M(int n, string s)\n  {\n_lock.Acquire();\n"
        + Repeat(count, i => $"bool b{i} = n > {i};\n") + Repeat(count, i => $"if (b{i}) n++;\n") + "Kernel.Schedule(); _lock.Release(); } }";

    private static string Implementations(int count) =>
        Prelude + "interface I { void Do(); }\n" + Repeat(count, i => $"class I{i} : I {{ public void Do() {{ {(i + 1 == count ? "Kernel.Schedule();" : "")} }} }}\n")
        + "class C { readonly TicketLock _lock = new(); void M(I i) { using (_lock.Hold()) i.Do(); } }";
}
