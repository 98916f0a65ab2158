using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>A leave that took a context below the depth of entry, and has not been made good since.</summary>
internal readonly record struct LeaveSite(ContextKind Context, Location Location, Value? Lock = null)
{
    /// <summary>The caller had entered it, as this body declares: nothing is wrong with that, and the caller knows which lock it has lost.</summary>
    public bool IsOfCaller { get; init; }
}

/// <summary>
/// One of the states that stand side by side at a point: the depths of contexts, what was entered where, what variables hold, and the
/// facts that tell this state from the others. Immutable.
/// </summary>
internal sealed record Alternative
{
    private const int CertainRank = 1000;

    public ContextDepths Depths { get; init; } = ContextDepths.None;

    public ImmutableArray<Held> Held { get; init; } = ImmutableArray<Held>.Empty;

    public Bindings Environment { get; init; } = Bindings.Empty;

    public FactSet Facts { get; init; } = FactSet.Empty;

    /// <summary>Results of [Tests] members that the branches taken so far have decided.</summary>
    public ImmutableArray<TestedContext> Tested { get; init; } = ImmutableArray<TestedContext>.Empty;

    /// <summary>Parameters and captured variables on which 'Dispose' was called: they may be guards of the caller.</summary>
    public ImmutableArray<Value> Disposed { get; init; } = ImmutableArray<Value>.Empty;

    public ImmutableArray<LeaveSite> Below { get; init; } = ImmutableArray<LeaveSite>.Empty;

    /// <summary>The depths that a recursive call has left behind: that is reported where a body of the cycle does it by other means.</summary>
    public ImmutableArray<ContextDepths.Entry> Repeated { get; init; } = ImmutableArray<ContextDepths.Entry>.Empty;

    /// <summary>Reached by an exception in the middle of a try: effects count, balance does not.</summary>
    public bool IsExceptional { get; init; }

    /// <summary>Seen by a filter before the finally blocks inside of its try have run: the handler behind the filter does not see it.</summary>
    public bool IsInFilter { get; init; }

    /// <summary>Declared contexts may be gone: an await went on elsewhere.</summary>
    public bool HasLostContext { get; init; }

    /// <summary>Behind an await: the caller of the method may have gone on.</summary>
    public bool HasSuspended { get; init; }

    /// <summary>Temporaries and results that are not mentioned from this place of the order on are no longer in the environment.</summary>
    public int Cleared { get; init; }

    /// <summary>Counts the points at which fields other than readonly ones may have changed unseen.</summary>
    public int Epoch { get; init; }

    /// <summary>The value behind places and expressions at this point.</summary>
    public Value Evaluate(Value value) => value switch
    {
        Constant => value,
        Symbol { Parent: null } symbol => Resolve(symbol),
        Symbol { Key: not TupleElement, Parent: { } parent } symbol => Resolve(symbol.On(Evaluate(parent))),
        Operation operation => operation.With(Evaluate(operation.Left), operation.Right is null ? null : Evaluate(operation.Right)),
        _ => value.Substitute(Resolve),
    };

    public ImmutableArray<Value> Evaluate(ImmutableArray<Value> values)
    {
        if (values.IsEmpty) return values;
        var evaluated = ImmutableArray.CreateBuilder<Value>(values.Length);
        foreach (var value in values) evaluated.Add(Evaluate(value));
        return evaluated.MoveToImmutable();
    }

    /// <summary>The name of a field at this point: that of the object which holds it now.</summary>
    public Symbol FieldAt(Symbol field) =>
        new(SymbolRole.Field, IsFixed(field.Key) ? field.Index : Epoch, field.Key, field.Parent is null ? null : Evaluate(field.Parent));

    public Known KnownOf(Symbol place) => Facts.Of(Evaluate(place));

    public Alternative Assign(Symbol place, Value value) => this with { Environment = Environment.SetItem(place, value) };

    /// <summary>Takes a branch; null where the facts rule it out.</summary>
    public Alternative? Assume(Value condition, bool truth)
    {
        var facts = Facts.Assume(condition, truth);
        return facts is null ? null : ReferenceEquals(facts, Facts) ? this : this with { Facts = facts };
    }

    /// <summary>The entered or tested context that forbids the effect at the given depths; of several, the one to speak of.</summary>
    public ContextKind? Forbidding(EffectKind effect, ContextDepths at)
    {
        if (Foremost(at, effect, null) is { } context) return context;
        foreach (var tested in Tested)
        {
            if (tested.IsIn && tested.Context.Forbids.Contains(effect)) return tested.Context;
        }

        return null;
    }

