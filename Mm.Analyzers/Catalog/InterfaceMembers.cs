using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>Which interface members a method implements.</summary>
internal static class InterfaceMembers
{
    public static IEnumerable<IMethodSymbol> ImplementedBy(IMethodSymbol method)
    {
        if (!method.ExplicitInterfaceImplementations.IsEmpty)
        {
            foreach (var member in method.ExplicitInterfaceImplementations) yield return member;
            yield break;
        }

        if (method.ContainingType is not { TypeKind: TypeKind.Class or TypeKind.Struct } type) yield break;
        if (method.DeclaredAccessibility != Accessibility.Public) yield break;
        foreach (var candidate in type.AllInterfaces)
        {
            foreach (var member in candidate.GetMembers(method.Name))
            {
                if (member is IMethodSymbol interfaceMethod && IsIn(type, method, candidate, interfaceMethod)) yield return interfaceMethod;
            }
        }
    }

    // The language names the member that implements; whoever overrides that one later implements in its place.
    private static bool IsIn(INamedTypeSymbol type, IMethodSymbol method, INamedTypeSymbol implemented, IMethodSymbol member)
    {
        var body = type.FindImplementationForInterfaceMember(member);
        if (SymbolEqualityComparer.Default.Equals(body, method)) return true;
        for (var overridden = method.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            // What the overridden member owes already comes along with its contract.
            if (overridden.ContainingType.AllInterfaces.Any(other => SymbolEqualityComparer.Default.Equals(other, implemented))) return false;
            if (SymbolEqualityComparer.Default.Equals(body, overridden)) return true;
        }

        return false;
    }
}
