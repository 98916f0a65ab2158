using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>What a callee says over its parameters, in terms of this body.</summary>
internal sealed partial class CalleeEffects
{
    /// <summary>The facts with the guard added, in terms of this body; null where the guard cannot hold.</summary>
    private FactSet? Substitute(FactSet guard, Site site, FactSet facts)
    {
        foreach (var fact in guard.All)
        {
            if (fact.Key is Symbol { Role: SymbolRole.Kind } kind && fact.Value.Truth is { } isOfIt && IsOfKind(kind, site) == !isOfIt) return null;
            if (HandlerCondition.Is(fact.Key, out var table, out var function) && IsInPlace(table, function, site) is { } isThere)
            {
                if (!isThere) return null;
                continue;
            }

            var key = InSite(fact.Key, site);
            if (HandlerCondition.IsAsked(key, fact.Value) && KeptHandlers.Of(_session.Bodies, (Symbol)key, _cancellation) is { } handler)
            {
                if (FactSet.Empty.Of(handler).Contradicts(fact.Value)) return null;
                continue;
            }

            if (facts.Of(key).And(fact.Value) is not { } both || IsOfOtherType(key, fact.Value, facts)) return null;
            if (fact.Value is { IsExact: true, Exact: null } && facts.Of(key) is not { IsExact: true } && IsNeverNull(key)) return null;
            if (both.Equals(facts.Of(key))) continue;
            if (facts.Learn(key, fact.Value) is not { } learned) return null;
            facts = learned;
        }

        return facts;
    }

    private Value InSite(Value key, Site site) => key.Substitute(symbol => symbol.Role == SymbolRole.Field ? Kept(site.Alternative.Current(symbol)) : Replace(symbol, site));

    // Flags of an object that this one was started with: its own object, whoever made it.
    private Value Kept(Value value)
    {
        if (value is not Symbol { Role: SymbolRole.Field, Parent: Symbol { Role: SymbolRole.Field, Key: ISymbol holder } } flags || !Judgement.IsKeptFlags(flags)) return value;
        return ReadOnlyValues.OfMade(_session.Bodies, holder, (ISymbol)flags.Key!, _cancellation) ?? KeptHandlers.FlagsIn(_session.Bodies, flags, _cancellation) ?? value;
    }

    // Whoever declares that a parameter or field is not null does not mean 'nothing was given'.
    private bool IsNeverNull(Value value) => value switch
    {
        Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal, Parent: null } => _body.Method is { } method && ordinal < method.Parameters.Length && IsNotNullable(method.Parameters[ordinal].Type),
        Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol captured } => IsNotNullable(captured.Type),
        Symbol { Role: SymbolRole.Field, Key: IFieldSymbol field } => IsNotNullable(field.Type),
        Symbol { Role: SymbolRole.Field, Key: IPropertySymbol property } => IsNotNullable(property.Type),
        _ => false,
    };

    private static bool IsNotNullable(ITypeSymbol type) => type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated };

    private Value Replace(Symbol symbol, Site site)
    {
        switch (symbol.Role)
        {
            case SymbolRole.Parameter when symbol.Index < 0: return site.Receiver is ClosureValue made ? made.Of(symbol) ?? symbol : site.Receiver ?? symbol;
            case SymbolRole.Parameter:
                return symbol.Index < site.Arguments.Length ? site.Arguments[symbol.Index] : new Symbol(SymbolRole.Fresh, -1, symbol);
            case SymbolRole.Captured when site.Receiver is ClosureValue closure && closure.Of(symbol) is { } held: return held;
            case SymbolRole.Captured:
                // Of this body, or of one around it that this one captures too.
                if (site.Alternative.Environment.TryGetValue(new Symbol(SymbolRole.Local, 0, symbol.Key), out var local)) return local;
                return symbol.Key is IParameterSymbol { ContainingSymbol: IMethodSymbol owner } parameter && BodyKey.Of(owner).Equals(_body)
                    ? site.Alternative.Evaluate(Symbol.Parameter(parameter.Ordinal))
                    : site.Alternative.Evaluate(symbol);
            default: return symbol;
        }
    }
}
