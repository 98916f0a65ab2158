using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>What a caller needs to know of a body: effects with their conditions, and how it may return.</summary>
internal sealed class Summary
{
    /// <summary>No effect, no change: of a body that is not there, and the start of every fixpoint.</summary>
    public static readonly Summary Neutral = new(ImmutableArray<EffectEntry>.Empty, ImmutableArray.Create(Outcome.Unchanged));

    /// <summary>Nothing, and no way to return: of a body in a cycle that changes contexts, before anything is known of it.</summary>
    public static readonly Summary Endless = new(ImmutableArray<EffectEntry>.Empty, ImmutableArray<Outcome>.Empty);

    public Summary(ImmutableArray<EffectEntry> effects, ImmutableArray<Outcome> outcomes)
    {
        Effects = effects;
        Outcomes = outcomes;
    }

    public ImmutableArray<EffectEntry> Effects { get; }

    /// <summary>The ways in which it returns; none if it never does.</summary>
    public ImmutableArray<Outcome> Outcomes { get; }

    /// <summary>What it hands on to places of known families.</summary>
    public ImmutableArray<Passing> Passings { get; init; } = ImmutableArray<Passing>.Empty;

    /// <summary>Of a method that answers yes or no: in which contexts its caller is, or is not, where it says so.</summary>
    public ImmutableArray<(bool Result, TestedContext Context)> Tests { get; init; } = ImmutableArray<(bool Result, TestedContext Context)>.Empty;

    /// <summary>The classes of which the object that it returns is, each exactly, where every return shows it; empty where nothing is known.</summary>
    public ImmutableArray<INamedTypeSymbol> Classes { get; init; } = ImmutableArray<INamedTypeSymbol>.Empty;

    public bool HasSameClasses(Summary other) => Enumerable.SequenceEqual<ISymbol>(Classes, other.Classes, SymbolEqualityComparer.Default);

    public bool SameAs(Summary other)
    {
        if (!Tests.SequenceEqual(other.Tests) || !HasSameClasses(other)) return false;
        if (Passings.Length != other.Passings.Length) return false;
        for (int i = 0; i < Passings.Length; i++)
        {
            if (!Passings[i].SameAs(other.Passings[i])) return false;
        }

        if (Effects.Length != other.Effects.Length || Outcomes.Length != other.Outcomes.Length) return false;
        for (int i = 0; i < Effects.Length; i++)
        {
            if (!Effects[i].SameAs(other.Effects[i]) || Effects[i].Witness.Length != other.Effects[i].Witness.Length) return false;
        }

        for (int i = 0; i < Outcomes.Length; i++)
        {
            if (!Outcomes[i].SameAs(other.Outcomes[i])) return false;
        }

        return true;
    }
}

/// <summary>A value over parameters and captured variables goes to a place, mostly a function that frees, of a family.</summary>
internal sealed record Passing(Value Value, Family Family, Witness Witness)
{
    /// <summary>What must hold of parameters and captured variables.</summary>
    public FactSet Guard { get; init; } = FactSet.Empty;

    /// <summary>Equal but for the way to it.</summary>
    public bool SameAs(Passing other) => Value.Equals(other.Value) && Family.Equals(other.Family) && Guard.SameAs(other.Guard);
}

/// <summary>One effect of a body, on what it hangs, and the shortest way to it.</summary>
internal sealed record EffectEntry(EffectKind Effect, Witness Witness)
{
    /// <summary>What must hold of parameters and captured variables.</summary>
    public FactSet Guard { get; init; } = FactSet.Empty;

    /// <summary>Contexts in which the caller must be (true) or must not be (false), from [Tests].</summary>
    public ImmutableArray<TestedContext> Contexts { get; init; } = ImmutableArray<TestedContext>.Empty;

    /// <summary>How the depths at the effect differ from those at entry.</summary>
    public ContextDepths Change { get; init; } = ContextDepths.None;

