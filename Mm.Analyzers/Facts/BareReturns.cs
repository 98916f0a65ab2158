using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace Mm.Analyzers.Facts;

/// <summary>
/// The 'return;' or 'yield break;' that ends a path without a value. The graph has no node for it: it is found from the last syntax on the
/// path, by going on from there as control does.
/// </summary>
internal static class BareReturns
{
    // Jumps that lead to jumps; whoever writes more of them in a row goes round in circles.
    private const int JumpLimit = 8;

    /// <summary>Null where the path runs to the end of the body.</summary>
    /// <param name="last">The last syntax on the path.</param>
    /// <param name="branch">What it has to be, if it is a condition.</param>
    public static StatementSyntax? Behind(SyntaxNode last, bool? branch)
    {
        if (last.FirstAncestorOrSelf<CatchClauseSyntax>() is { } clause && !clause.Block.Span.Contains(last.Span)) return First(clause.Block, 0);

        if (last.FirstAncestorOrSelf<SwitchLabelSyntax>() is { Parent: SwitchSectionSyntax { Parent: SwitchStatementSyntax choice } section })
        {
            return branch == true ? First(section.Statements[0], 0) : Otherwise(choice);
        }

        if (last.FirstAncestorOrSelf<SwitchStatementSyntax>() is { } empty && empty.Expression.Span.Contains(last.Span)) return Otherwise(empty);
        if (branch is { } taken && last.FirstAncestorOrSelf<IfStatementSyntax>() is { } test && test.Condition.Span.Contains(last.Span))
        {
            var (then, otherwise) = (First(test.Statement, 0), test.Else is { } other ? First(other.Statement, 0) : null);
            if (Whole(test.Condition, last, taken) is { } whole) return whole ? then : test.Else is null ? Next(test, 0) : otherwise;

            // Where the graph has unfolded more than can be told, the arm that is a bare return is the one that leaves.
            if (then is not null && (taken || otherwise is null)) return then;
            return otherwise ?? Next(test, 0);
        }

        return Next(last, 0);
    }

    /// <summary>What a condition is when the last part of it that is asked is true or false; null where that does not tell.</summary>
    private static bool? Whole(ExpressionSyntax condition, SyntaxNode part, bool value)
    {
        for (var at = part; at != condition; at = at.Parent)
        {
            switch (at?.Parent)
            {
                case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression }:
                    value = !value;
                    break;
                case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression } both when !value || both.Right == at:
                case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalOrExpression } either when value || either.Right == at:
                case ParenthesizedExpressionSyntax:
                    break;
                default:
                    return null;
            }
        }

        return value;
    }

    /// <summary>The same of a block without syntax: by what leads there.</summary>
    public static StatementSyntax? Behind(ControlFlowGraph graph, BasicBlock block)
    {
        for (int i = 0; i < JumpLimit; i++)
        {
            if (ClauseOf(graph, block) is { } clause) return Behind(clause, null);
            if (block.Predecessors.IsEmpty) return null;
            var edge = block.Predecessors[0];
            block = edge.Source;
            bool? arm = block.ConditionKind == ControlFlowConditionKind.None ? null : edge.IsConditionalSuccessor == (block.ConditionKind == ControlFlowConditionKind.WhenTrue);
            if ((block.BranchValue ?? block.Operations.LastOrDefault()) is { } last) return Behind(last.Syntax, arm);
        }

        return null;
    }

    /// <summary>The catch clause that a block of the graph begins; null for other blocks. Empty clauses have no syntax in the graph.</summary>
    private static SyntaxNode? ClauseOf(ControlFlowGraph graph, BasicBlock source)
    {
        var handler = source.EnclosingRegion;
        while (handler is not null && handler.Kind != ControlFlowRegionKind.Catch) handler = handler.EnclosingRegion;
        if (handler is null || handler.FirstBlockOrdinal != source.Ordinal) return null;
        var clause = handler.EnclosingRegion is { Kind: ControlFlowRegionKind.FilterAndHandler } filtered ? filtered : handler;
        if (clause.EnclosingRegion is not { Kind: ControlFlowRegionKind.TryAndCatch } around) return null;

        // Both stand in the order of the text, outer ones first.
        var regions = new List<ControlFlowRegion>();
        Add(graph.Root, regions);
        var root = graph.OriginalOperation.Syntax;
        var tries = root.DescendantNodes(node => node == root || !IsFunction(node))
            .OfType<TryStatementSyntax>().Where(static statement => statement.Catches.Count > 0).ToList();
        int index = around.NestedRegions.IndexOf(clause) - 1;
        int at = regions.IndexOf(around);
        return regions.Count == tries.Count && index >= 0 && index < tries[at].Catches.Count ? tries[at].Catches[index] : null;
    }

    private static void Add(ControlFlowRegion region, List<ControlFlowRegion> regions)
    {
        if (region.Kind == ControlFlowRegionKind.TryAndCatch) regions.Add(region);
        foreach (var nested in region.NestedRegions) Add(nested, regions);
    }

    private static bool IsLoop(SyntaxNode node) => node is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax;

    private static bool IsFunction(SyntaxNode node) => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax;

    private static StatementSyntax? Otherwise(SwitchStatementSyntax choice)
    {
        var section = choice.Sections.FirstOrDefault(static section => section.Labels.Any(SyntaxKind.DefaultSwitchLabel));
        return section is null ? Next(choice, 0) : First(section.Statements[0], 0);
    }

    /// <summary>The bare return at which control arrives that is about to run a statement, without anything in between.</summary>
    private static StatementSyntax? First(StatementSyntax statement, int jumps)
    {
        if (jumps == JumpLimit) return null;
        switch (statement)
        {
            case BlockSyntax { Statements.Count: 0 } or EmptyStatementSyntax:
                return Next(statement, jumps + 1);
            case BlockSyntax block:
                return First(block.Statements[0], jumps);
            case LabeledStatementSyntax labeled:
                return First(labeled.Statement, jumps);
            case BreakStatementSyntax:
                return statement.Ancestors().FirstOrDefault(static around => around is SwitchStatementSyntax || IsLoop(around)) is { } left ? Next(left, jumps + 1) : null;
            case GotoStatementSyntax { Expression: IdentifierNameSyntax name }:
                var body = statement.Ancestors().FirstOrDefault(static around => IsFunction(around) || around is MemberDeclarationSyntax);
                return body?.DescendantNodes().OfType<LabeledStatementSyntax>().FirstOrDefault(label => label.Identifier.ValueText == name.Identifier.ValueText) is { } target
                    ? First(target, jumps + 1)
                    : null;
            case ReturnStatementSyntax { Expression: null } or YieldStatementSyntax { Expression: null }:
                return statement;
            default:
                return null;
        }
    }

    /// <summary>The same where control has run a piece of syntax.</summary>
    private static StatementSyntax? Next(SyntaxNode at, int jumps)
    {
        for (; at.Parent is not null and not MemberDeclarationSyntax; at = at.Parent)
        {
            if (IsFunction(at)) return null;
            if (at is not StatementSyntax statement) continue;
            if (IsLoop(at.Parent)) return null;
            var siblings = at.Parent switch
            {
                BlockSyntax block => block.Statements,
                SwitchSectionSyntax section => section.Statements,
                _ => default,
            };
            int next = siblings.IndexOf(statement) + 1;
            if (next > 0 && next < siblings.Count) return First(siblings[next], jumps);
        }

        return null;
    }
}