    public bool IsIn(ContextKind context, ContextDepths at)
    {
        if (at.IsIn(context)) return true;
        foreach (var tested in Tested)
        {
            if (tested.IsIn && tested.Context.Implies(context)) return true;
        }

        return false;
    }

    public ContextKind? PossiblyIn(ContextKind context, ContextDepths at)
    {
        if (Foremost(at, null, context) is { } held) return held;
        foreach (var tested in Tested)
        {
            if (tested.IsIn && tested.Context.Implies(context)) return tested.Context;
        }

        return null;
    }

    /// <summary>Of the contexts that forbid the effect, or imply the context: the strictest that no call here has entered, otherwise the one entered last; last of all what only a callee has entered.</summary>
    private ContextKind? Foremost(ContextDepths at, EffectKind? effect, ContextKind? implied)
    {
        ContextKind? first = null;
        int best = -1;
        foreach (var entry in at.Entries)
        {
            if (!entry.Depth.IsPossible || effect is not null && !entry.Context.Forbids.Contains(effect) || implied is not null && !entry.Context.Implies(implied)) continue;
            int rank = entry.Context.IsRegion || Depths[entry.Context].IsZero ? 0 : RankOf(entry.Context) + (entry.Depth.IsCertain ? 2 * CertainRank : 0);
            if (rank <= best) continue;
            first = entry.Context;
            best = rank;
        }

        return first;
    }

    private int RankOf(ContextKind context)
    {
        for (int i = Held.Length - 1; i >= 0; i--)
        {
            if (Held[i].Site is not null && Held[i].Contexts.Contains(context)) return 1 + i;
        }

        return CertainRank + context.Closure.Count;
    }

    /// <summary>What was entered last of all that implies the context; null where a declaration or test says so.</summary>
    public Held? HolderOf(ContextKind context)
    {
        for (int i = Held.Length - 1; i >= 0; i--)
        {
            foreach (var held in Held[i].Contexts)
            {
                if (held.Equals(context)) return Held[i];
            }
        }

        return null;
    }

    /// <summary>The lock of a callee as this body sees it: fields may have been assigned here.</summary>
    public Value Refresh(Value value) => value.Substitute(symbol => symbol.Role == SymbolRole.Field ? Resolve(symbol) : symbol);

    /// <summary>The locks that are held on every way to a point at the given depths, and that can be told apart from others.</summary>
    public IEnumerable<Held> LocksAt(ContextDepths at)
    {
        foreach (var held in Held)
        {
            if (held.Lock is null || held.IsUncertain || held.IsDropped) continue;
            foreach (var context in held.Contexts)
            {
                if (!context.IsLock) continue;
                int count = CountOf(context);
                if (Depths[context].Low >= count && at[context].Low >= Depths[context].Low) yield return held;
                break;
            }
        }
    }

    /// <summary>Whether the value is a guard that is held here.</summary>
    public bool Holds(Value value)
    {
        foreach (var held in Held)
        {
            if (held.Guard is { } guard && guard.Equals(value)) return true;
        }

        return false;
    }

    public int CountOf(ContextKind context)
    {
        int count = 0;
        foreach (var held in Held)
        {
            if (held.Contexts.Contains(context)) count++;
        }

        return count;
    }

    /// <summary>Enters contexts together, by one call.</summary>
    public Alternative Enter(Held held)
    {
        var next = this with { Held = Held.Add(held) };
        foreach (var context in held.Contexts) next = next.Shift(context, +1, held.Site);
        return next;
    }

    /// <summary>Leaves contexts by an explicit call: the lock's own entry if there is one, otherwise the latest of that context.</summary>
    public Alternative Leave(ImmutableArray<ContextKind> contexts, Value? @lock, Location site)
    {
        var next = this;
        foreach (var context in contexts)
        {
            int found = next.FindHeld(context, @lock, out bool isGuess);
            if (found >= 0)
            {
                if (isGuess) next = next.Doubting(context);
                var held = next.Held[found];
                if (held is { Site: null, Guard: null } && context.IsLock && @lock is not null) next = next with { Below = next.Below.Add(new LeaveSite(context, site, @lock) { IsOfCaller = true }) };
                var rest = held.Contexts.Remove(context);
                next = next with
                {
                    Held = rest.IsEmpty ? next.Held.RemoveAt(found) : next.Held.SetItem(found, held with { Contexts = rest }),
                };
            }

            next = next.Shift(context, -1, site, @lock);

            // A test that said so speaks of the time before.
            if (!next.Tested.IsEmpty) next = next with { Tested = next.Tested.RemoveAll(tested => tested.IsIn && tested.Context.Equals(context)) };
        }

        return next;
    }

