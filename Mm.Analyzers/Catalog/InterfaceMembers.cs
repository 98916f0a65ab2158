using System.Collections.Generic;
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
                if (member is IMethodSymbol interfaceMethod
                    && SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(interfaceMethod), method))
                {
                    yield return interfaceMethod;
                }
            }
        }
    }
}
