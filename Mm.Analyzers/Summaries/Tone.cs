using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// The most that a body and all it calls may do, whatever its paths: a bound, where a <see cref="Summary"/> is the thing itself.
/// </summary>
internal sealed record Tone
{
    /// <summary>No effect, no context, no lock.</summary>
    public static readonly Tone Silent = new();

    /// <summary>More than a bound can say.</summary>
    public static readonly Tone Loud = new();

    /// <summary>Any effect, but no context and no lock.</summary>
    public static readonly Tone Unbounded = new() { IsUnbounded = true };

    private static readonly Tone s_allocating = new() { Effects = ImmutableHashSet.Create(EffectKind.Allocate) };

    private static readonly Tone s_dispatching = new() { Effects = ImmutableHashSet.Create(EffectKind.VirtualCall) };

    // By the contract itself: the same one is asked for at every call.
    private static readonly ConditionalWeakTable<Contract, Tone> s_declared = new();

    private Tone()
    {
    }

    public bool IsLoud => ReferenceEquals(this, Loud);

    public bool IsSilent => !IsLoud && !IsUnbounded && Effects.IsEmpty && !TakesLocks;

    /// <summary>It may have effects beside those that are listed: it runs delegates, or what nothing is known of.</summary>
    public bool IsUnbounded { get; private init; }

    public ImmutableHashSet<EffectKind> Effects { get; private init; } = ImmutableHashSet<EffectKind>.Empty;

    /// <summary>It takes locks of known classes, and releases them.</summary>
    public bool TakesLocks { get; private init; }

    /// <summary>An effect hangs on flags, which may come from a caller.</summary>
    public bool HangsOnFlags { get; private init; }

    public static Tone Allocating(bool allocates) => allocates ? s_allocating : Silent;

    public static Tone Dispatching(bool dispatches) => dispatches ? s_dispatching : Silent;

    /// <summary>What a declaration says that callers are to expect.</summary>
    public static Tone Of(Contract contract) => contract.IsNone ? Silent : s_declared.GetValue(contract, static declared => Read(declared));

    private static Tone Read(Contract contract)
    {
        if (contract.SpeaksOfContexts || contract.IsDeferred || contract.IsResultChecked || contract.Family is not null
            || contract.Result is not null || contract.Parameters.Any(static place => !IsOnlyDeferred(place.Value))) return Loud;
        if (contract.Might.Any(static clause => clause.Effect.Role is not (EffectRole.Effect or EffectRole.Unknown))) return Loud;
        return contract.Might.IsEmpty ? Silent : new Tone
        {
            Effects = contract.Might.Where(static clause => clause.Effect.Role == EffectRole.Effect).Select(static clause => clause.Effect).ToImmutableHashSet(),
            IsUnbounded = contract.Might.Any(static clause => clause.Effect.Role == EffectRole.Unknown),
            HangsOnFlags = contract.Might.Any(static clause => clause.When is { IsFlags: true }),
        };
    }

    public static Tone Of(Summary summary, Contracts contracts)
    {
        if (!summary.Passings.IsEmpty || !summary.Tests.IsEmpty) return Loud;
        foreach (var outcome in summary.Outcomes)
        {
            // Whoever calls it goes on in a context, or does not go on.
            if (outcome.Contexts.Any(static tested => tested.IsIn)) return Loud;
            if (!outcome.Change.IsNone || !outcome.Locks.IsEmpty || outcome.Guarded is not null || !outcome.Disposed.IsEmpty || !outcome.Families.IsEmpty || IsGuard(outcome.Value, contracts)) return Loud;
        }

        var tone = Silent;
        foreach (var entry in summary.Effects)
        {
            switch (entry.Effect.Role)
            {
                // What is forbidden by the body's own context and hangs on its caller's flags is judged at the caller.
                case EffectRole.Effect when entry.Own is null:
                    tone = tone with { Effects = tone.Effects.Add(entry.Effect), HangsOnFlags = tone.HangsOnFlags | entry.IsFlags };
                    break;

                // The class says where the whole assembly meets the lock; without one, a caller has to name it.
                case EffectRole.Acquire when LockIdentity.ClassOf(entry.Acquired?.Lock) is not null && entry.Acquired!.Under.All(static held => LockIdentity.ClassOf(held) is not null):
                    tone = tone with { TakesLocks = true };
                    break;
                // What it is handed it runs in a context of its own: whoever hands it something is to be judged.
                case EffectRole.Deferred when !entry.Change.IsNone:
                    return Loud;
                case EffectRole.Unknown or EffectRole.Deferred:
                    tone = tone with { IsUnbounded = true };
                    break;
                default:
                    return Loud;
            }
        }

        return tone;
    }

    // It may be declared as something else.
    private static bool IsGuard(Value? value, Contracts contracts) =>
        value is Symbol { Role: SymbolRole.Instance, Key: ITypeSymbol type } && !contracts.ScopeOf(type).IsEmpty;

    // A lambda that runs later is read where it stands, as if it ran at once.
    private static bool IsOnlyDeferred(Contract place) =>
        place.IsDeferred && !place.SpeaksOfContexts && !place.SpeaksOfEffects && place.Family is null && place.Parameters.IsEmpty && place.Result is null;

    public Tone Join(Tone other)
    {
        if (IsLoud || other.IsLoud) return Loud;
        if (ReferenceEquals(this, other) || ReferenceEquals(other, Silent)) return this;
        if (ReferenceEquals(this, Silent)) return other;
        var effects = Union(Effects, other.Effects);
        bool isSame = ReferenceEquals(effects, Effects) && (TakesLocks || !other.TakesLocks) && (HangsOnFlags || !other.HangsOnFlags) && (IsUnbounded || !other.IsUnbounded);
        return isSame ? this : new Tone
        {
            Effects = effects,
            TakesLocks = TakesLocks | other.TakesLocks,
            HangsOnFlags = HangsOnFlags | other.HangsOnFlags,
            IsUnbounded = IsUnbounded | other.IsUnbounded,
        };
    }

    // The same few effects come from nearly every call: most often there is nothing to add.
    private static ImmutableHashSet<EffectKind> Union(ImmutableHashSet<EffectKind> some, ImmutableHashSet<EffectKind> more)
    {
        if (ReferenceEquals(some, more) || more.IsEmpty) return some;
        if (some.IsEmpty) return more;
        foreach (var effect in more)
        {
            if (!some.Contains(effect)) return some.Union(more);
        }

        return some;
    }
}
