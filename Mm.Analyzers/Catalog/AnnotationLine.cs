using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>A word of a line, and where in the line it begins.</summary>
internal readonly record struct Word(string Text, int Start);

/// <summary>What is wrong with a line, in the words "expected …, found …", and the word it stands on.</summary>
internal sealed record LineFault(string Text, Word At);

/// <summary>
/// One line of the catalogue or of an annotation file: a documentation id, a verb, its subject, and a condition.
/// docs/annotation-files.md has the grammar.
/// <code>
/// M:System.Threading.SemaphoreSlim.Wait(System.Int32)   might Sleep when millisecondsTimeout is not 0
/// M:System.Threading.SpinLock.Enter(System.Boolean@)    enters SpinLockHeld if lockTaken always
/// !M:System.Threading.SpinWait.SpinOnce                 might Sleep
/// </code>
/// </summary>
internal sealed class AnnotationLine
{
    /// <summary>What a condition calls the result.</summary>
    public const string Result = "result";

    private const string Wildcard = ".*";

    private static readonly ImmutableHashSet<string> Verbs = ImmutableHashSet.Create(
        "might", "never", "enters", "leaves", "scope", "requires", "forbidden", "runs", "tests", "deferred", "latch");

    private AnnotationLine(Word id)
    {
        IsNegated = id.Text[0] == '!';
        KeyWord = IsNegated ? new Word(id.Text.Substring(1), id.Start + 1) : id;
        TypeName = NameOfType(Key);
    }

    /// <summary>
    /// The documentation id, with or without a parameter list; without one it speaks of all overloads, and with '.*' at its end of all
    /// members of a type. Any other '*' stands for any part of a name, before the member's name for dots too.
    /// </summary>
    public string Key => KeyWord.Text;

    public Word KeyWord { get; private set; }

    /// <summary>'!': what farther lines say of the symbol (with this verb, and this subject) is taken back.</summary>
    public bool IsNegated { get; }

    /// <summary>Of the catalogue that comes with the analyzers, and so farther than any line of a project.</summary>
    public bool IsBuiltIn { get; private set; }

    /// <summary>Empty only in a negated line that takes everything back.</summary>
    public string Verb { get; private set; } = "";

    /// <summary>An effect, "unknown" for a member that runs whatever it is told to, a context, a property, or the name of a parameter.</summary>
    public string Subject => SubjectWord.Text ?? "";

    public Word SubjectWord { get; private set; }

    /// <summary>The parameter of a condition, "result" for the result, or null.</summary>
    public string? Parameter => ParameterWord.Text;

    public Word ParameterWord { get; private set; }

    /// <summary>"unless P": a property of the receiver that, once true, stays true, and rules the effect out.</summary>
    public string? Latch => LatchWord.Text;

    public Word LatchWord { get; private set; }

    /// <summary>"if p always": the call returns only with p set.</summary>
    public bool IsCertain { get; private set; }

    /// <summary>"is", "is not", "has", "has not", or null where the condition is "if PARAMETER".</summary>
    public string? Relation { get; private set; }

    /// <summary>What the parameter is compared with: null, a bool, a long, or the name of an enumeration member.</summary>
    public object? Operand { get; private set; }

    public Word OperandWord { get; private set; }

    /// <summary>It speaks of whatever has a name of this form.</summary>
    public bool IsPattern => IsPatternKey(Key);

    /// <summary>The simple name of the type that the line names or whose member it names.</summary>
    public string TypeName { get; private set; }

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

    /// <summary>Its condition asks for bits.</summary>
    public bool IsOnFlags => Relation is "has" or "has not";

    /// <summary>Parses one line. Null and no fault: blank or comment. Null and a fault: what was expected and found.</summary>
    public static AnnotationLine? Parse(string text, out LineFault? fault)
    {
        fault = null;
        var words = Split(text);
        if (words.Count == 0) return null;
        string id = words[0].Text.TrimStart('!');
        if (words[0].Text.Length - id.Length > 1 || id.Length < 3 || id[1] != ':' || "MTPE".IndexOf(id[0]) < 0 || !NamesSomething(id))
        {
            fault = new LineFault($"expected a documentation id such as 'M:Acme.Latch.Take', found '{words[0].Text}'", words[0]);
            return null;
        }

        var line = new AnnotationLine(words[0]);
        if (words.Count == 1)
        {
            if (!line.IsNegated) fault = new LineFault("expected a verb and its subject, such as 'might Sleep', found the end of the line", words[0]);
            return line.IsNegated ? line : null;
        }

        if (!Verbs.Contains(words[1].Text))
        {
            fault = new LineFault($"expected one of the verbs might, never, enters, leaves, scope, requires, forbidden in, runs in, tests, deferred and latch, found '{words[1].Text}'", words[1]);
            return null;
        }

        line.Verb = words[1].Text;
        int at = 2;
        if (line.Verb is "forbidden" or "runs" && words.Count > 2 && words[2].Text == "in") at++;
        if (at >= words.Count)
        {
            if (line.IsNegated && at == 2) return line;
            fault = new LineFault($"expected what '{line.Verb}' speaks of, found the end of the line", words[at - 1]);
            return null;
        }

        line.SubjectWord = words[at++];
        if (at == words.Count) return line;
        fault = line.IsNegated ? new LineFault($"expected the end of a line that takes something back, found '{words[at].Text}'", words[at]) : line.ParseCondition(words, at);
        return fault is null ? line : null;
    }

