using System;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Delegates, events and flags that others put into an object: its own methods only use them or give them up, or hand the object back with what
/// they were told ('options.With(flags)'). What one object has there, whoever made it and has just set it knows.
/// </summary>
internal static class SettableMembers
{
    public static bool Is(BodyStore store, ISymbol? member, CancellationToken cancellation)
    {
        if (member is null or { IsStatic: true } or { IsVirtual: true } or { IsOverride: true } or { IsAbstract: true }) return false;
        if (member.ContainingType is not { TypeKind: TypeKind.Class } || !store.IsSource(member)) return false;
        bool isSettable = member switch
        {
            IFieldSymbol { IsReadOnly: false, Type: var type } => IsFollowed(type),
            IPropertySymbol { SetMethod.IsInitOnly: false, IsIndexer: false, Type: var type } => IsFollowed(type),
            IEventSymbol { AddMethod.IsImplicitlyDeclared: true } => true,
            _ => false,
        };
        if (!isSettable) return false;
        member = member.OriginalDefinition;
        return store.SettableMembers.TryGetValue(member, out bool known) ? known : store.SettableMembers.GetOrAdd(member, Read(member, cancellation));
    }

    /// <summary>Whether one of these is set in an object that a method is given: whoever hands his over does not know any more what it has.</summary>
    public static bool IsSetByCallees(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        if (!Is(store, member, cancellation)) return false;
        member = member.OriginalDefinition;
        return store.MembersSetByCallees.TryGetValue(member, out bool known) ? known : store.MembersSetByCallees.GetOrAdd(member, ReadCallees(store, member.Name, cancellation));
    }

    private static bool ReadCallees(BodyStore store, string name, CancellationToken cancellation)
    {
        foreach (var text in MentioningBodies.MembersOf(store, name, withTypes: false, cancellation))
        {
            if (text is not BaseMethodDeclarationSyntax { ParameterList.Parameters: { Count: > 0 } parameters }) continue;
            foreach (var node in text.DescendantNodes())
            {
                if (node is not AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var written } target } || written != name) continue;
                var holder = target.Expression;
                while (holder is MemberAccessExpressionSyntax { Expression: var around }) holder = around;
                if (holder is IdentifierNameSyntax { Identifier.ValueText: var root } && parameters.Any(parameter => parameter.Identifier.ValueText == root)) return true;
            }
        }

        return false;
    }

    private static bool IsFollowed(ITypeSymbol type) => type.TypeKind == TypeKind.Delegate || WellKnown.IsFlags(type);

    private static bool Read(ISymbol member, CancellationToken cancellation)
    {
        if (member is IPropertySymbol property && !OperationLowering.IsStored(property)) return false;
        int word = Words.Hash(member.Name);
        foreach (var part in member.ContainingType.DeclaringSyntaxReferences)
        {
            foreach (var declared in TreeNames.Of(part.SyntaxTree).Declarations)
            {
                if (declared.Kind is not (DeclarationKind.Method or DeclarationKind.Place) || !part.Span.Contains(declared.Span) || Array.IndexOf(declared.Body, word) < 0) continue;
                var text = part.SyntaxTree.GetRoot(cancellation).FindNode(declared.Span).FirstAncestorOrSelf<MemberDeclarationSyntax>();
                if (text is not (null or ConstructorDeclarationSyntax) && !IsFluent(text, member.ContainingType) && IsGivenIn(text, member.Name)) return false;
            }
        }

        return true;
    }

    private static bool IsFluent(MemberDeclarationSyntax text, INamedTypeSymbol type) =>
        text is MethodDeclarationSyntax { ReturnType: SimpleNameSyntax { Identifier.ValueText: var returned } } && returned == type.Name;

    private static bool IsGivenIn(SyntaxNode text, string name)
    {
        foreach (var target in ConstructorStores.Targets(text, name))
        {
            bool isGivenUp = target.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SubtractAssignmentExpression }
                or AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Right.RawKind: (int)SyntaxKind.NullLiteralExpression };

            // '_done!()' is no write.
            if (!isGivenUp && target.Parent is not PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression }) return true;
        }

        return false;
    }
}
