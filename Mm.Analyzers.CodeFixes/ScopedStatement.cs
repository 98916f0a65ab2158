using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// A statement that stands directly in what a scope encloses: the block of a <c>using</c>, the rest of a block behind a <c>using</c>
/// declaration, or what lies between an enter and its leave.
/// </summary>
internal sealed class ScopedStatement
{
    private readonly SemanticModel _model;
    private readonly CancellationToken _cancellation;
    private readonly List<SyntaxNode> _ahead = new();
    private readonly List<SyntaxNode> _behind = new();

    private ScopedStatement(StatementSyntax statement, SemanticModel model, CancellationToken cancellation)
    {
        Statement = statement;
        _model = model;
        _cancellation = cancellation;
    }

    internal StatementSyntax Statement { get; }

    /// <summary>The statement before which the scope is not entered yet.</summary>
    internal StatementSyntax First { get; private set; } = null!;

    /// <summary>The statement behind which the scope is left; null where nothing can be put there.</summary>
    internal StatementSyntax? Last { get; private set; }

    internal static ScopedStatement? Find(Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (!diagnostic.Properties.ContainsKey(RepairKeys.IsEntryKnown) || diagnostic.AdditionalLocations.Count == 0)
            return null;
        Location entry = diagnostic.AdditionalLocations[0];
        if (entry.SourceTree != root.SyntaxTree)
            return null;

        SyntaxNode call = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        if (StatementOf(call) is not { Parent: BlockSyntax block } statement || !IsMovable(statement))
            return null;

        var scoped = new ScopedStatement(statement, model, cancellation);
        StatementSyntax? entering = StatementOf(root.FindNode(entry.SourceSpan, getInnermostNodeForTie: true));
        bool isFound = entering switch
        {
            UsingStatementSyntax @using => scoped.IsInBlockOf(@using, block),
            LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword } => scoped.IsBehind(entering, block),
            ExpressionStatementSyntax or LocalDeclarationStatementSyntax => scoped.IsBetween(entering, block),
            _ => false,
        };
        return isFound && scoped.First.Parent is BlockSyntax && scoped._ahead.Count + scoped._behind.Count > 1 ? scoped : null;
    }

    /// <summary>Whether nothing that it would be moved ahead of has to do with it, the entry included.</summary>
    internal bool CanGoFirst()
    {
        Touched own = Touched.By(new[] { Statement }, _model, _cancellation);
        return IsFree(own) && !own.ConflictsWith(Touched.By(_ahead, _model, _cancellation)) && DeclaresNothingTwice();
    }

    internal bool CanGoLast()
    {
        if (Last is null || Statement is LocalDeclarationStatementSyntax || Declared().Any())
            return false;
        Touched own = Touched.By(new[] { Statement }, _model, _cancellation);
        return IsFree(own) && !own.ConflictsWith(Touched.By(_behind, _model, _cancellation)) && !_behind.Any(static node => node.DescendantNodesAndSelf().Any(IsJump));
    }

    /// <summary>Nothing says that the scope guards what it does.</summary>
    private bool IsFree(Touched own) => !own.HasState && !own.SharesObjectsWith(Touched.By(_ahead.Concat(_behind), _model, _cancellation));

    private bool IsInBlockOf(UsingStatementSyntax @using, BlockSyntax block)
    {
        if (@using.Statement != block) return false;
        First = Last = @using;
        _ahead.Add((SyntaxNode?)@using.Declaration ?? @using.Expression!);
        Divide(block.Statements, block);
        return true;
    }

    private bool IsBehind(StatementSyntax entering, BlockSyntax block)
    {
        if (entering.Parent != block || entering.SpanStart > Statement.SpanStart) return false;
        First = entering;
        Divide(block.Statements.SkipWhile(other => other != entering), block);
        return true;
    }

    private bool IsBetween(StatementSyntax entering, BlockSyntax block)
    {
        if (entering.SpanStart > Statement.SpanStart) return false;
        First = entering;
        if (entering.Parent == block)
        {
            List<StatementSyntax> rest = block.Statements.SkipWhile(other => other != entering).ToList();
            Last = rest.SkipWhile(other => other != Statement).FirstOrDefault(other => IsLeave(other, entering));
            Divide(Last is null ? rest : rest.TakeWhile(other => other != Last).Append(Last), block);
            return true;
        }

        // Enter(); try { … } finally { Leave(); }
        if (block.Parent is not TryStatementSyntax { Finally: { } always } @try || @try.Block != block || @try.Catches.Count > 0
            || @try.Parent is not BlockSyntax outer || entering.Parent != outer || outer.Statements.IndexOf(@try) != outer.Statements.IndexOf(entering) + 1
            || !always.Block.Statements.Any(other => IsLeave(other, entering))) return false;
        Last = @try;
        _ahead.Add(entering);
        Divide(block.Statements, block);
        _behind.Add(always);
        return true;
    }

    private void Divide(IEnumerable<StatementSyntax> statements, BlockSyntax block)
    {
        foreach (StatementSyntax other in statements)
        {
            if (other.Parent != block || other == Statement) continue;
            (other.SpanStart < Statement.SpanStart ? _ahead : _behind).Add(other);
        }
    }

    /// <summary>The same object is left: <c>_lock.Acquire()</c> and <c>_lock.Release()</c>.</summary>
    private bool IsLeave(StatementSyntax statement, StatementSyntax entering)
    {
        if (statement is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax leave } || entering is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax enter }) return false;
        if (_model.GetSymbolInfo(leave, _cancellation).Symbol is not IMethodSymbol left || _model.GetSymbolInfo(enter, _cancellation).Symbol is not IMethodSymbol entered) return false;
        return SymbolEqualityComparer.Default.Equals(left.ContainingType, entered.ContainingType)
            && (leave.Expression as MemberAccessExpressionSyntax)?.Expression.ToString() == (enter.Expression as MemberAccessExpressionSyntax)?.Expression.ToString()
            && left.GetAttributes().Any(static attribute => attribute.AttributeClass is { Name: "LeavesAttribute", ContainingNamespace: { Name: "Contexts", ContainingNamespace.Name: "Mm" } });
    }

    private IEnumerable<SyntaxToken> Declared() => Statement.DescendantNodes().Select(static node => node switch
    {
        VariableDeclaratorSyntax variable => variable.Identifier,
        SingleVariableDesignationSyntax designation => designation.Identifier,
        _ => default,
    }).Where(static identifier => identifier.RawKind != 0);

    /// <summary>A variable that moves out of a block must not meet another of its name there.</summary>
    private bool DeclaresNothingTwice()
    {
        var names = new HashSet<string>(Declared().Select(static identifier => identifier.ValueText), StringComparer.Ordinal);
        if (names.Count == 0 || First.Parent == Statement.Parent) return true;
        SyntaxNode member = Statement.Ancestors().First(static node => node is MemberDeclarationSyntax);
        return !member.DescendantNodes().Where(node => !Statement.Contains(node)).Any(node => names.Contains(node switch
        {
            VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
            SingleVariableDesignationSyntax designation => designation.Identifier.ValueText,
            ParameterSyntax parameter => parameter.Identifier.ValueText,
            ForEachStatementSyntax loop => loop.Identifier.ValueText,
            _ => "",
        }));
    }

    /// <summary>The statement that evaluates the node itself, and not later in a lambda.</summary>
    private static StatementSyntax? StatementOf(SyntaxNode node)
    {
        foreach (SyntaxNode at in node.AncestorsAndSelf())
        {
            if (at is StatementSyntax statement) return statement;
            if (at is AnonymousFunctionExpressionSyntax or MemberDeclarationSyntax) return null;
        }

        return null;
    }

    private static bool IsMovable(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0, IsConst: false, Declaration.Type: not RefTypeSyntax }
        && !statement.DescendantNodes().Any(static node => node is AwaitExpressionSyntax or AnonymousFunctionExpressionSyntax)
        && AttributePlacement.IsFirstOnLine(statement)
        && statement.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);

    private static bool IsJump(SyntaxNode node) =>
        node is ReturnStatementSyntax or ThrowStatementSyntax or ThrowExpressionSyntax or GotoStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or YieldStatementSyntax;
}
