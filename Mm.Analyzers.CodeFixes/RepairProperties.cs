using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>Reads what a diagnostic tells its fix.</summary>
internal static class RepairProperties
{
    internal static long? Number(Diagnostic diagnostic, string key) =>
        diagnostic.Properties.TryGetValue(key, out string? text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    internal static IEnumerable<DeclarationText> Declarations(Diagnostic diagnostic) =>
        diagnostic.Properties.TryGetValue(RepairKeys.Declare, out string? lines) && lines is not null
            ? lines.Split('\n').Select(DeclarationText.Decode).OfType<DeclarationText>()
            : Enumerable.Empty<DeclarationText>();

    /// <summary>The argument on which the effect of the reported call hangs, where it is written there.</summary>
    internal static (ExpressionSyntax Expression, IParameterSymbol Parameter)? Argument(
        Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellation)
    {
        if (Number(diagnostic, RepairKeys.Argument) is not { } ordinal) return null;
        var call = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        var arguments = model.GetOperation(call, cancellation) switch
        {
            IInvocationOperation invocation => invocation.Arguments,
            IObjectCreationOperation creation => creation.Arguments,
            _ => default,
        };
        if (arguments.IsDefault) return null;
        foreach (var argument in arguments)
        {
            if (argument is { ArgumentKind: ArgumentKind.Explicit, Parameter: { } parameter, Syntax: ArgumentSyntax written }
                && parameter.Ordinal == ordinal && written.RefKindKeyword.RawKind == 0) return (written.Expression, parameter);
        }

        return null;
    }
}
