using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>Where it is written that a body starts in a context, or promises something: the reader of a report has to see who says so.</summary>
internal static class DeclaringAttributes
{
    /// <summary>The attribute that says that a body starts in the context.</summary>
    public static Location? OfContext(ISymbol body, ISymbol? place, string context) =>
        Find(body, place, context, static verb => verb is "RunsIn" or "Requires" or "Leaves");

    /// <summary>The attribute that promises that the effect never happens.</summary>
    public static Location? OfPromise(ISymbol body, ISymbol? place, string effect) => Find(body, place, effect, static verb => verb == "Never");

    // The nearer one speaks: the member, what a lambda was given to, what the member overrides or implements, the types around, the assembly.
    private static Location? Find(ISymbol body, ISymbol? place, string marker, Func<string, bool> isMeant)
    {
        if (On(body, marker, isMeant) is { } own) return own;
        if (place is not null && (On(place, marker, isMeant) ?? OnBases(place, marker, isMeant)) is { } given) return given;
        if (OnBases(body, marker, isMeant) is { } inherited) return inherited;
        for (ISymbol? at = body.ContainingSymbol; at is not null; at = at.ContainingSymbol)
        {
            if (at is INamedTypeSymbol or IAssemblySymbol && On(at, marker, isMeant) is { } around) return around;
        }

        return body.ContainingAssembly is { } assembly ? On(assembly, marker, isMeant) : null;
    }

    private static Location? On(ISymbol symbol, string marker, Func<string, bool> isMeant)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) is not { } verb || !isMeant(verb)) continue;
            if (WellKnown.Subject(attribute) is { } subject && MarkerNames.Of(subject) == marker && attribute.ApplicationSyntaxReference is { } written)
                return Location.Create(written.SyntaxTree, written.Span);
        }

        return symbol is IMethodSymbol { AssociatedSymbol: { } property } ? On(property, marker, isMeant) : null;
    }

    private static Location? OnBases(ISymbol symbol, string marker, Func<string, bool> isMeant)
    {
        if (symbol is IParameterSymbol { ContainingSymbol: IMethodSymbol around, Ordinal: var ordinal })
        {
            foreach (var declared in Contracts.BasesOf(around))
            {
                if (ordinal < declared.Parameters.Length && On(declared.Parameters[ordinal], marker, isMeant) is { } found) return found;
            }
        }

        if (symbol is not IMethodSymbol { MethodKind: not (MethodKind.LambdaMethod or MethodKind.LocalFunction) } method) return null;
        var pending = new Queue<IMethodSymbol>(Contracts.BasesOf(method));
        while (pending.Count > 0)
        {
            var declared = pending.Dequeue();
            if ((On(declared, marker, isMeant) ?? On(declared.ContainingType, marker, isMeant)) is { } found) return found;
            foreach (var farther in Contracts.BasesOf(declared)) pending.Enqueue(farther);
        }

        return null;
    }
}
