using System;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>A lock that is taken, as an entry of a summary tells it.</summary>
/// <param name="Lock">Which.</param>
/// <param name="Contexts">What is entered with it.</param>
/// <param name="IsTry">It gives up where the lock is held: that can neither deadlock nor be in the wrong order.</param>
internal sealed record Acquisition(Value Lock, ImmutableArray<ContextKind> Contexts, bool IsTry)
{
    /// <summary>Locks that callees hold meanwhile, where only the caller can name one of the two.</summary>
    public ImmutableArray<Value> Under { get; init; } = ImmutableArray<Value>.Empty;

    /// <summary>It hangs on a boolean of an object, which callers may have set so that the lock is not taken.</summary>
    public bool HangsOnState { get; init; }

    public string Name => LockIdentity.ClassOf(Lock)?.ToDisplayString() ?? Lock.ToString();

    public Acquisition Select(Func<Value, Value> change) => this with { Lock = change(Lock), Under = Under.Select(change).ToImmutableArray() };

    public bool Equals(Acquisition? other) =>
        ReferenceEquals(this, other)
        || (other is not null && IsTry == other.IsTry && HangsOnState == other.HangsOnState && Lock.Equals(other.Lock) && Contexts.SequenceEqual(other.Contexts) && Under.SequenceEqual(other.Under));

    public override int GetHashCode() => Lock.GetHashCode();
}

/// <summary>A lock that a call has taken (+1) or released (-1) when it returns.</summary>
internal readonly record struct LockMove(ContextKind Context, Value Lock, int By);
