using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>The temporaries of one control-flow graph, found in one pass: where each comes from, and which are written through.</summary>
internal sealed class GraphCaptures
{
    private GraphCaptures()
    {
    }

    /// <summary>Temporaries that stand for a variable and are assigned to, or handed on by reference.</summary>
    public HashSet<CaptureId> Written { get; } = new();

    /// <summary>What a temporary was first taken from, other temporaries apart.</summary>
    public Dictionary<CaptureId, IOperation> Sources { get; } = new();

    /// <summary>The variable, field or property that a temporary goes to, or the container of which it becomes an element.</summary>
    public Dictionary<CaptureId, IOperation> Targets { get; } = new();

    /// <summary>Temporaries that the body returns.</summary>
    public HashSet<CaptureId> Returned { get; } = new();

    public static GraphCaptures Of(ControlFlowGraph graph)
    {
        var captures = new GraphCaptures();
        var pending = new Stack<IOperation>();
        foreach (var block in graph.Blocks)
        {
            if (block is { BranchValue: { } result, FallThroughSuccessor.Semantics: ControlFlowBranchSemantics.Return })
            {
                while (result is IConversionOperation conversion) result = conversion.Operand;
                if (result is IFlowCaptureReferenceOperation returned) captures.Returned.Add(returned.Id);
            }

            foreach (var operation in block.Operations)
            {
                if (operation is IFlowCaptureOperation { Value: not IFlowCaptureReferenceOperation } capture && !captures.Sources.ContainsKey(capture.Id))
                {
                    captures.Sources.Add(capture.Id, capture.Value);
                }

                pending.Push(operation);
                while (pending.Count > 0)
                {
                    var next = pending.Pop();
                    if (next is IAssignmentOperation { Target: IFlowCaptureReferenceOperation target }) captures.Written.Add(target.Id);
                    if (next is IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: IFlowCaptureReferenceOperation given }) captures.Written.Add(given.Id);
                    if (next is ISimpleAssignmentOperation { Value: var value } stored && captures.PlaceOf(stored.Target) is { } place) captures.AddTarget(value, place);
                    if (next is IInvocationOperation { Instance: { } around } call)
                    {
                        foreach (var argument in call.Arguments)
                        {
                            // What becomes an element: 'table.Add(key, new List<Action> { Run })'.
                            if (argument.Parameter?.OriginalDefinition.Type is ITypeParameterSymbol) captures.AddTarget(argument.Value, around);
                        }
                    }

                    foreach (var child in next.ChildOperations) pending.Push(child);
                }
            }
        }

        return captures;
    }

    private void AddTarget(IOperation value, IOperation place)
    {
        while (value is IConversionOperation conversion) value = conversion.Operand;
        if (value is IFlowCaptureReferenceOperation built) Targets[built.Id] = place;
    }

    // What is put into a container becomes an element of it.
    private IOperation? PlaceOf(IOperation target) => Behind(target) switch
    {
        (IFieldReferenceOperation or ILocalReferenceOperation) and { } place => place,
        IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } around } => around,
        IPropertyReferenceOperation place => place,
        IArrayElementReferenceOperation { ArrayReference: var around } => around,
        _ => null,
    };

    // What is assigned to is taken first where the value has an initializer of its own.
    private IOperation Behind(IOperation target) =>
        target is IFlowCaptureReferenceOperation reference && Sources.TryGetValue(reference.Id, out var source) ? source : target;
}
