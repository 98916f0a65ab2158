using System;

namespace Mm.Analyzers.Lattice;

/// <summary>What an entry of a summary speaks of: an effect, or one of the things that travel like one.</summary>
internal enum EffectRole
{
    /// <summary>An effect in the sense of the vocabulary: Sleep, Fault, a user's own.</summary>
    Effect,

    /// <summary>A member that must not be called in a context (MM1007).</summary>
    ForbiddenIn,

    /// <summary>A member that must be called in a context (MM1008). Leaves the body only from a lambda or a local function.</summary>
    Requires,

    /// <summary>A call of which nothing is known (MM1009).</summary>
    Unknown,

    /// <summary>The invocation of a delegate parameter, or of a member of a type parameter: the caller knows what that does.</summary>
    Deferred,

    /// <summary>A lock is taken (MM2006 to MM2008).</summary>
    Acquire,
}

/// <summary>An effect that a call may have. Identity is the metadata name of the marker type.</summary>
internal sealed class EffectKind : IEquatable<EffectKind>
{
    public static readonly EffectKind Sleep = new(EffectRole.Effect, "Mm.Contexts.Sleep");
    public static readonly EffectKind Fault = new(EffectRole.Effect, "Mm.Contexts.Fault");
    public static readonly EffectKind Allocate = new(EffectRole.Effect, "Mm.Contexts.Allocate");
    public static readonly EffectKind CrossCall = new(EffectRole.Effect, "Mm.Contexts.CrossCall");
    public static readonly EffectKind Unknown = new(EffectRole.Unknown, "unknown");
    public static readonly EffectKind Deferred = new(EffectRole.Deferred, "deferred");

    private EffectKind(EffectRole role, string name, ContextKind? context = null)
    {
        Role = role;
        Name = name;
        Context = context;
    }

    public EffectRole Role { get; }

    public string Name { get; }

    /// <summary>The context that a <see cref="EffectRole.ForbiddenIn"/> or <see cref="EffectRole.Requires"/> entry speaks of.</summary>
    public ContextKind? Context { get; }

    public string ShortName => ContextKind.Shorten(Name);

    public static EffectKind Named(string metadataName) => new(EffectRole.Effect, metadataName);

    public static EffectKind ForbiddenIn(ContextKind context) => new(EffectRole.ForbiddenIn, "!" + context.Name, context);

    public static EffectKind Requires(ContextKind context) => new(EffectRole.Requires, "?" + context.Name, context);

    /// <summary>The name is that of the lock, as far as one is known.</summary>
    public static EffectKind Acquire(string name) => new(EffectRole.Acquire, "+" + name);

    public bool Equals(EffectKind? other) => other is not null && Role == other.Role && Name == other.Name;

    public override bool Equals(object? obj) => Equals(obj as EffectKind);

    public override int GetHashCode() => Name.GetHashCode();

    public override string ToString() => Name;
}
