using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// One line of the catalogue or of an annotation file: a documentation id, a verb, its subject, and a condition.
/// <code>
/// M:System.Threading.SemaphoreSlim.Wait(System.Int32)   might Sleep when millisecondsTimeout is not 0
/// M:System.Threading.SpinLock.Enter(System.Boolean@)    enters SpinLockHeld if lockTaken always
/// </code>
/// </summary>
internal sealed class AnnotationLine
{
    private static readonly ImmutableHashSet<string> Verbs = ImmutableHashSet.Create(
        "might", "never", "enters", "leaves", "scope", "requires", "forbidden", "runs", "tests", "deferred", "latch");

    private AnnotationLine(string key, string verb, string subject)
    {
        Key = key;
        Verb = verb;
        Subject = subject;
        TypeName = NameOfType(key);
    }

    /// <summary>The documentation id, with or without a parameter list; without one it speaks of all overloads.</summary>
    public string Key { get; }

    public string Verb { get; }

    /// <summary>An effect, "unknown" for a member that runs whatever it is told to, a context, or the name of a parameter.</summary>
    public string Subject { get; }

    /// <summary>The parameter of a condition, "result" for the result, or null.</summary>
    public string? Parameter { get; private set; }

    /// <summary>"unless P": a property of the receiver that, once true, stays true, and rules the effect out.</summary>
    public string? Latch { get; private set; }

    /// <summary>"if p always": the call returns only with p set.</summary>
    public bool IsCertain { get; private set; }

    /// <summary>The simple name of the type that the line names or whose member it names.</summary>
    public string TypeName { get; }

    /// <summary>The simple name of the member that the line names; "#ctor" of constructors.</summary>
    public string MemberName
    {
        get
        {
            int end = Key.IndexOf('(');
            string path = end < 0 ? Key : Key.Substring(0, end);
            string name = path.Substring(path.LastIndexOf('.') + 1);
            int arity = name.IndexOf('`');
            return arity < 0 ? name : name.Substring(0, arity);
        }
    }

    /// <summary>It comes with the analyzers, not from the project.</summary>
    public bool IsBuiltIn { get; set; }

    /// <summary>Its condition asks for bits.</summary>
    public bool IsOnFlags => Relation is "has" or "has not";

    private string? Relation { get; set; }

    private object? Operand { get; set; }

    /// <summary>Parses one line. Null and no error: blank or comment. Null and an error: what was expected and found.</summary>
    public static AnnotationLine? Parse(string text, out string? error)
    {
        error = null;
        text = WithoutComment(text);
        string[] words = text.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return null;
        if (words[0].Length < 3 || words[0][1] != ':' || "MTPE".IndexOf(words[0][0]) < 0)
        {
            error = $"expected a documentation id such as 'M:Acme.Latch.Take', found '{words[0]}'";
            return null;
        }

        if (words.Length < 3 || !Verbs.Contains(words[1]))
        {
            error = $"expected a verb and its subject ('might Sleep', 'enters SpinLockHeld', 'deferred callback'), found '{string.Join(" ", words, 1, words.Length - 1)}'";
            return null;
        }

        int at = 2;
        if (words[1] is "forbidden" or "runs" && words[at] == "in" && words.Length > 3) at++;
        var line = new AnnotationLine(words[0], words[1], words[at++]);
        if (at < words.Length && !line.ParseCondition(words, at))
        {
            error = $"expected 'when PARAMETER is|is not|has|has not VALUE' or 'if PARAMETER', found '{string.Join(" ", words, at, words.Length - at)}'";
            return null;
        }

        return line;
    }

    public static IEnumerable<AnnotationLine> ParseAll(string text)
    {
        foreach (string row in text.Split('\n'))
        {
            if (Parse(row, out _) is { } line) yield return line;
        }
    }

    public Condition? Condition(Value parameter) => Relation switch
    {
        "is" => new Condition(Fold.Equal(parameter, Constant.Of(Operand)), false),
        "is not" => new Condition(Fold.Not(Fold.Equal(parameter, Constant.Of(Operand))), false),
        "has" when Operand is long mask => new Condition(Fold.HasAny(parameter, mask), true),
        "has not" when Operand is long mask => new Condition(Fold.Not(Fold.HasAny(parameter, mask)), true),
        _ => null,
    };

    // A number sign inside an id, as in '#ctor', begins no comment.
    private static string WithoutComment(string text)
    {
        for (int at = text.IndexOf('#'); at >= 0; at = text.IndexOf('#', at + 1))
        {
            if (at == 0 || char.IsWhiteSpace(text[at - 1])) return text.Substring(0, at);
        }

        return text;
    }

    private static string NameOfType(string key)
    {
        int end = key.IndexOf('(');
        string path = end < 0 ? key.Substring(2) : key.Substring(2, end - 2);
        if (key[0] != 'T') path = path.Substring(0, Math.Max(0, path.LastIndexOf('.')));
        string name = path.Substring(path.LastIndexOf('.') + 1);
        int arity = name.IndexOf('`');
        return arity < 0 ? name : name.Substring(0, arity);
    }

    private bool ParseCondition(string[] words, int at)
    {
        if (words[at] == "unless" && words.Length == at + 2)
        {
            Latch = words[at + 1];
            return true;
        }

        if (words[at] == "if" && words.Length > at + 1)
        {
            Parameter = words[at + 1];
            IsCertain = words.Length == at + 3 && words[at + 2] == "always";
            return words.Length == at + 2 || IsCertain;
        }

        if (words[at] != "when" || words.Length < at + 4) return false;
        Parameter = words[at + 1];
        Relation = words[at + 2];
        int value = at + 3;
        if (words[value] == "not" && words.Length > value + 1)
        {
            Relation += " not";
            value++;
        }

        if (Relation is not ("is" or "is not" or "has" or "has not") || words.Length != value + 1) return false;
        Operand = words[value] switch
        {
            "null" => null,
            "true" => true,
            "false" => false,
            var number when long.TryParse(number, NumberStyles.Integer, CultureInfo.InvariantCulture, out long parsed) => parsed,
            var other => other,
        };
        return true;
    }
}
