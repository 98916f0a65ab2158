using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Where the calls stand that are compiled out. A graph takes what has branches of its own out of the arguments, 'a &amp;&amp; b' and the parts of
/// a string among them, and puts it in front of the call: it is compiled out all the same.
/// </summary>
internal sealed class OmittedSpans
{
    // Entry, exit, and one block between: nothing has been taken out of anything.
    private const int StraightBlocks = 3;

    private readonly Dictionary<ControlFlowGraph, List<TextSpan>?> _known = new();

    public bool Contain(ControlFlowGraph graph, IOperation operation)
    {
        if (graph.Blocks.Length <= StraightBlocks) return false;
        if (!_known.TryGetValue(graph, out var spans)) _known.Add(graph, spans = Find(graph));
        if (spans is null) return false;
        var span = operation.Syntax.Span;
        foreach (var omitted in spans)
        {
            if (omitted.Contains(span)) return true;
        }

        return false;
    }

    private static List<TextSpan>? Find(ControlFlowGraph graph)
    {
        List<TextSpan>? spans = null;
        foreach (var block in graph.Blocks)
        {
            foreach (var operation in block.Operations)
            {
                if (operation is IExpressionStatementOperation { Operation: IInvocationOperation { IsImplicit: false } call } && ConditionalCalls.IsOmitted(call, call.TargetMethod))
                {
                    (spans ??= new List<TextSpan>()).Add(call.Syntax.Span);
                }
            }
        }

        return spans;
    }
}
