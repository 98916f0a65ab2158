using System;
using System.Collections.Immutable;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// A context: a condition under which code runs, with everything that it forbids and implies, itself included.
/// Identity is the metadata name of the marker type.
/// </summary>
internal sealed class ContextKind : IEquatable<ContextKind>
{
    private const string SpinLockHeld = "Mm.Contexts.SpinLockHeld";
    private const string RawSpinLockHeld = "Mm.Contexts.RawSpinLockHeld";

    /// <summary>What the names of regions begin with that an option has made contexts.</summary>
    public const string RegionPrefix = "Mm.Regions.";

    public ContextKind(string name, ImmutableHashSet<string> closure, ImmutableHashSet<EffectKind> forbids)
    {
        Name = name;
        Closure = closure;
        Forbids = forbids;
        IsRegion = name.StartsWith(RegionPrefix, StringComparison.Ordinal);
        IsLock = closure.Contains(SpinLockHeld) || closure.Contains(RawSpinLockHeld);
    }

    public string Name { get; }

    public string ShortName => Shorten(Name);

    /// <summary>Names of this context and of all that it implies.</summary>
    public ImmutableHashSet<string> Closure { get; }

    /// <summary>What this context or one that it implies forbids.</summary>
    public ImmutableHashSet<EffectKind> Forbids { get; }

    /// <summary>A region that .NET knows by itself. What is entered there is none of its user's contexts, and owes them no balance.</summary>
    public bool IsRegion { get; }

    /// <summary>Who is in it holds a lock that nobody can take twice, as opposed to a section that is merely counted.</summary>
    public bool IsLock { get; }

    public bool Implies(ContextKind other) => Closure.Contains(other.Name);

    public bool Equals(ContextKind? other) => other is not null && Name == other.Name;

    public override bool Equals(object? obj) => Equals(obj as ContextKind);

    public override int GetHashCode() => Name.GetHashCode();

    public override string ToString() => Name;

    public static string Shorten(string metadataName)
    {
        if (metadataName.IndexOf('<') >= 0) return ShortenGeneric(metadataName);
        int at = metadataName.LastIndexOfAny(['.', '+']);
        return at < 0 ? metadataName : metadataName.Substring(at + 1);
    }

    private static string ShortenGeneric(string metadataName)
    {
        string shortened = "";
        int start = 0;
        for (int at = 0; at <= metadataName.Length; at++)
        {
            if (at < metadataName.Length && metadataName[at] is not ('<' or ',' or '>')) continue;
            string part = Shorten(metadataName.Substring(start, at - start));
            int arity = part.IndexOf('`');
            shortened += arity < 0 ? part : part.Substring(0, arity);
            if (at < metadataName.Length) shortened += metadataName[at] == ',' ? ", " : metadataName[at].ToString();
            start = at + 1;
        }

        return shortened;
    }
}
