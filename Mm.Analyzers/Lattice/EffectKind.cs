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
    public static readonly EffectKind SpinOnLock = new(EffectRole.Effect, "Mm.Contexts.SpinOnLock");
    public static readonly EffectKind CrossCall = new(EffectRole.Effect, "Mm.Contexts.CrossCall");

    // What only regions forbid, which options name. Sleep is one of the first two.

    /// <summary>Waits for somebody or something, as opposed to taking a lock.</summary>
    public static readonly EffectKind Wait = new(EffectRole.Effect, ContextKind.RegionPrefix + "Wait");

    /// <summary>Takes a lock for which it may have to wait.</summary>
    public static readonly EffectKind TakeLock = new(EffectRole.Effect, ContextKind.RegionPrefix + "TakeLock");
    public static readonly EffectKind SecondSpinLock = new(EffectRole.Effect, ContextKind.RegionPrefix + "SecondSpinLock");
    public static readonly EffectKind VirtualCall = new(EffectRole.Effect, ContextKind.RegionPrefix + "VirtualCall");

    public static readonly EffectKind Unknown = new(EffectRole.Unknown, "unknown");
    public static readonly EffectKind Deferred = new(EffectRole.Deferred, "deferred");

    private EffectKind(EffectRole role, string name, ContextKind? context = null)
    {
        Role = role;
        Name = name;
        Context = context;
        IsOfRegions = name.StartsWith(ContextKind.RegionPrefix, StringComparison.Ordinal);
    }

    public EffectRole Role { get; }

    public string Name { get; }

    /// <summary>The context that a <see cref="EffectRole.ForbiddenIn"/> or <see cref="EffectRole.Requires"/> entry speaks of.</summary>
    public ContextKind? Context { get; }

    /// <summary>No effect of the vocabulary: nobody declares it.</summary>
    public bool IsOfRegions { get; }

    /// <summary>It is a kind of sleeping: whoever speaks of Sleep speaks of it.</summary>
    public bool IsSleep => ReferenceEquals(this, Wait) || ReferenceEquals(this, TakeLock) || Equals(Sleep);

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
