using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Members that the language calls without naming them: for an index from the end, a range, a collection expression, a copy.</summary>
internal sealed partial class OperationLowering
{
    // Properties, and elements by an index from the end, that the graph has captured in order to write them later: the read, if any, is where the capture is used.
    private readonly Dictionary<CaptureId, IOperation> _capturedProperties = new();

    private IOperation Captured(IOperation target) =>
        target is IFlowCaptureReferenceOperation reference && _capturedProperties.TryGetValue(reference.Id, out var property) ? property : target;

    private Value LowerImplicitIndexer(IImplicitIndexerReferenceOperation access)
    {
        var receiver = LowerIndexed(access);
        return access.IndexerSymbol switch
        {
            IPropertySymbol { GetMethod: { } getter } => TakeOut(access, getter, access.Instance, receiver, ImmutableArray<Symbol?>.Empty, AddMember(access, getter, receiver, access.Instance)),
            IMethodSymbol slice => AddMember(access, slice, receiver, access.Instance),
            _ => Fresh(),
        };
    }

    /// <summary>What 'list[^1]' does before it reads or writes: it asks for the length. 'list[1..3]' counts from the start and need not.</summary>
    private Value LowerIndexed(IImplicitIndexerReferenceOperation access)
    {
        var receiver = Lower(access.Instance);
        Lower(access.Argument);
        if (access.LengthSymbol is IPropertySymbol { GetMethod: { } length } && !IsFromStart(access.Argument)) AddMember(access, length, receiver, access.Instance);
        return receiver;
    }

    private static bool IsFromStart(IOperation range) =>
        range is IRangeOperation { RightOperand: { } end } parts && IsPosition(end) && (parts.LeftOperand is null || IsPosition(parts.LeftOperand));

    // A number that became an index, without '^'.
    private static bool IsPosition(IOperation end) => end is IConversionOperation { IsImplicit: true, Operand.Type.SpecialType: SpecialType.System_Int32 };

    private Value UpdateImplicitIndexer(ICompoundAssignmentOperation compound, IImplicitIndexerReferenceOperation access)
    {
        var read = ConvertedBy(compound, compound.InConversion.MethodSymbol, LowerImplicitIndexer(access));
        var operand = IsConcatenation(compound) ? LowerText(compound.Value) : Lower(compound.Value);
        Value result = compound.OperatorMethod is { } method && !WellKnownOperator(method)
            ? AddOperator(compound, method, read, operand)
            : IsConcatenation(compound) ? Allocate(compound, "string concatenation") : Fresh();
        ConvertedBy(compound, compound.OutConversion.MethodSymbol, result);
        WriteImplicitIndexer(compound, access, LowerPlace(access.Instance) ?? Fresh());
        return Fresh();
    }

    private void WriteImplicitIndexer(IOperation at, IImplicitIndexerReferenceOperation access, Value receiver)
    {
        if (access.IndexerSymbol is IPropertySymbol { SetMethod: { } setter }) AddMember(at, setter, receiver, access.Instance);
    }

    private Value AddMember(IOperation at, IMethodSymbol member, Value receiver, IOperation? instance) =>
        AddCall(at, member, receiver, ImmutableArray<Value>.Empty, IsVirtualCall(member, instance), instance);

    /// <summary>A member of an awaiter of ours; what .NET's own do is said by the rule about awaiting.</summary>
    private Value AddOwn(IOperation at, IMethodSymbol? member, Value receiver)
    {
        if (member is null || !_store.IsSource(member.ContainingType)) return Fresh();
        return member.IsStatic
            ? AddCall(at, member, null, ImmutableArray.Create(receiver), isVirtual: false)
            : AddCall(at, member, receiver, ImmutableArray<Value>.Empty, member.IsVirtual || member.IsAbstract);
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
