using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>What the members of an extension block are called on. The oldest compiler that is supported has no name for it.</summary>
internal static class ExtensionBlocks
{
    /// <summary>The place that a member of such a block has its receiver in, with what is declared of it; null for any other member.</summary>
    public static IParameterSymbol? ReceiverOf(IMethodSymbol member)
    {
        if (member.IsStatic || !IsBlock(member.ContainingType) || member.ContainingType.ContainingType is not { } container) return null;
        foreach (var candidate in container.GetMembers(member.Name))
        {
            if (candidate is IMethodSymbol { IsStatic: true } method && IsMadeOf(method, member.OriginalDefinition)) return method.Parameters[0];
        }

        return null;
    }

    /// <summary>The class around a block, which is no type of its own; any other type as it is.</summary>
    public static INamedTypeSymbol? Outside(INamedTypeSymbol? type) => IsBlock(type) ? type!.ContainingType : type;

    private static bool IsBlock(INamedTypeSymbol? type) => type is { TypeKind: > TypeKind.FunctionPointer };

    // The compiler makes a static method of each member, whose first parameter is the receiver.
    private static bool IsMadeOf(IMethodSymbol method, IMethodSymbol member)
    {
        if (method.Parameters.Length != member.Parameters.Length + 1) return false;
        if (!member.DeclaringSyntaxReferences.IsEmpty)
        {
            return !method.DeclaringSyntaxReferences.IsEmpty
                && method.DeclaringSyntaxReferences[0].SyntaxTree == member.DeclaringSyntaxReferences[0].SyntaxTree
                && method.DeclaringSyntaxReferences[0].Span == member.DeclaringSyntaxReferences[0].Span;
        }

        for (int i = 0; i < member.Parameters.Length; i++)
        {
            if (method.Parameters[i + 1].Type.ToDisplayString() != member.Parameters[i].Type.ToDisplayString()) return false;
        }

        return true;
    }
}
