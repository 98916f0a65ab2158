using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Which allocator family owns a value: by what is declared of the place it comes from, or by the allocator that handed it out.</summary>
internal static class Ownership
{
    /// <summary>The family of a value in a body; null where it is not known.</summary>
    public static Family? Of(Session session, FlowResult result, Value? value) => value switch
    {
        Symbol { Role: SymbolRole.Owned, Key: Family family } => family,
        Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when result.Body.Key.Method is { } method && ordinal < method.Parameters.Length =>
            session.Contracts.OfPlaceOnly(method.Parameters[ordinal]).Family,
        Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol captured } => session.Contracts.OfPlaceOnly(captured).Family,
        Symbol { Role: SymbolRole.Field, Key: ISymbol field } => session.Contracts.OfPlaceOnly(field).Family,

        // 'value as T' is the value or null, which belongs to any.
        Operation { Kind: Operator.TryCast, Left: var tried } => Of(session, result, tried),
        _ => null,
    };

    /// <summary>What is declared of the result of a method, or of the property that an accessor reads.</summary>
    public static Family? OfResult(IMethodSymbol method, Contract contract) =>
        contract.Result?.Family ?? (method.MethodKind == MethodKind.PropertyGet ? contract.Family : null);

    public static Family? OfParameter(Contract contract, int ordinal) =>
        contract.Parameters.TryGetValue(ordinal, out var place) ? place.Family : null;

    /// <summary>The families of what a body returns, as result (-1) and through its by-reference parameters.</summary>
    public static ImmutableSortedDictionary<int, Family> HandedOut(Session session, FlowResult result, ReturnVisit visit)
    {
        var families = ImmutableSortedDictionary<int, Family>.Empty;
        if (Of(session, result, visit.Result) is { } returned) families = families.Add(-1, returned);
        if (result.Body.Key.Method is not { } method) return families;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind is not (RefKind.Ref or RefKind.Out)) continue;
            var value = visit.At.Evaluate(Symbol.Parameter(parameter.Ordinal));
            if (value is Symbol { Role: SymbolRole.Owned, Key: Family family }) families = families.Add(parameter.Ordinal, family);
        }

        return families;
    }

    /// <summary>The family that two values share where paths meet; null belongs to any.</summary>
    public static Family? Common(Value left, Value right) => (left, right) switch
    {
        (Symbol { Role: SymbolRole.Owned, Key: Family a }, Symbol { Role: SymbolRole.Owned, Key: Family b }) => a.Equals(b) ? a : null,
        (Symbol { Role: SymbolRole.Owned, Key: Family a }, Constant { Item: null }) => a,
        (Constant { Item: null }, Symbol { Role: SymbolRole.Owned, Key: Family b }) => b,
        _ => null,
    };

    /// <summary>Whether it would be forgotten who owns a value if these two became one.</summary>
    public static bool Differ(Value left, Value right) =>
        (left is Symbol { Role: SymbolRole.Owned } || right is Symbol { Role: SymbolRole.Owned }) && !left.Equals(right) && Common(left, right) is null;
}