    /// <summary>The effect hangs on a flags argument of the primitive (MM1003).</summary>
    public bool IsFlags { get; init; }

    /// <summary>The body itself is in a context that forbids it; what is open is only the flags that the caller passes.</summary>
    public Held? Own { get; init; }

    /// <summary>Of a deferred entry: the delegate, over parameters and captured variables of the body.</summary>
    public Value? Function { get; init; }

    /// <summary>Of a deferred entry on a type parameter: its member.</summary>
    public IMethodSymbol? Member { get; init; }

    public ITypeParameterSymbol? TypeParameter { get; init; }

    /// <summary>Of a deferred entry on a type with open type arguments, the type: which of its implementations run, these tell.</summary>
    public INamedTypeSymbol? Through { get; init; }

    /// <summary>The arguments of a deferred invocation, over parameters and captured variables.</summary>
    public ImmutableArray<Value> Arguments { get; init; } = ImmutableArray<Value>.Empty;

    /// <summary>Which overrides the calls on 'this' that lead to it run: objects of other classes do not get there.</summary>
    public ImmutableArray<Dispatch> OnThis { get; init; } = ImmutableArray<Dispatch>.Empty;

    /// <summary>Of an acquisition: the lock, over parameters and captured variables.</summary>
    public Acquisition? Acquired { get; init; }

    /// <summary>Of a deferred entry: it is handed to a place that starts it, in the contexts of <see cref="Change"/> and in no others.</summary>
    public bool IsStarted { get; init; }

    /// <summary>Of a deferred entry, and of what is found to be invoked by it: what the body had entered. For messages only.</summary>
    public ImmutableArray<Held> Within { get; init; } = ImmutableArray<Held>.Empty;

    /// <summary>What was entered around an invocation, and what was inside of it: of each context the innermost, so that no cycle makes it longer.</summary>
    public static ImmutableArray<Held> Inside(ImmutableArray<Held> outer, ImmutableArray<Held> inner)
    {
        if (outer.IsEmpty || inner.IsEmpty) return outer.IsEmpty ? inner : outer;
        var kept = outer.RemoveAll(around => around.Contexts.All(context => inner.Any(held => held.Contexts.Contains(context))));
        return kept.IsEmpty ? inner : kept.AddRange(inner);
    }

    /// <summary>What entered a context in the callee that invokes a delegate.</summary>
    public Held? HolderWithin(ContextKind context)
    {
        for (int i = Within.Length - 1; i >= 0; i--)
        {
            if (Within[i].Contexts.Contains(context)) return Within[i];
        }

        return null;
    }

    /// <summary>Of a deferred entry: the locks held while it is invoked.</summary>
    public ImmutableArray<Value> HeldLocks { get; init; } = ImmutableArray<Value>.Empty;

    /// <summary>Equal but for the way to it.</summary>
    public bool SameAs(EffectEntry other) =>
        IsLike(other) && Change.Equals(other.Change) && Equals(Acquired, other.Acquired) && HeldLocks.SequenceEqual(other.HeldLocks)
        && Guard.SameAs(other.Guard) && SameContexts(other) && OnThis.SequenceEqual(other.OnThis);

    /// <summary>The same effect of the same cause, perhaps on other conditions and at another depth.</summary>
    public bool IsLike(EffectEntry other) =>
        Effect.Equals(other.Effect) && IsFlags == other.IsFlags && IsStarted == other.IsStarted && (Own is null) == (other.Own is null)
        && (Acquired is null) == (other.Acquired is null) && Acquired?.IsTry == other.Acquired?.IsTry && Equals(Function, other.Function)
        && SymbolEqualityComparer.Default.Equals(Member, other.Member)
        && SymbolEqualityComparer.Default.Equals(TypeParameter, other.TypeParameter)
        && SymbolEqualityComparer.Default.Equals(Through, other.Through);

    private bool SameContexts(EffectEntry other)
    {
        if (Contexts.Length != other.Contexts.Length) return false;
        foreach (var context in Contexts)
        {
            if (!other.Contexts.Contains(context)) return false;
        }

        return true;
    }
}

