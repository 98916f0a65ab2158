using System;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Objects that a method makes for its caller: 'IDisposable Begin() => new Scope(this)' says less than it does.</summary>
internal static class MadeResults
{
    /// <summary>Of more classes, a caller hears nothing.</summary>
    public const int Limit = 4;

    /// <summary>The classes of which a body returns objects; empty where one of its returns does not show it.</summary>
    public static ImmutableArray<INamedTypeSymbol> ClassesOf(Session session, FlowResult result)
    {
        var classes = ImmutableArray<INamedTypeSymbol>.Empty;
        if (result.Body is { IsAsync: true } or { IsIterator: true } || result.Body.Key.Method?.ReturnType is not ({ TypeKind: TypeKind.Interface } or { TypeKind: TypeKind.Class, IsSealed: false })) return classes;
        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional || visit.Result is null or Constant { Item: null }) continue;
            var made = visit.Result is Symbol { Role: SymbolRole.Field } place
                ? MadeTypes.In(session.Bodies, place, result.Cancellation) is { } kept && IsTold(kept) ? ImmutableArray.Create(kept) : ImmutableArray<INamedTypeSymbol>.Empty
                : ClassesOf(visit.Result, visit.At.Facts);
            if (made.IsEmpty || made.Contains(result.Body.Key.Method!.ReturnType, SymbolEqualityComparer.Default)) return ImmutableArray<INamedTypeSymbol>.Empty;
            classes = Union(classes, made);
        }

        return classes.Length > Limit ? ImmutableArray<INamedTypeSymbol>.Empty : classes;
    }

    /// <summary>What a variable holds where paths meet, on each of which it holds something that was made there; empty where nothing is known of one.</summary>
    public static ImmutableArray<INamedTypeSymbol> Either(Value one, FactSet facts, Value other, FactSet otherFacts)
    {
        if (one is not Symbol && other is not Symbol) return ImmutableArray<INamedTypeSymbol>.Empty;
        if (one is Constant { Item: null }) return ClassesOf(other, otherFacts);
        var classes = ClassesOf(one, facts);
        if (other is Constant { Item: null } || classes.IsEmpty) return classes;
        var more = ClassesOf(other, otherFacts);
        if (more.IsEmpty) return more;
        classes = Union(classes, more);
        return classes.Length > Limit ? ImmutableArray<INamedTypeSymbol>.Empty : classes;
    }

    public static ImmutableArray<INamedTypeSymbol> Union(ImmutableArray<INamedTypeSymbol> classes, ImmutableArray<INamedTypeSymbol> more)
    {
        foreach (var one in more)
        {
            if (classes.Contains(one, SymbolEqualityComparer.Default)) continue;
            int at = 0;
            while (at < classes.Length && string.CompareOrdinal(classes[at].ToDisplayString(), one.ToDisplayString()) < 0) at++;
            classes = classes.Insert(at, one);
        }

        return classes;
    }

    public static FactSet Learn(FactSet facts, Symbol result, ImmutableArray<INamedTypeSymbol> classes) =>
        facts.Learn(new Symbol(SymbolRole.Kind, 1, new Choice(classes), result), Known.Exactly(true)) ?? facts;

    /// <summary>The classes of which the facts say that the object is one, as far as that matters for a member: others than Dispose are judged by all that implement them.</summary>
    public static ImmutableArray<INamedTypeSymbol> ClassesIn(FactSet facts, Value value, IMethodSymbol? called)
    {
        foreach (var fact in facts.All)
        {
            if (fact.Key is not Symbol { Role: SymbolRole.Kind, Key: Choice choice, Parent: { } made } || !made.Equals(value)) continue;
            return called is null || WellKnown.IsDisposal(called) ? choice.Classes : ImmutableArray<INamedTypeSymbol>.Empty;
        }

        return ImmutableArray<INamedTypeSymbol>.Empty;
    }

    /// <summary>What disposing of one of several objects runs; null for other members, which are judged by all that implement them.</summary>
    public static Resolution? Disposing(CallResolver resolver, IMethodSymbol called, ImmutableArray<INamedTypeSymbol> classes)
    {
        if (classes.Length < 2 || !WellKnown.IsDisposal(called)) return null;
        var all = ImmutableArray<BodyKey>.Empty;
        foreach (var one in classes)
        {
            if (Implementations.InType(called, one) is not { } method || resolver.Direct(method) is not { Contract.IsNone: true } direct) return null;
            all = all.AddRange(direct.Bodies.Where(body => !all.Contains(body)));
        }

        return new Resolution(Contract.None, all);
    }

    private static ImmutableArray<INamedTypeSymbol> ClassesOf(Value value, FactSet facts) => value switch
    {
        Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol instance } => IsTold(instance) ? ImmutableArray.Create(instance) : ImmutableArray<INamedTypeSymbol>.Empty,
        Symbol { Role: SymbolRole.Merge or SymbolRole.Result } => ClassesIn(facts, value, null),
        _ => ImmutableArray<INamedTypeSymbol>.Empty,
    };

    private static bool IsTold(INamedTypeSymbol type) => type is { IsGenericType: false, TypeKind: TypeKind.Class, IsAnonymousType: false };

    /// <summary>One of some classes.</summary>
    private sealed class Choice : IEquatable<Choice>
    {
        public Choice(ImmutableArray<INamedTypeSymbol> classes) => Classes = classes;

        public ImmutableArray<INamedTypeSymbol> Classes { get; }

        public bool Equals(Choice? other) => other is not null && Enumerable.SequenceEqual<ISymbol>(Classes, other.Classes, SymbolEqualityComparer.Default);

        public override bool Equals(object? obj) => Equals(obj as Choice);

        public override int GetHashCode() => SymbolEqualityComparer.Default.GetHashCode(Classes[0]);

        public override string ToString() => string.Join("|", Classes.Select(static type => type.ToDisplayString()));
    }
}
