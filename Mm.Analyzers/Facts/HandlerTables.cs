using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>What a table has under a key or an index; without a handler where that is not seen.</summary>
internal readonly record struct TableEntry(Constant Key, Value? Handler);

/// <summary>Tables of handlers: a private readonly array or dictionary that starts with its elements, which its type only reads.</summary>
internal static class HandlerTables
{
    /// <summary>The handlers of a table; none where it is not one.</summary>
    public static ImmutableArray<TableEntry> Of(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        if (!IsTable(field)) return ImmutableArray<TableEntry>.Empty;
        field = field.OriginalDefinition;
        return store.HandlerTables.TryGetValue(field, out var known) ? known : store.HandlerTables.GetOrAdd(field, IsMap(field) ? ReadMap(store, field, cancellation) : Read(store, field, cancellation));
    }

    /// <summary>Whether the elements of the field may be a table: what else it takes is looked at once.</summary>
    public static bool IsTable(IFieldSymbol field) => field is { IsReadOnly: true, DeclaredAccessibility: Accessibility.Private } && (field.Type is IArrayTypeSymbol { Rank: 1 } || IsMap(field));

    /// <summary>What is asked for by a key.</summary>
    public static bool IsMap(IFieldSymbol field) =>
        field.Type is INamedTypeSymbol { Arity: 2, Name: "Dictionary" or "IDictionary" or "IReadOnlyDictionary" or "FrozenDictionary" or "ImmutableDictionary", ContainingNamespace.ContainingNamespace.Name: "Collections" };

    private static ImmutableArray<TableEntry> Read(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        var written = ConstantArrays.WrittenElements(field, cancellation);
        if (written.IsEmpty) return ImmutableArray<TableEntry>.Empty;
        var model = store.ModelOf(written[0].SyntaxTree);
        return written.Select((element, i) => new TableEntry(Constant.Of((long)i), HandlerOf(store, model, element, cancellation))).ToImmutableArray();
    }

    private static ImmutableArray<TableEntry> ReadMap(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        var none = ImmutableArray<TableEntry>.Empty;
        if (field is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct } || ReadOnlyValues.WrittenTo(field, cancellation) is not { } value) return none;
        if (CreationIn(value) is not { Initializer.Expressions: var elements } || !ConstantArrays.IsOnlyRead(field, value, cancellation)) return none;
        var model = store.ModelOf(value.SyntaxTree);
        var entries = ImmutableArray.CreateBuilder<TableEntry>(elements.Count);
        foreach (var element in elements)
        {
            var (key, handler) = element switch
            {
                AssignmentExpressionSyntax { Left: ImplicitElementAccessSyntax { ArgumentList.Arguments: { Count: 1 } keys }, Right: var right } => (keys[0].Expression, right),
                InitializerExpressionSyntax { RawKind: (int)SyntaxKind.ComplexElementInitializerExpression, Expressions: { Count: 2 } pair } => (pair[0], pair[1]),
                _ => default,
            };
            if (key is null || model.GetConstantValue(key, cancellation) is not { HasValue: true, Value: { } constant }) return none;

            // The last of two with one key is there.
            var entry = new TableEntry(Constant.Of(constant), HandlerOf(store, model, handler!, cancellation));
            for (int i = entries.Count - 1; i >= 0; i--)
            {
                if (entries[i].Key.Equals(entry.Key)) entries.RemoveAt(i);
            }

            entries.Add(entry);
        }

        return entries.ToImmutable();
    }

    // 'new() { … }', also as what a frozen one is made of; a comparer may find another key than is asked for.
    private static BaseObjectCreationExpressionSyntax? CreationIn(ExpressionSyntax value) => value switch
    {
        BaseObjectCreationExpressionSyntax { ArgumentList: null or { Arguments.Count: 0 } } creation => creation,
        InvocationExpressionSyntax { ArgumentList.Arguments.Count: 0, Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ToFrozenDictionary" or "ToImmutableDictionary", Expression: var source } } => CreationIn(source),
        _ => null,
    };

    // '("reset", Reset)': a row of the table, of which some parts are no handlers.
    private static Value? HandlerOf(BodyStore store, SemanticModel model, ExpressionSyntax written, CancellationToken cancellation)
    {
        if (written is PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression, Operand: var operand }) written = operand;
        if (model.GetOperation(written, cancellation) is not { } element) return null;
        return KeptHandlers.Plain(element) is ITupleOperation row
            ? new TupleValue(row.Elements.Select((part, i) => KeptHandlers.FunctionOf(store, part, isOwn: true, cancellation) ?? new Symbol(SymbolRole.Fresh, i)).ToImmutableArray())
            : KeptHandlers.FunctionOf(store, element, isOwn: true, cancellation);
    }
}
