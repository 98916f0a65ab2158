using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// The next summary of a body in a cycle of calls that does not settle by itself: methods that call each other and each enter a
/// context once more would climb for ever. What the last round already said stays as it was; whatever is new is joined with its
/// like, and a depth that still moves is given up.
/// </summary>
internal static class Widening
{
    private const int OutcomeLimit = 4;

    public static Summary Widen(Summary last, Summary next) => new(Effects(last.Effects, next.Effects), Outcomes(last.Outcomes, next.Outcomes))
    {
        Passings = next.Passings,
        Classes = next.HasSameClasses(last) ? next.Classes : next.Classes.Clear(),
        Tests = next.Tests.Where(test => last.Tests.Contains(test)).ToImmutableArray(),
    };

    private static ImmutableArray<EffectEntry> Effects(ImmutableArray<EffectEntry> last, ImmutableArray<EffectEntry> next)
    {
        var result = last.ToList();
        foreach (var entry in next)
        {
            int covering = result.FindIndex(known => Covers(known, entry));
            if (covering >= 0)
            {
                if (Witness.Compare(entry.Witness, result[covering].Witness) < 0) result[covering] = result[covering] with { Witness = entry.Witness };
                continue;
            }

            var free = Loosened(entry, result);
            int like = result.FindIndex(known => IsLoosened(known, free));
            if (like < 0) result.Add(free);
            else result[like] = Join(result[like], free) with { Change = result[like].Change.Widen(free.Change) };
        }

        return result.ToImmutableArray();
    }

    public static bool IsLoosened(EffectEntry known, EffectEntry like) =>
        known.Contexts.IsEmpty && known.HeldLocks.IsEmpty && known.OnThis.IsEmpty && known.IsLike(like) && known.Guard.SameAs(like.Guard);

    /// <summary>The effect on the condition that all entries like it have in common: 'n == 0 and wait', 'n == 1 and wait' … hang on 'wait'.</summary>
    public static EffectEntry Loosened(EffectEntry entry, IEnumerable<EffectEntry> known)
    {
        var guard = entry.Guard;
        foreach (var other in known)
        {
            if (other.IsLike(entry)) guard = guard.Join(other.Guard);
        }

        return Unconditional(entry) with { Guard = guard };
    }

    private static EffectEntry Unconditional(EffectEntry entry) => entry with
    {
        Guard = FactSet.Empty,
        Contexts = ImmutableArray<TestedContext>.Empty,
        HeldLocks = ImmutableArray<Value>.Empty,
        OnThis = ImmutableArray<Dispatch>.Empty,
        Acquired = entry.Acquired is { } acquired
            ? acquired with { Lock = LockIdentity.Blurred(acquired.Lock) ?? acquired.Lock, Under = ImmutableArray<Value>.Empty }
            : null,
    };

    /// <summary>One entry for two alike and on the same condition, with every change that either has.</summary>
    public static EffectEntry Join(EffectEntry left, EffectEntry right) => left with
    {
        Change = left.Change.Join(right.Change),
        OnThis = Either(left.OnThis, right.OnThis),
        Witness = Witness.Compare(left.Witness, right.Witness) <= 0 ? left.Witness : right.Witness,
    };

    private static ImmutableArray<Dispatch> Either(ImmutableArray<Dispatch> left, ImmutableArray<Dispatch> right)
    {
        if (left.SequenceEqual(right)) return left;
        bool isOneMember = left.Length == 1 && right.Length == 1 && Microsoft.CodeAnalysis.SymbolEqualityComparer.Default.Equals(left[0].Target, right[0].Target);
        return isOneMember ? ImmutableArray.Create(left[0].With(right[0])) : ImmutableArray<Dispatch>.Empty;
    }

    private static bool Covers(EffectEntry known, EffectEntry entry) =>
        known.IsLike(entry) && known.OnThis.All(entry.OnThis.Contains) && known.Change.Includes(entry.Change) && known.Contexts.All(entry.Contexts.Contains)
        && known.Guard.Join(entry.Guard).SameAs(known.Guard)
        && (Equals(known.Acquired, entry.Acquired) || Equals(known.Acquired, Unconditional(entry).Acquired))
        && (known.HeldLocks.IsEmpty || known.HeldLocks.SequenceEqual(entry.HeldLocks));

    private static ImmutableArray<Outcome> Outcomes(ImmutableArray<Outcome> last, ImmutableArray<Outcome> next)
    {
        if (next.All(outcome => last.Any(known => Covers(known, outcome)))) return last;

        // Ways that the result tells apart stay apart as long as they are few; of others, the bound that moves is given up.
        var result = new List<Outcome>();
        foreach (var outcome in last) Place(outcome, isMoving: false);
        foreach (var outcome in next) Place(outcome, isMoving: true);
        if (result.Count <= OutcomeLimit) return result.ToImmutableArray();
        return ImmutableArray.Create(last.IsEmpty ? Hull(next) : Widened(Hull(last), Join(Hull(last), Hull(next))));

        void Place(Outcome outcome, bool isMoving)
        {
            int like = result.FindIndex(known => !known.Result.Contradicts(outcome.Result));
            if (like < 0) result.Add(outcome);
            else if (!Covers(result[like], outcome)) result[like] = isMoving ? Widened(result[like], Join(result[like], outcome)) : Join(result[like], outcome);
        }
    }

    private static Outcome Widened(Outcome before, Outcome all) => all with { Change = before.Change.Widen(all.Change) };

    /// <summary>One way to return for two: what they have in common.</summary>
    public static Outcome Join(Outcome left, Outcome right) => new()
    {
        Guard = left.Guard.Join(right.Guard),
        Result = left.Result.Or(right.Result),
        Value = Equals(left.Value, right.Value) ? left.Value : null,
        Handed = left.Handed.SequenceEqual(right.Handed) ? left.Handed : ImmutableSortedDictionary<int, Value>.Empty,
        Change = left.Change.Join(right.Change),
        Disposed = left.Disposed.Intersect(right.Disposed).ToImmutableArray(),
        Contexts = left.Contexts.Intersect(right.Contexts).ToImmutableArray(),
        Families = left.HasSameFamilies(right) ? left.Families : ImmutableSortedDictionary<int, Family>.Empty,
    };

    private static Outcome Hull(IEnumerable<Outcome> outcomes) => outcomes.Aggregate(Join);

    private static bool Covers(Outcome known, Outcome outcome) =>
        known.SameAs(outcome)
        || (known.Change.Includes(outcome.Change) && known.Guard.Join(outcome.Guard).SameAs(known.Guard)
            && known.Result.Or(outcome.Result).Equals(known.Result) && (known.Value is null || known.Value.Equals(outcome.Value))
            && known.References.IsEmpty && (known.Handed.IsEmpty || known.Handed.SequenceEqual(outcome.Handed)) && known.Contexts.All(outcome.Contexts.Contains) && known.Locks.IsEmpty && known.Disposed.All(outcome.Disposed.Contains) && known.Guarded is null
            && (known.Families.IsEmpty || known.HasSameFamilies(outcome)));
}
