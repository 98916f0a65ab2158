using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Members that keep what their object was made with, and what that was.</summary>
internal static class KeptMembers
{
    /// <summary>What was seen of how a member starts; without a value it is its default.</summary>
    internal readonly record struct Given(bool IsSeen, IOperation? Value);

    /// <summary>Whether nothing but constructors and object initialisers write it.</summary>
    public static bool IsKept(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        switch (member)
        {
            case IFieldSymbol { IsReadOnly: true }: return true;
            case IPropertySymbol { IsIndexer: true } or IPropertySymbol { IsVirtual: true } or IPropertySymbol { IsOverride: true } or IPropertySymbol { IsAbstract: true }: return false;
            case IPropertySymbol { SetMethod: null } property: return IsAuto(property, cancellation);
            case IPropertySymbol property when !IsAuto(property, cancellation): return false;
            case IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } }:
            case IPropertySymbol { IsStatic: false, SetMethod.IsInitOnly: true } when store.IsSource(member):
            case IFieldSymbol { IsStatic: false } or IPropertySymbol { IsStatic: false } when store.IsSource(member) && !DelegateWriters.IsSeenFromOutside(member):
                return store.KeptMembers.GetOrAdd(member.OriginalDefinition, written => !IsWrittenLater(store, written, cancellation));
            default: return false;
        }
    }

    /// <summary>What a member of an object was made with: by its initialiser, by the constructor, or by what is passed to that; of a copy, by that of which it is one.</summary>
    public static Given GivenTo(BodyStore store, IOperation made, ISymbol member, int depth, CancellationToken cancellation)
    {
        var creation = made as IObjectCreationOperation;
        foreach (var assigned in (creation?.Initializer ?? (made as IWithOperation)?.Initializer)?.Initializers ?? ImmutableArray<IOperation>.Empty)
        {
            if (assigned is ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: var target } } assignment
                && SymbolEqualityComparer.Default.Equals(target.OriginalDefinition, member.OriginalDefinition)) return new Given(true, assignment.Value);
        }

        if (made is IWithOperation copy) return depth > 0 && KeptHandlers.MadeBy(store, copy.Operand, depth, cancellation) is { } original ? GivenTo(store, original, member, depth - 1, cancellation) : default;
        if (creation?.Constructor is not { } constructor || !store.IsSource(constructor)) return default;
        return InConstructor(store, constructor.OriginalDefinition, member.OriginalDefinition, creation.Arguments, depth, cancellation);
    }

    /// <summary>Whether copies are made somewhere that have another value there: 'ops with { Read = … }'.</summary>
    public static bool IsReplacedInCopies(BodyStore store, ISymbol member, CancellationToken cancellation) =>
        member.ContainingType is { IsRecord: true } && store.ReplacedMembers.GetOrAdd(member.OriginalDefinition, replaced => IsReplaced(store, replaced, cancellation));

    private static bool IsReplaced(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        foreach (var mentioning in MentioningBodies.MembersOf(store, member.Name, withTypes: true, cancellation))
        {
            foreach (var node in mentioning.DescendantNodes())
            {
                if (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: var name } } assignment && name == member.Name && IsOfCopy(assignment)) return true;
            }
        }

        return false;
    }

    private static bool IsOfCopy(AssignmentExpressionSyntax assignment) => assignment.Parent.IsKind(SyntaxKind.WithInitializerExpression);

    private static Given InConstructor(
        BodyStore store, IMethodSymbol constructor, ISymbol member, ImmutableArray<IArgumentOperation> arguments, int depth, CancellationToken cancellation)
    {
        if (depth == 0) return default;
        var declaration = constructor.DeclaringSyntaxReferences.IsEmpty ? null : constructor.DeclaringSyntaxReferences[0].GetSyntax(cancellation);
        if (member is IParameterSymbol captured) return SymbolEqualityComparer.Default.Equals(captured.ContainingSymbol, constructor) ? Passed(arguments, captured.Ordinal) : default;
        if (!SymbolEqualityComparer.Default.Equals(member.ContainingType, constructor.ContainingType)) return default;
        if (DelegateWriters.ParameterBehind(member) is { } behind)
        {
            return SymbolEqualityComparer.Default.Equals(behind.ContainingSymbol, constructor) ? Passed(arguments, behind.Ordinal) : default;
        }

        if (declaration is ConstructorDeclarationSyntax written)
        {
            var targets = ConstructorStores.Targets(written, member.Name);
            if (targets.Count > 1) return default;
            if (targets.Count == 1) return ConstructorStores.ValueOf(written, constructor, member, targets[0]) is { } value ? InTermsOf(store, value, constructor, written, arguments, cancellation) : default;
            if (written.Initializer is { ThisOrBaseKeyword.RawKind: (int)SyntaxKind.ThisKeyword } chained)
            {
                // What the other constructor is passed may be what this one is.
                if (store.ModelOf(chained.SyntaxTree).GetOperation(chained, cancellation) is not IInvocationOperation { TargetMethod: var target } call) return default;
                var inner = InConstructor(store, target.OriginalDefinition, member, call.Arguments, depth - 1, cancellation);
                return inner.Value is null ? inner : InTermsOf(inner.Value, constructor, written, arguments);
            }
        }

        if (member.DeclaringSyntaxReferences.IsEmpty) return default;
        return ReadOnlyValues.InitializerOf(member, cancellation) is not { } initializer ? new Given(true, null) : InTermsOf(store, initializer.Value, constructor, declaration, arguments, cancellation);
    }

    private static Given InTermsOf(
        BodyStore store, ExpressionSyntax value, IMethodSymbol constructor, SyntaxNode? declaration, ImmutableArray<IArgumentOperation> arguments, CancellationToken cancellation) =>
        store.ModelOf(value.SyntaxTree).GetOperation(value, cancellation) is { } operation ? InTermsOf(operation, constructor, declaration, arguments) : default;

    private static Given InTermsOf(IOperation value, IMethodSymbol constructor, SyntaxNode? declaration, ImmutableArray<IArgumentOperation> arguments)
    {
        value = KeptHandlers.Plain(value)!;
        if (value is ICoalesceOperation { Value: IParameterReferenceOperation optional } choice && SymbolEqualityComparer.Default.Equals(optional.Parameter.ContainingSymbol, constructor))
        {
            // 'run ?? Default': which of the two it is, the call tells.
            var passed = InTermsOf(optional, constructor, declaration, arguments);
            if (!passed.IsSeen) return default;
            return KeptHandlers.Plain(passed.Value) switch
            {
                { ConstantValue: { HasValue: true, Value: null } } or IDefaultValueOperation => new Given(true, choice.WhenNull),
                IDelegateCreationOperation or IAnonymousFunctionOperation or IObjectCreationOperation => passed,
                _ => default,
            };
        }

        if (value is not IParameterReferenceOperation { Parameter: var parameter }) return new Given(true, value);
        if (!SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol, constructor) || parameter.RefKind is not (RefKind.None or RefKind.In)) return default;
        return declaration is not null && ConstructorStores.Targets(declaration, parameter.Name).Count == 0 ? Passed(arguments, parameter.Ordinal) : default;
    }

    private static Given Passed(ImmutableArray<IArgumentOperation> arguments, int ordinal)
    {
        foreach (var argument in arguments)
        {
            if (argument.Parameter?.Ordinal == ordinal) return new Given(true, argument.Value);
        }

        return default;
    }

    // What the compiler stores for itself, and nobody sees it computed.
    private static bool IsAuto(IPropertySymbol property, CancellationToken cancellation) =>
        property.DeclaringSyntaxReferences is { Length: 1 } declared && declared[0].GetSyntax(cancellation) switch
        {
            ParameterSyntax => true,
            PropertyDeclarationSyntax { AccessorList.Accessors: var accessors } => accessors.All(static accessor => accessor is { Body: null, ExpressionBody: null }),
            _ => false,
        };

    private static bool IsWrittenLater(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        foreach (var mentioning in MentioningBodies.MembersOf(store, member.Name, withTypes: true, cancellation))
        {
            foreach (var node in mentioning.DescendantNodes())
            {
                if (node is IdentifierNameSyntax identifier && identifier.Identifier.ValueText == member.Name && IsLateWrite(identifier, member)
                    && SymbolEqualityComparer.Default.Equals(store.ModelOf(node.SyntaxTree).GetSymbolInfo(identifier, cancellation).Symbol?.OriginalDefinition ?? member, member)) return true;
            }
        }

        return false;
    }

    private static bool IsLateWrite(IdentifierNameSyntax identifier, ISymbol member)
    {
        SyntaxNode target = identifier;
        while (target.Parent is MemberAccessExpressionSyntax access && access.Name == target || target.Parent is MemberBindingExpressionSyntax or ParenthesizedExpressionSyntax) target = target.Parent;
        switch (target.Parent)
        {
            case AssignmentExpressionSyntax assignment when assignment.Left == target:
                if (!assignment.IsKind(SyntaxKind.SimpleAssignmentExpression)) return true;
                if (IsGivenUp(assignment.Right, member) || IsOfCopy(assignment)) return false;

                // 'new Device { Ops = { Read = … } }' writes to an object that is there already.
                if (assignment.Parent is InitializerExpressionSyntax { RawKind: (int)SyntaxKind.ObjectInitializerExpression, Parent: var around }) return around is not BaseObjectCreationExpressionSyntax;
                return target is not (IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax })
                    || assignment.FirstAncestorOrSelf<MemberDeclarationSyntax>() is not ConstructorDeclarationSyntax { Parent: TypeDeclarationSyntax { Identifier.ValueText: var type } }
                    || type != member.ContainingType?.Name || assignment.FirstAncestorOrSelf<AnonymousFunctionExpressionSyntax>() is not null;
            case ArgumentSyntax { Parent: ArgumentListSyntax { Arguments: { Count: 2 } arguments, Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Exchange", Expression: var atomic } } } } argument
                when argument == arguments[0] && ((atomic as MemberAccessExpressionSyntax)?.Name ?? atomic) is SimpleNameSyntax { Identifier.ValueText: "Interlocked" } && IsGivenUp(arguments[1].Expression, member): return false;
            case ArgumentSyntax argument: return !argument.RefKindKeyword.IsKind(SyntaxKind.None) || argument.Parent is TupleExpressionSyntax { Parent: AssignmentExpressionSyntax or ForEachVariableStatementSyntax };
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression } or RefExpressionSyntax: return true;
            default: return false;
        }
    }

    // What holds nothing any more holds nothing else.
    private static bool IsGivenUp(ExpressionSyntax value, ISymbol member) =>
        value.IsKind(SyntaxKind.NullLiteralExpression) && TypeOf(member) is { IsReferenceType: true };

    /// <summary>The type of a field, a property, or a parameter that its object has captured; null of all else.</summary>
    public static ITypeSymbol? TypeOf(ISymbol? member) => member switch
    {
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        IParameterSymbol parameter => parameter.Type,
        _ => null,
    };
}