    /// <summary>Disposes of a guard; null if it is not one that this body holds.</summary>
    public Alternative? Dispose(Value guard, Location site)
    {
        for (int i = Held.Length - 1; i >= 0; i--)
        {
            if (Held[i].Guard is not { } mine || !mine.Equals(guard)) continue;
            var contexts = Held[i].Contexts;
            var next = this with { Held = Held.RemoveAt(i) };
            foreach (var context in contexts) next = next.Shift(context, -1, site);
            return next;
        }

        return null;
    }

    /// <summary>A guard goes on under another name: that of the task which brings it, or of what an await took out of one.</summary>
    public Alternative HandOn(Value guard, Value name)
    {
        for (int i = Held.Length - 1; i >= 0; i--)
        {
            if (Held[i].Guard is { } mine && mine.Equals(guard)) return this with { Held = Held.SetItem(i, Held[i] with { Guard = name }) };
        }

        return this;
    }

    /// <summary>The guard of a caller, if it is one, is disposed of.</summary>
    public Alternative DisposeForCaller(Value guard)
    {
        var holder = guard;
        while (holder is Symbol { Key: TupleElement, Parent: { } whole }) holder = whole;
        return holder is Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured } && !Disposed.Contains(guard) ? this with { Disposed = Disposed.Add(guard) } : this;
    }

    public Alternative Shift(ContextKind context, int by, Location? site, Value? @lock = null)
    {
        var before = Depths[context];
        var below = Below;
        if (by < 0 && site is not null && (before.High <= 0 || before.MayBeSpent))
        {
            var leave = new LeaveSite(context, site, @lock);
            if (!before.MayBeSpent || !below.Contains(leave)) below = below.Add(leave);
        }
        else if (by > 0 && before.High < 0)
        {
            for (int i = below.Length - 1; i >= 0; i--)
            {
                if (!below[i].Context.Equals(context)) continue;
                below = below.RemoveAt(i);
                break;
            }
        }

        return this with { Depths = Depths.Shift(context, by), Below = below };
    }

    private int FindHeld(ContextKind context, Value? @lock, out bool isGuess)
    {
        int latest = -1;
        isGuess = false;
        for (int i = Held.Length - 1; i >= 0; i--)
        {
            if (Held[i].Guard is not null || !Held[i].Contexts.Contains(context)) continue;
            if (@lock is not null && Equals(Held[i].Lock, @lock))
            {
                isGuess = false;
                return i;
            }

            if (latest < 0) latest = i;
            else isGuess = true;
        }

        return latest;
    }

    /// <summary>Something was left or exchanged, and it could not be told which.</summary>
    public Alternative Doubting(ContextKind context)
    {
        var held = Held;
        for (int i = 0; i < held.Length; i++)
        {
            if (held[i].Guard is null && held[i].Contexts.Contains(context)) held = held.SetItem(i, held[i] with { IsUncertain = true });
        }

        return this with { Held = held };
    }

    /// <summary>What the field, whose object is evaluated already, holds at this point.</summary>
    public Value Current(Symbol field) => Resolve(field);

    private Value Resolve(Symbol symbol)
    {
        if (symbol.Role is SymbolRole.Fresh or SymbolRole.Merge or SymbolRole.Instance or SymbolRole.Function or SymbolRole.Iterator or SymbolRole.Owned) return symbol;
        if (symbol is { Role: SymbolRole.Field, Parent: Constant { Item: string text }, Key: IPropertySymbol { Name: "Length" } }) return Constant.Of(text.Length);
        if (symbol.Role == SymbolRole.Field && Epoch != symbol.Index && !IsFixed(symbol.Key))
        {
            symbol = new Symbol(SymbolRole.Field, Epoch, symbol.Key, symbol.Parent);
        }

        return Environment.TryGetValue(symbol, out var value) ? value : symbol;
    }

    private static bool IsFixed(object? key) => key is IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } or IParameterSymbol or TupleElement;
}
