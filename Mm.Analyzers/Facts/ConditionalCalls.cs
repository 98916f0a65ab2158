using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Calls of [Conditional] methods and of partial methods without a body, which are compiled out with their arguments.</summary>
internal static class ConditionalCalls
{
    public static bool IsOmitted(IInvocationOperation call, IMethodSymbol target)
    {
        if (target.OriginalDefinition is { IsPartialDefinition: true, PartialImplementationPart: null }) return true;
        bool isConditional = false;
        for (var at = target.OriginalDefinition; at is not null; at = at.OverriddenMethod)
        {
            foreach (var attribute in at.GetAttributes())
            {
                if (attribute.AttributeClass is not { Name: "ConditionalAttribute" } type
                    || type.ContainingNamespace.ToDisplayString() != "System.Diagnostics") continue;
                isConditional = true;
                if (attribute.ConstructorArguments is { Length: 1 } arguments && arguments[0].Value is string symbol
                    && IsDefined(call.Syntax.SyntaxTree, symbol)) return false;
            }
        }

        return isConditional;
    }

    private static bool IsDefined(SyntaxTree tree, string symbol)
    {
        bool defined = tree.Options.PreprocessorSymbolNames.Contains(symbol);
        if (!tree.GetRoot().ContainsDirectives) return defined;

        // #define and #undef stand before the first token.
        foreach (var trivia in tree.GetRoot().GetFirstToken(includeZeroWidth: true).LeadingTrivia)
        {
            switch (trivia.GetStructure())
            {
                case DefineDirectiveTriviaSyntax { IsActive: true } define when define.Name.ValueText == symbol:
                    defined = true;
                    break;
                case UndefDirectiveTriviaSyntax { IsActive: true } undefine when undefine.Name.ValueText == symbol:
                    defined = false;
                    break;
            }
        }

        return defined;
    }
}
