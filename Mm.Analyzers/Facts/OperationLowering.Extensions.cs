using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Members of extension blocks, called as the static methods that the compiler makes of them.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>The member of a block that stands behind such a method; null where there is none that has its own receiver.</summary>
    private IMethodSymbol? ExtensionOf(IMethodSymbol target)
    {
        if (!target.IsStatic || target.IsGenericMethod || target.Parameters.IsEmpty || target.ContainingType is not { IsStatic: true, MightContainExtensionMethods: true }) return null;
        if (!_store.IsSource(target) || target.DeclaringSyntaxReferences.IsEmpty) return null;
        var syntax = target.DeclaringSyntaxReferences[0].GetSyntax(_cancellation);
        if (syntax is not MethodDeclarationSyntax { Parent: TypeDeclarationSyntax and not (ClassDeclarationSyntax or StructDeclarationSyntax) }) return null;
        return _store.ModelOf(syntax.SyntaxTree).GetDeclaredSymbol(syntax, _cancellation) is IMethodSymbol { IsStatic: false } member && member.Parameters.Length == target.Parameters.Length - 1 ? member : null;
    }

    private Value LowerExtension(IInvocationOperation call, IMethodSymbol member)
    {
        var arguments = LowerArguments(call.Arguments, out var references);
        FlowArguments(call.Arguments, arguments);
        var result = AddCall(call, member, arguments[0], arguments.RemoveAt(0), isVirtual: false);
        ((CallStep)_steps[_steps.Count - 1]).References = references.RemoveAt(0);
        return result;
    }
}
