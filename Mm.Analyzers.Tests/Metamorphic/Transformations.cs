using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>Ways to write a program differently that must not change any verdict: the same ids at the same marked expressions.</summary>
internal static partial class Transformations
{
    internal static readonly IReadOnlyDictionary<string, Func<ImmutableArray<MarkedFile>, ImmutableArray<MarkedFile>>> All =
        new Dictionary<string, Func<ImmutableArray<MarkedFile>, ImmutableArray<MarkedFile>>>
        {
            ["Nothing"] = files => files,
            ["RenameEverything"] = RenameEverything,
            ["ReverseMembers"] = files => Each(files, new MemberReversal()),
            ["ReverseFiles"] = files => [.. files.Reverse()],
            ["SplitIntoPartials"] = SplitIntoPartials,
            ["AddDeadCode"] = files => Each(files, new DeadCode()),
            ["WrapInBlocks"] = files => Each(files, new Blocks()),
            ["ExtractSleepingCall"] = files => Each(files, new CallExtraction()),
            ["ExtractWholeBody"] = files => Each(files, new BodyExtraction()),
            ["UsingDeclarations"] = files => Each(files, new UsingDeclarations()),
            ["UsingStatements"] = files => Each(files, new UsingStatements()),
            ["Parentheses"] = files => Each(files, new Parentheses()),
            ["Casts"] = files => Each(files, new Casts()),
            ["SwapBranches"] = files => Each(files, new BranchSwap()),
            ["LocalsForArguments"] = files => Each(files, new ArgumentLocals()),
            ["BlockBodies"] = files => Each(files, new BlockBodies()),
            ["TryFinallyAround"] = files => Each(files, new TryFinally()),
        };

    private static readonly ImmutableHashSet<string> _kernelWords =
        [.. CSharpSyntaxTree.ParseText(TestCompilation.Resource("TestKernel.cs")).GetRoot().DescendantTokens().Select(token => token.ValueText)];

    private static ImmutableArray<MarkedFile> Each(ImmutableArray<MarkedFile> files, CSharpSyntaxRewriter rewriter) =>
        [.. files.Select(file => file.Rewrite(rewriter))];

    private static ImmutableArray<MarkedFile> RenameEverything(ImmutableArray<MarkedFile> files)
    {
        var declared = files.SelectMany(file => file.Root.DescendantNodes()).Select(DeclaredName).OfType<string>()
            .Where(name => !_kernelWords.Contains(name)).ToHashSet();
        return
        [
            .. files.Select(file => file with
            {
                Root = file.Root.ReplaceTokens(
                    file.Root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken) && declared.Contains(token.ValueText)),
                    (token, _) => token.CopyAnnotationsTo(SyntaxFactory.Identifier(token.LeadingTrivia, "Z" + token.ValueText + "z", token.TrailingTrivia))),
            }),
        ];
    }

    private static string? DeclaredName(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        MethodDeclarationSyntax method => method.Identifier.ValueText,
        VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
        ParameterSyntax parameter => parameter.Identifier.ValueText,
        _ => null,
    };

    private static ImmutableArray<MarkedFile> SplitIntoPartials(ImmutableArray<MarkedFile> files)
    {
        var result = ImmutableArray.CreateBuilder<MarkedFile>();
        foreach (var file in files)
        {
            var here = file.Root.Members;
            var there = new List<MemberDeclarationSyntax>();
            foreach (var type in file.Root.Members.OfType<ClassDeclarationSyntax>().Where(type => type.Members.Count > 1))
            {
                var open = type.WithModifiers(type.Modifiers.Add(SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space)));
                if (type.Modifiers.Count == 0)
                {
                    open = open.WithKeyword(type.Keyword.WithLeadingTrivia()).WithLeadingTrivia(type.GetLeadingTrivia());
                }

                int half = type.Members.Count / 2;
                here = here.Replace(here.First(member => member.IsEquivalentTo(type)), open.WithMembers(SyntaxFactory.List(type.Members.Take(half))));
                there.Add(open.WithAttributeLists(default).WithBaseList(null).WithIdentifier(type.Identifier.WithTrailingTrivia(SyntaxFactory.Space))
                    .WithMembers(SyntaxFactory.List(type.Members.Skip(half))));
            }

            result.Add(file with { Root = file.Root.WithMembers(here) });
            result.Add(new("Rest." + file.Path, file.Root.WithMembers(SyntaxFactory.List(there))));
        }

        return result.ToImmutable();
    }

    private static StatementSyntax Statement(string text) => SyntaxFactory.ParseStatement(text);

    private static MemberDeclarationSyntax Member(string text) => SyntaxFactory.ParseMemberDeclaration("\n" + text + "\n")!;

    private static BlockSyntax BlockOf(params IEnumerable<StatementSyntax> statements) => SyntaxFactory.Block(SyntaxFactory.List(statements));

    private static string StaticOf(SyntaxNode member) =>
        member is MemberDeclarationSyntax { Modifiers: var modifiers } && modifiers.Any(SyntaxKind.StaticKeyword) ? "static " : "";
}
