using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Tables of flags: a private readonly array that starts with its elements, which its type only reads.</summary>
internal static class ConstantArrays
{
    /// <summary>The element that a constant index names; null where it is not known.</summary>
    public static Constant? ElementOf(BodyStore store, IArrayElementReferenceOperation element, CancellationToken cancellation)
    {
        if (element.Type?.TypeKind != TypeKind.Enum || element.Indices.Length != 1 || element.Indices[0].ConstantValue is not { HasValue: true, Value: int index }) return null;
        var elements = ElementsOf(store, (element.ArrayReference as IFieldReferenceOperation)?.Field, cancellation);
        return index >= 0 && index < elements.Length ? elements[index] : null;
    }

    /// <summary>What all elements have in common, for one that takes each in turn; null where one of them is not known.</summary>
    public static BitMask? AnyElementOf(BodyStore store, ISymbol? table, CancellationToken cancellation)
    {
        if (table is not IFieldSymbol { Type: IArrayTypeSymbol { Rank: 1, ElementType.TypeKind: TypeKind.Enum } }) return null;
        var elements = ElementsOf(store, table, cancellation);
        if (elements.IsEmpty || elements.Any(static element => element is null)) return null;
        var common = elements.Select(static element => element!.Known).Aggregate(static (one, other) => one.Or(other));
        return new BitMask(table.OriginalDefinition, false, common.Ones, common.Zeros);
    }

    private static ImmutableArray<Constant?> ElementsOf(BodyStore store, ISymbol? table, CancellationToken cancellation)
    {
        if (table is not IFieldSymbol { IsReadOnly: true, DeclaredAccessibility: Accessibility.Private } field) return ImmutableArray<Constant?>.Empty;
        field = field.OriginalDefinition;
        return store.ConstantArrays.TryGetValue(field, out var known) ? known : store.ConstantArrays.GetOrAdd(field, Read(store, field, cancellation));
    }

    private static ImmutableArray<Constant?> Read(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        var written = WrittenElements(field, cancellation);
        if (written.IsEmpty) return ImmutableArray<Constant?>.Empty;
        var model = store.ModelOf(written[0].SyntaxTree);
        return written.Select(element => model.GetConstantValue(element, cancellation) is { HasValue: true, Value: var constant } ? Constant.Of(constant) : null).ToImmutableArray();
    }

    internal static ImmutableArray<ExpressionSyntax> WrittenElements(IFieldSymbol field, CancellationToken cancellation)
    {
        var none = ImmutableArray<ExpressionSyntax>.Empty;
        if (field is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct } || ReadOnlyValues.WrittenTo(field, cancellation) is not { } value) return none;
        var written = value switch
        {
            InitializerExpressionSyntax plain => plain.Expressions.ToImmutableArray(),
            ArrayCreationExpressionSyntax { Initializer: { } initializer } => initializer.Expressions.ToImmutableArray(),
            ImplicitArrayCreationExpressionSyntax made => made.Initializer.Expressions.ToImmutableArray(),
            CollectionExpressionSyntax collection when collection.Elements.All(static element => element is ExpressionElementSyntax) =>
                collection.Elements.Select(static element => ((ExpressionElementSyntax)element).Expression).ToImmutableArray(),
            _ => none,
        };
        return !written.IsEmpty && IsOnlyRead(field, value, cancellation) ? written : none;
    }

    // By name, in all parts of the type, which is all that sees a private field.
    internal static bool IsOnlyRead(IFieldSymbol field, ExpressionSyntax written, CancellationToken cancellation)
    {
        foreach (var part in field.ContainingType.DeclaringSyntaxReferences)
        {
            if (!IsOnlyRead(field.Name, part.GetSyntax(cancellation), written)) return false;
        }

        return true;
    }

    /// <summary>Whether a local is never written again, nor handed to anybody.</summary>
    internal static bool IsOnlyRead(VariableDeclaratorSyntax local, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return local.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } around && IsOnlyRead(local.Identifier.ValueText, around is GlobalStatementSyntax ? around.Parent! : around, null);
    }

    private static bool IsOnlyRead(string name, SyntaxNode text, ExpressionSyntax? written)
    {
        foreach (var node in text.DescendantNodes())
        {
            if (node is not IdentifierNameSyntax identifier || identifier.Identifier.ValueText != name) continue;
            SyntaxNode mention = identifier.Parent is MemberAccessExpressionSyntax member && member.Name == identifier ? member : identifier;
            bool isRead = mention.Parent switch
            {
                ElementAccessExpressionSyntax access => access.Expression == mention && IsValue(access),
                MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Length" or "Count" or "Keys" or "Values" or "TryGetValue" or "GetValueOrDefault" or "ContainsKey" } access => access.Expression == mention,
                CommonForEachStatementSyntax loop => loop.Expression == mention && loop is not ForEachStatementSyntax { Type: RefTypeSyntax },
                AssignmentExpressionSyntax assignment => assignment.Left == mention && assignment.Right == written,
                InvocationExpressionSyntax or ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } } => true,
                _ => false,
            };
            if (!isRead) return false;
        }

        return true;
    }

    private static bool IsValue(ElementAccessExpressionSyntax access) => access.Parent switch
    {
        AssignmentExpressionSyntax assignment => assignment.Left != access,
        ArgumentSyntax argument => argument.RefKindKeyword.RawKind == 0 && argument.Parent is not TupleExpressionSyntax,
        RefExpressionSyntax or PrefixUnaryExpressionSyntax { OperatorToken.RawKind: not (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.TildeToken } or PostfixUnaryExpressionSyntax => false,
        _ => true,
    };
}
