using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// Names for new locals. A name is free if no token of the whole member is spelled like it, so that it neither collides
/// with a local of a nested block nor hides a field that the member uses. What was given out is not free again.
/// </summary>
internal sealed class UnusedNames
{
    private readonly Dictionary<SyntaxNode, HashSet<string>> _takenByMember = new();

    internal string Take(string wish, StatementSyntax at)
    {
        SyntaxNode member = at.Ancestors().First(
            node => node is MemberDeclarationSyntax and not GlobalStatementSyntax or CompilationUnitSyntax);
        if (!_takenByMember.TryGetValue(member, out HashSet<string>? taken))
        {
            taken = new HashSet<string>(
                member.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText));
            _takenByMember.Add(member, taken);
        }

        string name = wish;
        for (int number = 2; !taken.Add(name); number++)
            name = wish + number.ToString(CultureInfo.InvariantCulture);
        return name;
    }
}