    /// <summary>Whether a key stands for all names of a form; 'M:Acme.Latch.*' names the members of one type, and does not.</summary>
    public static bool IsPatternKey(string key)
    {
        int at = key.IndexOf('*');
        return at >= 0 && !(key[0] == 'M' && at == key.Length - 1 && key.EndsWith(Wildcard, StringComparison.Ordinal));
    }

    /// <summary>What the line says, of one of the symbols that its pattern names.</summary>
    public AnnotationLine Of(string id)
    {
        var line = (AnnotationLine)MemberwiseClone();
        line.KeyWord = new Word(id, KeyWord.Start);
        line.TypeName = NameOfType(id);
        return line;
    }

    /// <summary>The lines that can be read; MM3005 speaks of the others.</summary>
    public static IEnumerable<AnnotationLine> ParseAll(string text, bool isBuiltIn = false)
    {
        foreach (string row in text.Split('\n'))
        {
            if (Parse(row, out _) is not { } line) continue;
            line.IsBuiltIn = isBuiltIn;
            yield return line;
        }
    }

    /// <summary>The condition on a parameter; null where there is none, or where its constant is not one of the parameter.</summary>
    public Condition? Condition(Value parameter, object? operand) =>
        Held(parameter, operand) is { } condition ? condition with { Text = ConditionText.Of(Relation!, Parameter!, ConditionText.Short(OperandWord.Text)) } : null;

    private Condition? Held(Value parameter, object? operand) => Relation switch
    {
        "is" => new Condition(Fold.Equal(parameter, Constant.Of(operand)), false),
        "is not" => new Condition(Fold.Not(Fold.Equal(parameter, Constant.Of(operand))), false),
        "has" when operand is long mask => new Condition(Fold.HasAny(parameter, mask), true),
        "has not" when operand is long mask => new Condition(Fold.Not(Fold.HasAny(parameter, mask)), true),
        _ => null,
    };

    /// <summary>Whether this negated line takes the other back.</summary>
    public bool TakesBack(AnnotationLine other) =>
        Verb.Length == 0 || Verb == other.Verb && (Subject.Length == 0 || Subject == other.Subject);

    // A pattern of nothing but wildcards would be everything there is.
    private static bool NamesSomething(string id)
    {
        for (int i = 2; i < id.Length; i++)
        {
            if (id[i] is not ('*' or '.')) return true;
        }

        return false;
    }

    private static List<Word> Split(string text)
    {
        var words = new List<Word>();
        for (int i = 0; i < text.Length;)
        {
            // A number sign inside an id, as in '#ctor', begins no comment.
            if (text[i] == '#') break;
            int start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i])) i++;
            if (i > start) words.Add(new Word(text.Substring(start, i - start), start));
            while (i < text.Length && char.IsWhiteSpace(text[i])) i++;
        }

        return words;
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

    private LineFault? ParseCondition(List<Word> words, int at)
    {
        Word Next(int offset) => words[Math.Min(at + offset, words.Count - 1)];
        LineFault Expected(string what, int offset) => new(
            at + offset < words.Count ? $"expected {what}, found '{words[at + offset].Text}'" : $"expected {what}, found the end of the line", Next(offset));
        switch (words[at].Text)
        {
            case "unless":
                if (words.Count < at + 2) return Expected("the name of a property", 1);
                LatchWord = words[at + 1];
                return words.Count == at + 2 ? null : Expected("the end of the line", 2);
            case "if":
                if (words.Count < at + 2) return Expected("the name of a parameter, or 'result'", 1);
                ParameterWord = words[at + 1];
                IsCertain = words.Count == at + 3 && words[at + 2].Text == "always";
                return words.Count == at + 2 || IsCertain ? null : Expected("'always' or the end of the line", words.Count > at + 3 ? 3 : 2);
            case "when":
                if (words.Count < at + 2) return Expected("the name of a parameter", 1);
                ParameterWord = words[at + 1];
                if (words.Count < at + 3 || words[at + 2].Text is not ("is" or "has")) return Expected("'is', 'is not', 'has' or 'has not'", 2);
                Relation = words[at + 2].Text;
                int value = 3;
                if (words.Count > at + 3 && words[at + 3].Text == "not")
                {
                    Relation += " not";
                    value++;
                }

                if (words.Count <= at + value) return Expected("a constant", value);
                OperandWord = words[at + value];
                Operand = ReadConstant(OperandWord.Text);
                return words.Count == at + value + 1 ? null : Expected("the end of the line", value + 1);
            default:
                return Expected("'when', 'if' or 'unless'", 0);
        }
    }

    private static object? ReadConstant(string text) => text switch
    {
        "null" => null,
        "true" => true,
        "false" => false,
        _ when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) => number,
        _ when text.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(text.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long bits) => bits,
        _ => text,
    };
}