/// <summary>The result of a [Tests] member, as a branch found it.</summary>
internal readonly record struct TestedContext(ContextKind Context, bool IsIn)
{
    /// <summary>What all ways to a point have in common: 'in atomic || interrupts off' is in atomic, as the second says the first, too.</summary>
    public static ImmutableArray<TestedContext> Common(IReadOnlyCollection<ImmutableArray<TestedContext>> ways) =>
        ways.SelectMany(static way => way).Distinct().Where(tested => ways.All(way => way.Any(other => other.Says(tested)))).ToImmutableArray();

    /// <summary>Whether it says the other, too.</summary>
    public bool Says(TestedContext other) => Equals(other) || IsIn && other.IsIn && Context.Implies(other.Context);
}

/// <summary>A virtual member called on 'this', and the bodies one of which it has to run.</summary>
internal sealed class Dispatch : System.IEquatable<Dispatch>
{
    public Dispatch(IMethodSymbol target, ImmutableArray<IMethodSymbol> bodies)
    {
        Target = target;
        Bodies = bodies;
    }

    public IMethodSymbol Target { get; }

    public ImmutableArray<IMethodSymbol> Bodies { get; }

    public Dispatch With(Dispatch other) => new(Target, Bodies.AddRange(other.Bodies.Where(body => !Bodies.Contains(body, SymbolEqualityComparer.Default))));

    public bool Equals(Dispatch? other) => other is not null && SymbolEqualityComparer.Default.Equals(Target, other.Target)
        && Bodies.Length == other.Bodies.Length && Bodies.All(body => other.Bodies.Contains(body, SymbolEqualityComparer.Default));

    public override bool Equals(object? obj) => Equals(obj as Dispatch);

    public override int GetHashCode() => SymbolEqualityComparer.Default.GetHashCode(Target);
}

/// <summary>Something that was entered: a lock, a guard, or a declared context, and where.</summary>
internal sealed record Held(ImmutableArray<ContextKind> Contexts, Location? Site)
{
    /// <summary>The guard whose Dispose leaves; null for an explicit enter.</summary>
    public Value? Guard { get; init; }

    /// <summary>The lock, where one can be named.</summary>
    public Value? Lock { get; init; }

    /// <summary>The lock is good for a message, but perhaps not the one that is held.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>Of a guard: what is known to have been made, whatever was promised.</summary>
    public ITypeSymbol? Type { get; init; }

    /// <summary>The guard was thrown away at once, and is reported for that.</summary>
    public bool IsDropped { get; init; }

    /// <summary>It was entered by a callee, around the delegate that it invokes.</summary>
    public bool IsOfCallee { get; init; }

    /// <summary>The guard went where the body cannot see: a field, an argument.</summary>
    public bool HasEscaped { get; init; }

    public bool Equals(Held? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Equals(Guard, other.Guard) && Equals(Lock, other.Lock) && HasEscaped == other.HasEscaped
            && IsUncertain == other.IsUncertain
            && Equals(Site, other.Site) && Same(Contexts, other.Contexts));

    public override int GetHashCode() => Contexts.Length;

    private static bool Same(ImmutableArray<ContextKind> left, ImmutableArray<ContextKind> right)
    {
        if (left.Length != right.Length) return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (!left[i].Equals(right[i])) return false;
        }

        return true;
    }
}

/// <summary>One way in which a body returns: on what it hangs, what is known of the result, and how the depths have changed.</summary>
internal sealed record Outcome
{
    public static readonly Outcome Unchanged = new();

    public FactSet Guard { get; init; } = FactSet.Empty;

    public Known Result { get; init; } = Known.Nothing;

    /// <summary>The result as a value over parameters and captured variables, where it is one.</summary>
    public Value? Value { get; init; }

