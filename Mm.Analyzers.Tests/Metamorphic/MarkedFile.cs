using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>
/// A file of a program whose marks hang on its tokens, so that they come along when the tree is rewritten:
/// a diagnostic stands from the first token of its mark to the last.
/// </summary>
internal sealed record MarkedFile(string Path, CompilationUnitSyntax Root)
{
    private const string Begin = "begin";
    private const string End = "end";

    internal static MarkedFile Parse(string path, string markup)
    {
        var source = TestSource.Parse(path, markup);
        var root = (CompilationUnitSyntax)TestCompilation.Parse(path, source.Text).GetRoot();
        var notes = new Dictionary<SyntaxToken, List<SyntaxAnnotation>>();
        foreach (var mark in source.Expected)
        {
            var first = root.FindToken(mark.Span.Start);
            var last = root.FindToken(mark.Span.End - 1);
            if (first.SpanStart != mark.Span.Start || last.Span.End != mark.Span.End) throw new FormatException($"{mark} cuts a token.");
            Note(first, Begin, mark.Id);
            Note(last, End, mark.Id);
        }

        return new(path, root.ReplaceTokens(notes.Keys, (token, _) => token.WithAdditionalAnnotations(notes[token])));

        void Note(SyntaxToken token, string kind, string id)
        {
            if (!notes.TryGetValue(token, out var list)) notes.Add(token, list = []);
            list.Add(new(kind, id));
        }
    }

    internal string ToMarkup()
    {
        var text = new StringBuilder();
        foreach (var token in Root.DescendantTokens())
        {
            text.Append(token.LeadingTrivia.ToFullString());
            foreach (var begin in token.GetAnnotations(Begin)) text.Append("{|").Append(begin.Data).Append(':');
            text.Append(token.Text);
            foreach (var _ in token.GetAnnotations(End)) text.Append("|}");
            text.Append(token.TrailingTrivia.ToFullString());
        }

        return text.ToString();
    }

    internal MarkedFile Rewrite(CSharpSyntaxRewriter rewriter) => this with { Root = (CompilationUnitSyntax)rewriter.Visit(Root) };

    /// <summary>The ids of the marks that lie in a node.</summary>
    internal static string[] MarksIn(SyntaxNode node) =>
        [.. node.DescendantTokens().SelectMany(token => token.GetAnnotations(Begin)).Select(note => note.Data!)];

    /// <summary>Whether a mark covers exactly this node; null where none does.</summary>
    internal static string? MarkOf(SyntaxNode node) =>
        node.GetFirstToken().GetAnnotations(Begin).Select(note => note.Data)
            .FirstOrDefault(id => node.GetLastToken().GetAnnotations(End).Any(note => note.Data == id));

    internal static T Marked<T>(T node, string id)
        where T : SyntaxNode
    {
        var first = node.GetFirstToken();
        node = node.ReplaceToken(first, first.WithAdditionalAnnotations(new SyntaxAnnotation(Begin, id)));
        var last = node.GetLastToken();
        return node.ReplaceToken(last, last.WithAdditionalAnnotations(new SyntaxAnnotation(End, id)));
    }

    internal static T Unmarked<T>(T node)
        where T : SyntaxNode =>
        node.ReplaceTokens(node.DescendantTokens(), (token, _) => token.WithoutAnnotations([.. token.GetAnnotations([Begin, End])]));
}
