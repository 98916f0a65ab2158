using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>Those that move or add whole members.</summary>
internal static partial class Transformations
{
    private sealed class MemberReversal : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node) => node.WithMembers(SyntaxFactory.List(Enumerable.Reverse(node.Members)));
    }

    private sealed class DeadCode : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node)
        {
            node = (ClassDeclarationSyntax)base.VisitClassDeclaration(node)!;
            return node.AddMembers(Member($"{StaticOf(node)}void NobodyCalls() {{ Scheduler.Schedule(); UserMemory.Touch(0); }}"));
        }

        public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node) => node.Body is null
            ? node
            : node.WithBody(node.Body.WithStatements(node.Body.Statements.Insert(
                0, Statement("if (false) { Preemption.Disable(); Scheduler.Schedule(); UserMemory.Touch(0); _ = new object(); }\n"))));
    }

    /// <summary>A primitive that sleeps under a lock moves to a method of its own: the call of that gets the verdict.</summary>
    private sealed class CallExtraction : CSharpSyntaxRewriter
    {
        private readonly List<MemberDeclarationSyntax> _extracted = [];

        public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node)
        {
            _extracted.Clear();
            node = (ClassDeclarationSyntax)base.VisitClassDeclaration(node)!;
            return node.AddMembers([.. _extracted]);
        }

        public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
        {
            string text = node.ToString();
            if (!text.StartsWith("Scheduler.", System.StringComparison.Ordinal) || text.Contains("=>")) return node;
            string name = "Extracted" + _extracted.Count;
            var call = SyntaxFactory.ParseExpression(name + "()");
            if (MarkedFile.MarkOf(node.Expression) is { } id) call = MarkedFile.Marked(call, id);
            _extracted.Add(Member($"static void {name}() {{ {text} }}"));
            return node.WithExpression(call.WithTriviaFrom(node.Expression));
        }
    }

    /// <summary>
    /// A whole body moves to a method that the old one calls. What it does under its own locks is reported where it was;
    /// what it does in a context that the old method declares is reported at the call. Bodies out of balance stay: the caller of
    /// one is out of balance itself.
    /// </summary>
    private sealed class BodyExtraction : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node) =>
            node.WithMembers(SyntaxFactory.List(node.Members.SelectMany(member => member is MethodDeclarationSyntax method ? Extract(method) : [member])));

        private static IEnumerable<MemberDeclarationSyntax> Extract(MethodDeclarationSyntax method)
        {
            var marks = MarkedFile.MarksIn(method);
            bool declares = method.AttributeLists.Count > 0;
            if (method.Body is null || method.Modifiers.Any(SyntaxKind.AsyncKeyword) || (declares && marks.Length > 1)
                || marks.Any(id => id is "MM2001" or "MM2002" or "MM2003"))
            {
                return [method];
            }


            string name = method.Identifier.ValueText + "Body";
            var call = SyntaxFactory.ParseExpression($"{name}({string.Join(", ", method.ParameterList.Parameters.Select(parameter => parameter.Identifier.ValueText))})");
            if (declares && marks.Length == 1) call = MarkedFile.Marked(call, marks[0]);
            StatementSyntax statement = method.ReturnType.ToString() == "void"
                ? SyntaxFactory.ExpressionStatement(call)
                : SyntaxFactory.ReturnStatement(call.WithLeadingTrivia(SyntaxFactory.Space));
            var body = method.WithAttributeLists(default).WithIdentifier(SyntaxFactory.Identifier(name)).WithLeadingTrivia(method.GetLeadingTrivia());
            return [method.WithBody(BlockOf(statement)), declares ? MarkedFile.Unmarked(body) : body];
        }
    }

    private sealed class BlockBodies : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
        {
            if (node.ExpressionBody is not { } arrow) return node;
            StatementSyntax statement = node.ReturnType.ToString() == "void"
                ? SyntaxFactory.ExpressionStatement(arrow.Expression)
                : SyntaxFactory.ReturnStatement(arrow.Expression.WithLeadingTrivia(SyntaxFactory.Space));
            return node.WithExpressionBody(null).WithSemicolonToken(default).WithBody(BlockOf(statement));
        }
    }
}
