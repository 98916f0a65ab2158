using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// The variables, objects and types that a piece of code reads or may change. What a call does inside is not looked into: it may
/// change every object that it is given, the one it is called on, and what is static in its type.
/// </summary>
internal sealed class Touched
{
    private readonly Dictionary<ISymbol, bool> _isWritten = new(SymbolEqualityComparer.Default);

    /// <summary>A field or property that can change is read or written: a scope may be there to guard it.</summary>
    internal bool HasState { get; private set; }

    internal static Touched By(IEnumerable<SyntaxNode> nodes, SemanticModel model, CancellationToken cancellation)
    {
        var touched = new Touched();
        foreach (SyntaxNode node in nodes)
        {
            foreach (SyntaxNode part in node.DescendantNodesAndSelf())
                touched.Add(part, model, cancellation);
        }

        return touched;
    }

    /// <summary>Whether the order of the two matters.</summary>
    internal bool ConflictsWith(Touched other) => _isWritten.Any(mine => other._isWritten.TryGetValue(mine.Key, out bool isWritten) && (isWritten || mine.Value));

    /// <summary>Whether both use an object that a field holds: what is done to it within one scope belongs together.</summary>
    internal bool SharesObjectsWith(Touched other) =>
        _isWritten.Any(mine => mine is { Key: IFieldSymbol, Value: true } && other._isWritten.TryGetValue(mine.Key, out bool isWritten) && isWritten);

    private void Add(SyntaxNode part, SemanticModel model, CancellationToken cancellation)
    {
        switch (part)
        {
            case ThisExpressionSyntax or BaseExpressionSyntax when part.Parent is not MemberAccessExpressionSyntax:
                if (model.GetTypeInfo(part, cancellation).Type is { } self) Touch(self, isWritten: true);
                break;
            case VariableDeclaratorSyntax or SingleVariableDesignationSyntax:
                if (model.GetDeclaredSymbol(part, cancellation) is { } declared) Touch(declared, isWritten: true);
                break;
            case ForEachStatementSyntax loop:
                if (model.GetDeclaredSymbol(loop, cancellation) is { } item) Touch(item, isWritten: true);
                break;
            case BaseObjectCreationExpressionSyntax:
                if (model.GetTypeInfo(part, cancellation).Type is { } made) Touch(made.OriginalDefinition, isWritten: true);
                break;
            case SimpleNameSyntax name:
                AddName(name, model.GetSymbolInfo(name, cancellation).Symbol);
                break;
        }
    }

    private void AddName(SimpleNameSyntax name, ISymbol? symbol)
    {
        switch (symbol)
        {
            case ILocalSymbol { IsConst: false } local:
                Touch(local, IsAssigned(name) || !IsPlainValue(local.Type));
                break;
            case IParameterSymbol parameter:
                Touch(parameter, IsAssigned(name) || !IsPlainValue(parameter.Type));
                break;
            case IFieldSymbol { IsConst: false, ContainingType.TypeKind: not TypeKind.Enum } field:
                HasState |= !field.IsReadOnly;
                Touch(field, IsAssigned(name) || !IsPlainValue(field.Type));
                if (!field.IsReadOnly) TouchSelf(field, isWritten: IsAssigned(name));
                break;
            case IPropertySymbol or IEventSymbol:
                HasState |= symbol is not IPropertySymbol { SetMethod: null };
                Touch(symbol, isWritten: true);
                TouchSelf(symbol, isWritten: true);
                break;
            case IMethodSymbol { MethodKind: not MethodKind.LocalFunction } method:
                TouchSelf(method.ReducedFrom ?? method, isWritten: true);
                break;
            case IMethodSymbol function:
                // It may touch any variable around it.
                HasState = true;
                Touch(function, isWritten: true);
                break;
        }
    }

    // What is reached through another variable is that variable's own matter; the rest is 'this', or static in the type.
    private void TouchSelf(ISymbol member, bool isWritten)
    {
        if (member.ContainingType is { } type) Touch(type.OriginalDefinition, isWritten);
    }

    private void Touch(ISymbol symbol, bool isWritten) => _isWritten[symbol] = isWritten || _isWritten.TryGetValue(symbol, out bool before) && before;

    private static bool IsAssigned(SimpleNameSyntax name)
    {
        ExpressionSyntax whole = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : name;
        return whole.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == whole,
            PostfixUnaryExpressionSyntax postfix => postfix.IsKind(SyntaxKind.PostIncrementExpression) || postfix.IsKind(SyntaxKind.PostDecrementExpression),
            PrefixUnaryExpressionSyntax prefix => prefix.IsKind(SyntaxKind.PreIncrementExpression) || prefix.IsKind(SyntaxKind.PreDecrementExpression) || prefix.IsKind(SyntaxKind.AddressOfExpression),
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None),
            RefExpressionSyntax => true,
            _ => false,
        };
    }

    // A copy of it is all that anybody gets.
    private static bool IsPlainValue(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum || type.SpecialType is SpecialType.System_String or (>= SpecialType.System_Boolean and <= SpecialType.System_Double);
}
