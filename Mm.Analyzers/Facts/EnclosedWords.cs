using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Names that a body mentions only as 'using (x.Hold())' or 'using var guard = x.Hold()' with a guard that it does not mention again:
/// whatever they enter is left in the body, and no caller sees it.
/// </summary>
internal static class EnclosedWords
{
    public static int[] Of(SyntaxNode body)
    {
        var mentions = new Dictionary<string, int>();
        var acquisitions = new List<(string Name, string? Guard)>();
        foreach (var token in body.DescendantTokens())
        {
            if (!token.IsKind(SyntaxKind.IdentifierToken)) continue;
            mentions.TryGetValue(token.ValueText, out int count);
            mentions[token.ValueText] = count + 1;
        }

        foreach (var node in body.DescendantNodes())
        {
            switch (node)
            {
                case UsingStatementSyntax { Expression: { } expression }:
                    Add(expression, null);
                    break;
                case UsingStatementSyntax { Declaration.Variables: { Count: 1 } variables }:
                    Add(variables[0].Initializer?.Value, variables[0].Identifier.ValueText);
                    break;
                case LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword, Declaration.Variables: { Count: 1 } variables }:
                    Add(variables[0].Initializer?.Value, variables[0].Identifier.ValueText);
                    break;
            }
        }

        if (acquisitions.Count == 0) return System.Array.Empty<int>();
        return acquisitions.GroupBy(static one => one.Name)
            .Where(group => mentions[group.Key] == group.Count() && group.All(one => one.Guard is null || IsMentionedOnce(one.Guard)))
            .Select(static group => Words.Hash(group.Key))
            .ToArray();

        // Several using declarations may give their guards one name, in scopes of their own.
        bool IsMentionedOnce(string guard) => mentions[guard] == acquisitions.Count(other => other.Guard == guard);

        void Add(ExpressionSyntax? acquired, string? guard)
        {
            if (acquired is not InvocationExpressionSyntax call) return;
            var name = call.Expression switch
            {
                MemberAccessExpressionSyntax access => access.Name,
                SimpleNameSyntax simple => simple,
                _ => null,
            };
            if (name is not null) acquisitions.Add((name.Identifier.ValueText, guard));
        }
    }
}
