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
    public const int Limit = 2;

    /// <summary>The classes of which a body returns objects; empty where one of its returns does not show it.</summary>
    public static ImmutableArray<INamedTypeSymbol> ClassesOf(Session session, FlowResult result)
    {
        var classes = ImmutableArray<INamedTypeSymbol>.Empty;
        if (result.Body is { IsAsync: true } or { IsIterator: true } || result.Body.Key.Method?.ReturnType is not ({ TypeKind: TypeKind.Interface } or { TypeKind: TypeKind.Class, IsSealed: false })) return classes;
        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional || visit.Result is null or Constant { Item: null }) continue;
            if (ClassOf(session, visit.Result, visit.At.Facts, result) is not { } made || SymbolEqualityComparer.Default.Equals(made, result.Body.Key.Method!.ReturnType)) return ImmutableArray<INamedTypeSymbol>.Empty;
            if (classes.Contains(made, SymbolEqualityComparer.Default)) continue;
            if (classes.Length == Limit) return ImmutableArray<INamedTypeSymbol>.Empty;
            classes = classes.Add(made);
        }

        return classes;
    }

    public static FactSet Learn(FactSet facts, Symbol result, ImmutableArray<INamedTypeSymbol> classes) =>
        facts.Learn(new Symbol(SymbolRole.Kind, 1, new Choice(classes), result), Known.Exactly(true)) ?? facts;

    /// <summary>The classes of which the facts say that the object is one, as far as that matters for a member: what members of .NET run on an object that is not seen counts as known.</summary>
    public static ImmutableArray<INamedTypeSymbol> ClassesIn(FactSet facts, Value value, IMethodSymbol? called)
    {
        foreach (var fact in facts.All)
        {
            if (fact.Key is not Symbol { Role: SymbolRole.Kind, Key: Choice choice, Parent: { } made } || !made.Equals(value)) continue;
            return called is null || IsDisposal(called) || !WellKnown.IsFramework(called.ContainingAssembly) ? choice.Classes : ImmutableArray<INamedTypeSymbol>.Empty;
        }

        return ImmutableArray<INamedTypeSymbol>.Empty;
    }

    /// <summary>What disposing of one of several objects runs; null for other members, which are judged by all that implement them.</summary>
    public static Resolution? Disposing(CallResolver resolver, IMethodSymbol called, ImmutableArray<INamedTypeSymbol> classes)
    {
        if (classes.Length < 2 || !IsDisposal(called)) return null;
        var all = ImmutableArray<BodyKey>.Empty;
        foreach (var one in classes)
        {
            if (Implementations.InType(called, one) is not { } method || resolver.Direct(method) is not { Contract.IsNone: true } direct) return null;
            all = all.AddRange(direct.Bodies.Where(body => !all.Contains(body)));
        }

        return new Resolution(Contract.None, all);
    }

    private static bool IsDisposal(IMethodSymbol called) => called is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true };

    private static INamedTypeSymbol? ClassOf(Session session, Value value, FactSet facts, FlowResult result)
    {
        var type = value switch
        {
            Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol instance } => instance,
            Symbol { Role: SymbolRole.Field } place => MadeTypes.In(session.Bodies, place, result.Cancellation),
            _ => ClassesIn(facts, value, null) is { Length: 1 } known ? known[0] : null,
        };
        return type is { IsGenericType: false, TypeKind: TypeKind.Class, IsAnonymousType: false } ? type : null;
    }

    /// <summary>One of some classes.</summary>
    private sealed class Choice : IEquatable<Choice>
    {
        public Choice(ImmutableArray<INamedTypeSymbol> classes) => Classes = classes;

        public ImmutableArray<INamedTypeSymbol> Classes { get; }

        public bool Equals(Choice? other) => other is not null && Enumerable.SequenceEqual<ISymbol>(Classes, other.Classes, SymbolEqualityComparer.Default);

        public override bool Equals(object? obj) => Equals(obj as Choice);

        public override int GetHashCode() => SymbolEqualityComparer.Default.GetHashCode(Classes[0]);
    }
}
