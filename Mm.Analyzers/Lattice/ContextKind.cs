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

    /// <summary>The name without its namespace and the types around it: 'Sleep', or 'Wait&lt;Disk&gt;' of 'Acme.Wait`1&lt;Acme.Disk&gt;'.</summary>
    public static string Shorten(string markerName)
    {
        if (markerName.IndexOf('<') < 0) return WithoutArity(markerName.Substring(markerName.LastIndexOfAny(['.', '+']) + 1));
        string text = "";
        int from = 0;
        for (int i = 0; i <= markerName.Length; i++)
        {
            if (i < markerName.Length && markerName[i] is not ('<' or '>' or ',')) continue;
            text += Plain(markerName.Substring(from, i - from));
            if (i < markerName.Length) text += markerName[i] == ',' ? ", " : markerName[i].ToString();
            from = i + 1;
        }

        return text;
    }

    private static string WithoutArity(string name) => name.IndexOf('`') is > 0 and var at ? name.Substring(0, at) : name;

    private static string Plain(string name) => name switch
    {
        "System.Boolean" => "bool",
        "System.Byte" => "byte",
        "System.Char" => "char",
        "System.Int16" => "short",
        "System.Int32" => "int",
        "System.Int64" => "long",
        "System.UInt16" => "ushort",
        "System.UInt32" => "uint",
        "System.UInt64" => "ulong",
        "System.Object" => "object",
        "System.String" => "string",
        _ => WithoutArity(name.Substring(name.LastIndexOfAny(['.', '+']) + 1)),
    };
}
