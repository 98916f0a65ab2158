using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>Those that write the statements of a body differently.</summary>
internal static partial class Transformations
{
    private sealed class Blocks : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node) => BlockOf(BlockOf(node));
    }

    /// <summary>A using statement at the end of its block becomes a declaration.</summary>
    private sealed class UsingDeclarations : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitBlock(BlockSyntax node)
        {
            node = (BlockSyntax)base.VisitBlock(node)!;
            if (node.Statements.LastOrDefault() is not UsingStatementSyntax { Expression: { } guard, Statement: BlockSyntax body } last) return node;
            var declaration = (LocalDeclarationStatementSyntax)Statement("using var heldToTheEnd = x;\n");
            declaration = declaration.ReplaceNode(declaration.Declaration.Variables[0].Initializer!.Value, guard);
            return node.WithStatements(node.Statements.Remove(last).Add(declaration).AddRange(body.Statements));
        }
    }

    /// <summary>A using declaration becomes a statement around the rest of its block.</summary>
    private sealed class UsingStatements : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitBlock(BlockSyntax node)
        {
            node = (BlockSyntax)base.VisitBlock(node)!;
            int at = node.Statements.IndexOf(statement => statement is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 });
            if (at < 0) return node;
            var guard = ((LocalDeclarationStatementSyntax)node.Statements[at]).Declaration.Variables[0].Initializer!.Value;
            var around = SyntaxFactory.UsingStatement(null, guard, BlockOf(node.Statements.Skip(at + 1)));
            return node.WithStatements(SyntaxFactory.List(node.Statements.Take(at).Append(around)));
        }
    }

    /// <summary>The using statement as the compiler lowers it, by hand: a local, try, and Dispose in finally.</summary>
    private sealed class TryFinally : CSharpSyntaxRewriter
    {
        private int _count;

        public override SyntaxNode? VisitUsingStatement(UsingStatementSyntax node)
        {
            node = (UsingStatementSyntax)base.VisitUsingStatement(node)!;
            if (node is not { Expression: { } guard, Statement: BlockSyntax body }) return node;
            string name = "heldByHand" + _count++;
            var local = (LocalDeclarationStatementSyntax)Statement($"var {name} = x;\n");
            local = local.ReplaceNode(local.Declaration.Variables[0].Initializer!.Value, guard);
            var protectedBody = ((TryStatementSyntax)Statement($"try {{ }} finally {{ {name}.Dispose(); }}\n")).WithBlock(body);
            return BlockOf(local, protectedBody);
        }
    }

    private sealed class Parentheses : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitArgument(ArgumentSyntax node)
        {
            node = (ArgumentSyntax)base.VisitArgument(node)!;
            return node.RefKindKeyword.RawKind == 0 ? node.WithExpression(SyntaxFactory.ParenthesizedExpression(node.Expression)) : node;
        }

        public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
        {
            node = (IfStatementSyntax)base.VisitIfStatement(node)!;
            return node.WithCondition(SyntaxFactory.ParenthesizedExpression(node.Condition));
        }

        public override SyntaxNode? VisitEqualsValueClause(EqualsValueClauseSyntax node)
        {
            node = (EqualsValueClauseSyntax)base.VisitEqualsValueClause(node)!;
            return node.WithValue(SyntaxFactory.ParenthesizedExpression(node.Value));
        }
    }

    private sealed class Casts : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitArgument(ArgumentSyntax node)
        {
            node = (ArgumentSyntax)base.VisitArgument(node)!;
            string? type = node.Expression switch
            {
                LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } => "int",
                MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Gfp" } } => "Gfp",
                BinaryExpressionSyntax { Left: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Gfp" } } } => "Gfp",
                _ => null,
            };
            return type is null ? node : node.WithExpression(
                SyntaxFactory.CastExpression(SyntaxFactory.ParseTypeName(type), SyntaxFactory.ParenthesizedExpression(node.Expression)));
        }
    }

    private sealed class BranchSwap : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
        {
            node = (IfStatementSyntax)base.VisitIfStatement(node)!;
            var negated = SyntaxFactory.PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, SyntaxFactory.ParenthesizedExpression(node.Condition));
            var otherwise = node.Else?.Statement ?? BlockOf();
            return node.WithCondition(negated).WithStatement(otherwise)
                .WithElse(SyntaxFactory.ElseClause(SyntaxFactory.Token(SyntaxKind.ElseKeyword).WithTrailingTrivia(SyntaxFactory.Space), node.Statement));
        }
    }

    /// <summary>What a call is given is put into a local first.</summary>
    private sealed class ArgumentLocals : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
        {
            var call = node.Expression switch
            {
                InvocationExpressionSyntax direct => direct,
                AssignmentExpressionSyntax { Right: InvocationExpressionSyntax assigned } => assigned,
                _ => null,
            };
            if (call is null || call.ArgumentList.Arguments.Count == 0 || call.DescendantNodes().OfType<LambdaExpressionSyntax>().Any()) return node;
            var locals = new List<StatementSyntax>();
            var arguments = new List<ArgumentSyntax>();
            foreach (var argument in call.ArgumentList.Arguments)
            {
                string name = "given" + locals.Count;
                var local = (LocalDeclarationStatementSyntax)Statement($"var {name} = x;\n");
                locals.Add(local.ReplaceNode(local.Declaration.Variables[0].Initializer!.Value, argument.Expression));
                arguments.Add(SyntaxFactory.Argument(SyntaxFactory.IdentifierName(name)));
            }

            var list = call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(arguments));
            return BlockOf([.. locals, node.ReplaceNode(call.ArgumentList, list)]);
        }
    }
}
