using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Collection expressions, also those that a params parameter makes: what is spread, converted, added, and built.</summary>
internal sealed partial class OperationLowering
{
    // Argument kinds that the oldest compiler does not know are those of a params parameter that is no array.
    internal static bool IsParamsCollection(IOperation operation) =>
        operation.Parent is IArgumentOperation { IsImplicit: true, ArgumentKind: > ArgumentKind.DefaultValue };

    /// <summary>What is spread runs if it is an iterator. The collection counts as allocated once, not once more for what it is filled from.</summary>
    private bool TryLowerSpread(IOperation element)
    {
        if (element.Syntax is not SpreadElementSyntax || element.ChildOperations.Count != 1) return false;
        var spread = element.ChildOperations.First();
        var value = LowerPart(spread);
        if (spread.Type is not INamedTypeSymbol { TypeKind: TypeKind.Interface } sequence || _store.IsSource(sequence) || Member(sequence, "GetEnumerator", 0) is not { } start) return true;
        AddCall(spread, start, value, ImmutableArray<Value>.Empty, isVirtual: true, spread);
        var call = (CallStep)_steps[_steps.Count - 1];
        call.IsThrown = true;
        call.IsImplicit = true;
        return true;
    }

    /// <summary>What a collection expression runs beside its elements: enumerators and conversions of what is spread, the builder, or the constructor and Add.</summary>
    private void AddCollectionCalls(IOperation collection)
    {
        bool isOwn = collection.Type is INamedTypeSymbol named && _store.IsSource(named);
        var model = _store.ModelOf(collection.Syntax.SyntaxTree);
        var builder = isOwn ? BuilderOf((INamedTypeSymbol)collection.Type!) : null;
        var made = isOwn && builder is null ? ((INamedTypeSymbol)collection.Type!).InstanceConstructors.FirstOrDefault(static constructor => constructor.Parameters.IsEmpty) : null;
        if (made is not null) AddCall(collection, made, Fresh(), ImmutableArray<Value>.Empty, isVirtual: false);
        IMethodSymbol? added = null;
        ITypeSymbol? before = null;
        foreach (var element in collection.ChildOperations)
        {
            var type = Written(element).Type ?? element.Type;
            if (element.Syntax is SpreadElementSyntax { Expression: var spread })
            {
                var enumerated = model.GetTypeInfo(spread, _cancellation).Type;
                AddEnumeration(collection, enumerated, model, spread.SpanStart);
                type = ElementType(enumerated);
                ConvertedBy(collection, ConversionBetween(type, ElementType(collection.Type)), Fresh());
            }

            // Elements of one type are added by one method, which is looked for once.
            if (!isOwn || builder is not null || before is not null && Same(before, type)) continue;
            before = type;
            if (AddOf(collection, type, model) is not { } add || SymbolEqualityComparer.Default.Equals(add, added)) continue;
            added = add;
            if (add.ReducedFrom is { } extension) AddCall(collection, extension, null, ImmutableArray.Create<Value>(Fresh(), Fresh()), isVirtual: false);
            else AddCall(collection, add, Fresh(), ImmutableArray.Create<Value>(Fresh()), add.IsVirtual || add.IsAbstract);
        }

        if (builder is not null) AddCall(collection, builder, null, ImmutableArray.Create<Value>(Fresh()), isVirtual: false);
    }

    private static IMethodSymbol? BuilderOf(INamedTypeSymbol type)
    {
        foreach (var attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass?.Name != "CollectionBuilderAttribute" || attribute.ConstructorArguments is not { Length: 2 } arguments) continue;
            foreach (var member in (arguments[0].Value as INamedTypeSymbol)?.GetMembers(arguments[1].Value as string ?? "") ?? ImmutableArray<ISymbol>.Empty)
            {
                if (member is not IMethodSymbol { IsStatic: true, Parameters.Length: 1 } builder || builder.Arity != type.Arity) continue;
                if (builder.Parameters[0].Type is not INamedTypeSymbol given || !IsSpan(given)) continue;
                return type.Arity == 0 ? builder : builder.Construct(type.TypeArguments.ToArray());
            }
        }

        return null;
    }

    /// <summary>The Add that takes such an element, which may be an extension.</summary>
    private IMethodSymbol? AddOf(IOperation collection, ITypeSymbol? element, SemanticModel model)
    {
        IMethodSymbol? fitting = null;
        foreach (var found in model.LookupSymbols(collection.Syntax.SpanStart, collection.Type, "Add", includeReducedExtensionMethods: true))
        {
            if (found is not IMethodSymbol { IsStatic: false, Parameters.Length: 1 } add) continue;
            if (Same(add.Parameters[0].Type, element)) return add;
            if (element is null || Takes(add.Parameters[0], element)) fitting ??= add;
        }

        return fitting;
    }

    /// <summary>What enumerating a value of the type gives.</summary>
    internal static ITypeSymbol? ElementType(ITypeSymbol? type)
    {
        if (type is null or IArrayTypeSymbol) return (type as IArrayTypeSymbol)?.ElementType;
        return Member(type, "GetEnumerator", 0) is { } start && Member(start.ReturnType, "get_Current", 0) is { } current ? current.ReturnType : null;
    }

    private void AddEnumeration(IOperation at, ITypeSymbol? type, SemanticModel model, int position)
    {
        if (type is null or IArrayTypeSymbol) return;
        var start = Member(type, "GetEnumerator", 0);
        if (start is null)
        {
            foreach (var found in model.LookupSymbols(position, type, "GetEnumerator", includeReducedExtensionMethods: true))
            {
                if (found is IMethodSymbol { Parameters.IsEmpty: true } extension) start = extension.ReducedFrom ?? extension;
            }
        }

        if (start is null || !_store.IsSource(start) && !_store.IsSource(type)) return;
        var enumerator = start.IsStatic
            ? AddCall(at, start, null, ImmutableArray.Create<Value>(Fresh()), isVirtual: false)
            : AddCall(at, start, Fresh(), ImmutableArray<Value>.Empty, start.IsVirtual || start.IsAbstract);
        foreach (string name in new[] { "MoveNext", "get_Current", "Dispose" })
        {
            if (Member(start.ReturnType, name, 0) is { } member) AddCall(at, member, enumerator, ImmutableArray<Value>.Empty, member.IsVirtual || member.IsAbstract);
        }
    }
}
