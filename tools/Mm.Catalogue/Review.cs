namespace Mm.Catalogue;

/// <summary>What a call may do, as far as it is derived.</summary>
[Flags]
internal enum Effects
{
    None = 0,
    Sleep = 1,
    SpinOnLock = 2,
    Allocate = 4,
    CrossCall = 8,

    /// <summary>Of a cut: what is cut does not count in the member itself either.</summary>
    Itself = 16,
}

/// <summary>One line of a review file: what it speaks of, what it says, and why.</summary>
internal sealed record ReviewLine(string Key, string Says, string Reason, int Number)
{
    public int Uses { get; set; }
}

/// <summary>
/// The reviewed lists: primitives (where an effect begins), cuts (where it does not travel on), delegates (what IL alone does not tell).
/// A key is a documentation id, with or without parameters, a type ('T:'), a type and all that derive from it ('B:'), a namespace ('N:') or a native function ('import:').
/// </summary>
internal sealed class Review
{
    private readonly Dictionary<string, ReviewLine> _lines = new(StringComparer.Ordinal);

    private Review(string name, string text)
    {
        Name = name;
        int number = 0;
        foreach (string row in text.Split('\n'))
        {
            number++;
            if (row.Trim().Length == 0 || row.StartsWith('#')) continue;
            string[] halves = row.Split(" # ", 2);
            string[] words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (halves.Length != 2 || words.Length != 2) throw new FormatException($"{name}({number}): expected 'KEY SAYS # REASON', found '{row}'.");
            if (!_lines.TryAdd(words[0], new ReviewLine(words[0], words[1], halves[1].Trim(), number))) throw new FormatException($"{name}({number}): '{words[0]}' stands here twice.");
        }
    }

    public string Name { get; }

    public IEnumerable<ReviewLine> Lines => _lines.Values;

    public static Review Read(string name)
    {
        using var stream = typeof(Review).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        return new Review(name, reader.ReadToEnd().ReplaceLineEndings("\n"));
    }

    /// <summary>The nearest line about a method.</summary>
    public ReviewLine? Of(MethodNode method)
    {
        if (_lines.Count == 0) return null;
        string id = method.Id;
        int parameters = id.IndexOf('(');
        var found = (method.Import is null ? null : Find("import:" + method.Import))
            ?? Find(id)
            ?? (parameters < 0 ? null : Find(id[..parameters]))
            ?? OfType(method.Type);
        if (found is not null) found.Uses++;
        return found;
    }

    public Effects? EffectsOf(MethodNode method) => Of(method) is { } line ? Parse(line.Says) : null;

    public static Effects Parse(string says) => says == "none" ? Effects.None : Enum.Parse<Effects>(says);

    private ReviewLine? OfType(TypeNode type)
    {
        for (var at = type; at is not null; at = at.Outer)
        {
            if (Find("T:" + at.Name) is { } line) return line;
            for (var ancestor = at; ancestor is not null; ancestor = ancestor.Base)
            {
                if (Find("B:" + ancestor.Name) is { } inherited) return inherited;
            }
        }

        string name = type.Name;
        for (int end = name.LastIndexOf('.'); end > 0; end = name.LastIndexOf('.', end - 1))
        {
            if (Find("N:" + name[..end]) is { } line) return line;
        }

        return null;
    }

    private ReviewLine? Find(string key) => _lines.GetValueOrDefault(key);
}
