using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Mm.Benchmarks.Generated;

/// <summary>
/// Writes a project of a given shape: the same shape gives the same text. Methods look like those of ordinary code: loops, conditions,
/// strings, collections, calls into the framework and into each other; chains of calls cross files.
/// </summary>
internal sealed class ProjectGenerator(ProjectShape shape)
{
    private const string Locks =
        """
        using Mm.Contexts;
        namespace Synthetic;

        [System.Flags] public enum Gfp { None = 0, Wait = 1, High = 2, Atomic = High, Kernel = Wait }

        [Scope<SpinLockHeld>]
        public readonly ref struct Guard { public void Dispose() { } }

        public sealed class TicketLock
        {
            public Guard Hold() => default;
            [Enters<SpinLockHeld>, Trusted("primitive")] public void Acquire() { }
            [Leaves<SpinLockHeld>, Trusted("primitive")] public void Release() { }
            [return: Enters<SpinLockHeld>] [Trusted("primitive")] public bool TryAcquire() => true;
        }

        public static class Kernel
        {
            [Might<Sleep>, Trusted("primitive")] public static void Schedule() { }
            [Might<Sleep>(When = nameof(gfp), Has = Gfp.Wait), Trusted("primitive")] public static int Allocate(int size, Gfp gfp) => size;
        }
        """;

    private readonly Random _random = new(12345);

    public IEnumerable<(string Path, string Text)> Files()
    {
        if (!shape.IsPlain) yield return ("Locks.cs", Locks);
        yield return ("Steps.cs", StepsText());
        var files = (shape.Methods + shape.MethodsPerFile - 1) / shape.MethodsPerFile;
        for (var file = 0; file < files; file++)
        {
            yield return ($"C{file}.cs", FileText(file));
        }
    }

    /// <summary>The same file after one edit inside one method body.</summary>
    public static string Edit(string text, int edit)
    {
        const string mark = "int sum = n;";
        var at = text.IndexOf(mark, text.Length / 2, StringComparison.Ordinal);
        if (at < 0) at = text.IndexOf(mark, StringComparison.Ordinal);
        return text.Insert(at + mark.Length, " sum += " + edit.ToString(CultureInfo.InvariantCulture) + ";");
    }

    private static string StepsText()
    {
        var text = new StringBuilder("namespace Synthetic;\npublic interface IStep { int Step(int n); }\n");
        for (var i = 0; i < 5; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"public sealed class Step{i} : IStep {{ public int Step(int n) => n * {i + 2}; }}\n");
        }

        return text.ToString();
    }

    private string FileText(int file)
    {
        var text = new StringBuilder("using System;\nusing System.Collections.Generic;\nusing System.Linq;\n");
        if (!shape.IsPlain) text.Append("using Mm.Contexts;\n");
        text.Append("\nnamespace Synthetic;\n\n");
        text.Append(CultureInfo.InvariantCulture, $"public sealed class C{file}\n{{\n");
        if (!shape.IsPlain) text.Append("    private readonly TicketLock _lock = new();\n");
        text.Append("    private readonly List<string> _items = new();\n    private readonly Dictionary<string, int> _known = new();\n");
        text.Append("    private readonly IStep _step = new Step1();\n    private int _count;\n\n");
        text.Append(CultureInfo.InvariantCulture, $"    public static C{file} Instance {{ get; }} = new();\n\n    public int Count => _count;\n");
        var last = Math.Min(shape.Methods, (file + 1) * shape.MethodsPerFile);
        for (var method = file * shape.MethodsPerFile; method < last; method++) Method(text, method);
        return text.Append("}\n").ToString();
    }

    private void Method(StringBuilder text, int method)
    {
        var enters = _random.NextDouble() < shape.Share;
        text.Append('\n');
        if (shape.IsAnnotated) text.Append(enters ? "    [Never<Fault>]\n" : "    [Never<Sleep>]\n");
        text.Append(CultureInfo.InvariantCulture, $"    public int M{method}(int n, string text{(shape.IsPlain ? "" : ", Gfp gfp")})\n    {{\n");
        text.Append("        int sum = n;\n");
        switch (_random.Next(3))
        {
            case 0:
                text.Append("        for (int i = 0; i < n; i++)\n        {\n            sum += i * 3;\n            if ((sum & 1) == 0) sum -= _count;\n        }\n\n");
                break;
            case 1:
                text.Append("        foreach (var item in _items)\n        {\n            if (item.Length > n && item != text) sum += item.Length;\n            else if (_known.TryGetValue(item, out int known)) sum += known;\n        }\n\n");
                break;
            default:
                text.Append("        var found = _items.Where(item => item.Length > n).Select(item => item.ToUpperInvariant()).ToList();\n        sum += found.Count;\n        try { sum += int.Parse(text); }\n        catch (FormatException) { sum = -1; }\n\n");
                break;
        }

        if (enters) Critical(text);
        text.Append("        if (text.Length > 3)\n        {\n            _items.Add(text.Trim());\n            _known[text] = sum;\n        }\n\n");
        text.Append("        string shown = sum > 0 ? $\"{text}: {sum}\" : string.Empty;\n        if (shown.StartsWith(\"x\", StringComparison.Ordinal)) return -1;\n");
        text.Append(CultureInfo.InvariantCulture, $"        return sum + {Call(method)};\n    }}\n");
    }

    private void Critical(StringBuilder text)
    {
        switch (_random.Next(4))
        {
            case 0:
                text.Append("        using (_lock.Hold())\n        {\n            _count += sum;\n            sum = Kernel.Allocate(sum, Gfp.Atomic);\n        }\n\n");
                break;
            case 1:
                text.Append("        using var guard = _lock.Hold();\n        _count += sum;\n\n");
                break;
            case 2:
                text.Append("        _lock.Acquire();\n        if (_count > sum)\n        {\n            _lock.Release();\n            return _count;\n        }\n\n        _count += sum;\n        _lock.Release();\n\n");
                break;
            default:
                text.Append("        bool taken = n > 3;\n        if (taken) _lock.Acquire();\n        _count += sum;\n        if (taken) _lock.Release();\n\n");
                break;
        }
    }

    private string Call(int method)
    {
        if (_random.NextDouble() < shape.Virtual) return "_step.Step(n)";
        if (method % shape.Depth == 0) return shape.IsPlain || shape.IsAnnotated ? "_count" : "Kernel.Allocate(n, gfp)";
        var callee = method - 1;
        return string.Create(CultureInfo.InvariantCulture, $"C{callee / shape.MethodsPerFile}.Instance.M{callee}(n, text{(shape.IsPlain ? "" : ", gfp")})");
    }
}
