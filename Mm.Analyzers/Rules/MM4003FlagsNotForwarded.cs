using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A flags parameter is taken, and a constant that allows the effect is passed on in its place.</summary>
internal sealed class FlagsNotForwarded : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM4003",
        "Flags parameter is replaced by a constant that allows more",
        "'{0}' might {1} with this constant, although the caller's flags '{2}' are at hand: pass them on",
        Category.Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A method takes flags that say what it may do, and then passes a constant that allows more to a callee that takes the same flags. Its callers are no longer asked.",
        Documentation + "MM4003.md");

    public FlagsNotForwarded()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings)
    {
        if (findings.Step is not CallStep call || findings.Result.Contract.IsTrusted) return null;
        foreach (var reach in findings.Visit.Reaches)
        {
            foreach (var effect in reach.Effects)
            {
                foreach (int ordinal in effect.Arguments)
                {
                    if (ordinal >= call.Arguments.Length || call.Arguments[ordinal] is not Constant) continue;
                    if (OwnFlags(findings.Result.Body.Key.Symbol, call.Target.Parameters[ordinal].Type) is not { } own) continue;
                    return findings.Report(this, new Finding(effect.Entry, NoContext, null)) with
                    {
                        Effects = ImmutableArray.Create(effect.Entry.Effect),
                        Contexts = ImmutableArray<ContextKind>.Empty,
                        Detail = own,
                    };
                }
            }
        }

        return null;
    }

    private static readonly ContextKind NoContext = new("", ImmutableHashSet<string>.Empty, ImmutableHashSet<EffectKind>.Empty);

    // A parameter of the method, or of one around the lambda, of the same enumeration.
    private static string? OwnFlags(ISymbol body, ITypeSymbol flags)
    {
        for (ISymbol? at = body; at is IMethodSymbol method; at = at.ContainingSymbol)
        {
            foreach (var parameter in method.Parameters)
            {
                if (parameter.Type.TypeKind == TypeKind.Enum && SymbolEqualityComparer.Default.Equals(parameter.Type, flags)) return parameter.Name;
            }
        }

        return null;
    }
}