    /// <summary>As <see cref="Value"/>, an object that the callee has made: another one at each call, and none of those that the caller knows.</summary>
    public static Symbol Made(INamedTypeSymbol type) => new(SymbolRole.Instance, -1, type);

    /// <summary>What is known of by-reference parameters, by ordinal.</summary>
    public ImmutableDictionary<int, Known> References { get; init; } = ImmutableDictionary<int, Known>.Empty;

    /// <summary>In <see cref="Handed"/>, the struct that is returned.</summary>
    public const int Returned = -1;

    /// <summary>What delegates by-reference parameters hold, by ordinal, as values over parameters and captured variables; of structs, their parts.</summary>
    public ImmutableSortedDictionary<int, Value> Handed { get; init; } = ImmutableSortedDictionary<int, Value>.Empty;

    public ContextDepths Change { get; init; } = ContextDepths.None;

    /// <summary>Which locks it has taken or released for its caller, where they can be named.</summary>
    public ImmutableArray<LockMove> Locks { get; init; } = ImmutableArray<LockMove>.Empty;

    /// <summary>Parameters and captured variables that it disposes of: where one is a guard, its contexts are left.</summary>
    public ImmutableArray<Value> Disposed { get; init; } = ImmutableArray<Value>.Empty;

    /// <summary>The lock behind the guard that it returns.</summary>
    public Value? Guarded { get; init; }

    /// <summary>The allocator family of the result (-1) and of by-reference parameters, by ordinal, where one is known.</summary>
    public ImmutableSortedDictionary<int, Family> Families { get; init; } = ImmutableSortedDictionary<int, Family>.Empty;

    /// <summary>What tests of contexts have told on this way: a caller who knows better does not come along it.</summary>
    public ImmutableArray<TestedContext> Contexts { get; init; } = ImmutableArray<TestedContext>.Empty;

    /// <summary>A part of it is over parameters and captured variables, and another thing at each call.</summary>
    public bool SpeaksOfArguments => !Guard.All.IsEmpty || Value is not null || !Handed.IsEmpty || !Locks.IsEmpty || !Disposed.IsEmpty || Guarded is not null;

    /// <summary>Whether the arguments, the result or a by-reference parameter tell a caller which of the two it was.</summary>
    public bool IsToldFrom(Outcome other)
    {
        var result = Symbol.Result(0);
        if (FactSet.Empty.Learn(result, Result)?.Learn(result, other.Result) is null) return true;
        foreach (var pair in References)
        {
            if (!other.References.TryGetValue(pair.Key, out var known)) continue;
            if (FactSet.Empty.Learn(result, pair.Value)?.Learn(result, known) is null) return true;
        }

        var facts = Guard;
        foreach (var fact in other.Guard.All)
        {
            if (facts.Learn(fact.Key, fact.Value) is not { } learned) return true;
            facts = learned;
        }

        return false;
    }

    public bool HasSameFamilies(Outcome other)
    {
        if (Families.Count != other.Families.Count) return false;
        foreach (var pair in Families)
        {
            if (!other.Families.TryGetValue(pair.Key, out var family) || !family.Equals(pair.Value)) return false;
        }

        return true;
    }

    public bool SameAs(Outcome other)
    {
        if (!HasSameFamilies(other) || !Handed.SequenceEqual(other.Handed)) return false;
        if (!Guard.SameAs(other.Guard) || !Result.Equals(other.Result) || !Equals(Value, other.Value) || !Change.Equals(other.Change)
            || !Equals(Guarded, other.Guarded) || !Contexts.SequenceEqual(other.Contexts) || !Locks.SequenceEqual(other.Locks) || !Disposed.SequenceEqual(other.Disposed)
            || References.Count != other.References.Count) return false;
        foreach (var pair in References)
        {
            if (!other.References.TryGetValue(pair.Key, out var known) || !known.Equals(pair.Value)) return false;
        }

        return true;
    }

    public bool Equals(Outcome? other) => other is not null && SameAs(other);

    public override int GetHashCode() => Change.GetHashCode();
}
