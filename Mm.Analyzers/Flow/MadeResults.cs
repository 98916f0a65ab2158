using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

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
            if (ClassOf(session, visit.Result, visit.At.Facts, result) is not { } made) return ImmutableArray<INamedTypeSymbol>.Empty;
            if (classes.Contains(made, SymbolEqualityComparer.Default)) continue;
            if (classes.Length == Limit) return ImmutableArray<INamedTypeSymbol>.Empty;
            classes = classes.Add(made);
        }

        return classes;
    }

    public static FactSet Learn(FactSet facts, Symbol result, INamedTypeSymbol type) =>
        facts.Learn(new Symbol(SymbolRole.Kind, 1, type, result), Known.Exactly(true)) ?? facts;

    /// <summary>The class of which a fact says that the object is made, where that matters for a member: what members of .NET run on an object that is not seen counts as known.</summary>
    public static INamedTypeSymbol? ClassIn(KeyValuePair<Value, Known> fact, Value value, IMethodSymbol? called) =>
        fact.Key is Symbol { Role: SymbolRole.Kind, Key: INamedTypeSymbol type, Parent: { } made } && made.Equals(value)
        && (called is null or { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true } || !WellKnown.IsFramework(called.ContainingAssembly)) ? type : null;

    private static INamedTypeSymbol? ClassOf(Session session, Value value, FactSet facts, FlowResult result)
    {
        var type = value switch
        {
            Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol instance } => instance,
            Symbol { Role: SymbolRole.Field } place => MadeTypes.In(session.Bodies, place, result.Cancellation),
            _ => facts.All.Select(fact => ClassIn(fact, value, null)).FirstOrDefault(static known => known is not null),
        };
        return type is { IsGenericType: false, TypeKind: TypeKind.Class, IsAnonymousType: false } ? type : null;
    }
}
