using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Members that the language calls without naming them: for an index from the end, a range, a collection expression, a copy.</summary>
internal sealed partial class OperationLowering
{
    // Properties that the graph has captured in order to write them later: the read, if any, is where the capture is used.
    private readonly Dictionary<CaptureId, IPropertyReferenceOperation> _capturedProperties = new();

    private IOperation Captured(IOperation target) =>
        target is IFlowCaptureReferenceOperation reference && _capturedProperties.TryGetValue(reference.Id, out var property) ? property : target;

    private Value LowerImplicitIndexer(IImplicitIndexerReferenceOperation access)
    {
        var receiver = LowerIndexed(access);
        return access.IndexerSymbol switch
        {
            IPropertySymbol { GetMethod: { } getter } => AddMember(access, getter, receiver, access.Instance),
            IMethodSymbol slice => AddMember(access, slice, receiver, access.Instance),
            _ => Fresh(),
        };
    }

    /// <summary>What 'list[^1]' does before it reads or writes: it asks for the length.</summary>
    private Value LowerIndexed(IImplicitIndexerReferenceOperation access)
    {
        var receiver = Lower(access.Instance);
        Lower(access.Argument);
        if (access.LengthSymbol is IPropertySymbol { GetMethod: { } length }) AddMember(access, length, receiver, access.Instance);
        return receiver;
    }

    private void WriteImplicitIndexer(IOperation at, IImplicitIndexerReferenceOperation access, Value receiver)
    {
        if (access.IndexerSymbol is IPropertySymbol { SetMethod: { } setter }) AddMember(at, setter, receiver, access.Instance);
    }

    private Value AddMember(IOperation at, IMethodSymbol member, Value receiver, IOperation? instance) =>
        AddCall(at, member, receiver, ImmutableArray<Value>.Empty, IsVirtualCall(member, instance), instance);

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

    /// <summary>A collection expression of a type of ours: its builder, or its constructor and Add.</summary>
    private void AddCollectionCalls(IOperation collection)
    {
        var elements = collection.Syntax is CollectionExpressionSyntax written ? written.Elements : default;
        var model = _store.ModelOf(collection.Syntax.SyntaxTree);
        foreach (var element in elements)
        {
            if (element is SpreadElementSyntax spread) AddEnumeration(collection, model.GetTypeInfo(spread.Expression, _cancellation).Type);
        }

        if (collection.Type is not INamedTypeSymbol type || !_store.IsSource(type)) return;
        foreach (var attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass?.Name != "CollectionBuilderAttribute" || attribute.ConstructorArguments is not { Length: 2 } arguments) continue;
            var builders = (arguments[0].Value as INamedTypeSymbol)?.GetMembers(arguments[1].Value as string ?? "") ?? ImmutableArray<ISymbol>.Empty;
            foreach (var builder in builders.OfType<IMethodSymbol>()) AddCall(collection, builder, null, ImmutableArray.Create<Value>(Fresh()), isVirtual: false);
            return;
        }

        if (type.InstanceConstructors.FirstOrDefault(static constructor => constructor.Parameters.IsEmpty) is { } made)
        {
            AddCall(collection, made, Fresh(), ImmutableArray<Value>.Empty, isVirtual: false);
        }

        if (collection.ChildOperations.Count > 0 && Member(type, "Add", 1) is { } add) AddCall(collection, add, Fresh(), ImmutableArray.Create<Value>(Fresh()), add.IsVirtual);
    }

    /// <summary>A member of an awaiter of ours; what .NET's own do is said by the rule about awaiting.</summary>
    private Value AddOwn(IOperation at, IMethodSymbol? member, Value receiver)
    {
        if (member is null || !_store.IsSource(member.ContainingType)) return Fresh();
        return member.IsStatic
            ? AddCall(at, member, null, ImmutableArray.Create(receiver), isVirtual: false)
            : AddCall(at, member, receiver, ImmutableArray<Value>.Empty, member.IsVirtual || member.IsAbstract);
    }

    private void AddEnumeration(IOperation at, ITypeSymbol? type)
    {
        if (type is null || !_store.IsSource(type) || Member(type, "GetEnumerator", 0) is not { } start) return;
        var enumerator = AddCall(at, start, Fresh(), ImmutableArray<Value>.Empty, start.IsVirtual || start.IsAbstract);
        foreach (string name in new[] { "MoveNext", "get_Current", "Dispose" })
        {
            if (Member(start.ReturnType, name, 0) is { } member) AddCall(at, member, enumerator, ImmutableArray<Value>.Empty, member.IsVirtual || member.IsAbstract);
        }
    }

    /// <summary>'with' on a record class copies by its copy constructor, if one is written.</summary>
    private void AddCopy(IOperation at, INamedTypeSymbol record, Value copied)
    {
        if (WrittenCopyOf(record) is { } constructor) AddCall(at, constructor, Fresh(), ImmutableArray.Create(copied), isVirtual: false);
    }

    /// <summary>The copy constructor that runs for a record: its own, or that of a base record, if one is written.</summary>
    internal static IMethodSymbol? WrittenCopyOf(INamedTypeSymbol record)
    {
        for (var at = record; at is { IsRecord: true }; at = at.BaseType)
        {
            foreach (var constructor in at.InstanceConstructors)
            {
                if (constructor is { IsImplicitlyDeclared: false, Parameters.Length: 1 } && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, at)) return constructor;
            }
        }

        return null;
    }

    internal static IMethodSymbol? Member(ITypeSymbol type, string name, int parameters)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.GetMembers(name).OfType<IMethodSymbol>().FirstOrDefault(method => method.Parameters.Length == parameters) is { } found) return found;
        }

        return type.AllInterfaces.SelectMany(inherited => inherited.GetMembers(name)).OfType<IMethodSymbol>()
            .FirstOrDefault(method => method.Parameters.Length == parameters);
    }
}
