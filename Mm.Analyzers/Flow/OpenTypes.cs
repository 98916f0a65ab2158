using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Type parameters that stay open in what a body leaves to its callers.</summary>
internal static class OpenTypes
{
    // What is left open that no caller can tell; of more, the shortest ways are kept.
    private const int UntoldLimit = 32;

    /// <summary>
    /// Leaves out of what a body tells its callers most of what these cannot tell either: what a handler does with the type arguments of
    /// the generic class that has kept it somewhere else. Where a context forbids something, all that may be meant is asked for.
    /// </summary>
    /// <param name="effects">What it tells them, in order, the shortest ways first.</param>
    /// <param name="body">The body.</param>
    public static void KeepFew(List<EffectEntry> effects, BodyKey body)
    {
        int untold = 0;
        effects.RemoveAll(entry => entry.Effect.Role == EffectRole.Deferred && !MayBeTold(entry, body) && ++untold > UntoldLimit);
    }

    // Whether some type parameter in it is one of the body: of its method, or of its types.
    private static bool MayBeTold(EffectEntry entry, BodyKey body)
    {
        if (entry.TypeParameter is { } parameter) return IsOf(parameter, body);
        return entry.Through is not { } through || Mentions(through, body);
    }

    private static bool Mentions(ITypeSymbol? type, BodyKey body) => type switch
    {
        ITypeParameterSymbol parameter => IsOf(parameter, body),
        INamedTypeSymbol named => named.TypeArguments.Any(argument => Mentions(argument, body)) || Mentions(named.ContainingType, body),
        IArrayTypeSymbol array => Mentions(array.ElementType, body),
        _ => false,
    };

    private static bool IsOf(ITypeParameterSymbol parameter, BodyKey body)
    {
        if (parameter.DeclaringMethod is { } declaring)
        {
            // Of the method itself, of what it overrides or implements, or of a method around a lambda or a local function.
            for (ISymbol? at = body.Symbol; at is IMethodSymbol method; at = at.ContainingSymbol)
            {
                if (method.Arity == declaring.Arity && (method.IsVirtual || method.IsAbstract || method.IsOverride || declaring.ContainingType.TypeKind == TypeKind.Interface
                    || SymbolEqualityComparer.Default.Equals(method.OriginalDefinition, declaring.OriginalDefinition))) return true;
            }

            return false;
        }

        var type = parameter.DeclaringType!;
        for (var around = body.Symbol.ContainingType; around is not null; around = around.ContainingType)
        {
            if (CallResolver.IsA(around, type) || CallResolver.IsA(type, around)) return true;
        }

        return false;
    }
}
