using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A call of which nothing is known, where that is to be reported.</summary>
internal sealed class UnverifiedCall : StepRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1009",
        "Call of which nothing is known",
        "Nothing is known of {0}, {1}{2}",
        Category.Contexts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The callee has no annotation, no visible body and no entry in a catalogue. Annotate it, describe it in an annotation file, or set mm_unknown_callees = trust.",
        Documentation + "MM1009.md");

    public UnverifiedCall()
        : base(s_descriptor)
    {
    }

    public override Violation? Judge(StepFindings findings)
    {
        bool isPromise = !findings.Result.Contract.Never.IsEmpty && !findings.Result.Contract.IsTrusted;
        bool reports = findings.UnknownCallees.Length > 0 ? findings.UnknownCallees == "report" : isPromise;
        if (!reports && !findings.Regions.Forbid(EffectKind.Unknown)) return null;
        foreach (var reach in findings.Visit.Reaches)
        {
            foreach (var effect in reach.Effects)
            {
                if (effect.IsElsewhere) continue;

                // A sequence of unknown origin is enumerated through .NET's own interface, which counts as known.
                bool isOpen = effect.Entry.Effect.Role == EffectRole.Deferred && effect.Entry is { TypeParameter: null, Through: null, Function: not Symbol { Role: SymbolRole.Iterator } };
                if (effect.Entry.Effect.Role != EffectRole.Unknown && !(isOpen && (isPromise && effect.Entry.Function is Symbol || IsVisibleOutside(findings) || IsNeverGiven(findings, effect.Entry.Function)))) continue;
                ContextKind? context = null;
                foreach (var entry in effect.At.Entries)
                {
                    bool isSpoken = reports
                        ? !entry.Context.Forbids.IsEmpty && findings.Regions.IsAskedFor(entry.Context, EffectKind.Unknown, findings.Step.Location.SourceTree)
                        : entry.Context.IsRegion && entry.Context.Forbids.Contains(EffectKind.Unknown) && findings.Regions.IsAskedFor(entry.Context, EffectKind.Unknown, findings.Step.Location.SourceTree);
                    if (entry.Depth.IsPossible && isSpoken) context ??= entry.Context;
                }

                if (context is null && !(reports && isPromise)) continue;
                return new Violation(this, findings.Step.Location)
                {
                    Subject = effect.Entry.Witness.Last.Name,
                    Contexts = context is null ? ImmutableArray<ContextKind>.Empty : ImmutableArray.Create(context),
                    Holder = context is null ? null : reach.Before.HolderOf(context),
                    Path = effect.Entry.Witness,
                    Effects = context is null ? Promised(findings.Result.Contract) : ImmutableArray<EffectKind>.Empty,
                    Declared = context is null ? "this member" : "",
                };
            }
        }

        return null;
    }

    public static ImmutableArray<EffectKind> Promised(Contract contract) => contract.Never.OrderBy(static effect => effect.Name, System.StringComparer.Ordinal).ToImmutableArray();

    private static bool IsNeverGiven(StepFindings findings, Value? function) => function switch
    {
        Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal, Parent: null } when findings.Result.Body.Key.Method is { } method && ordinal < method.Parameters.Length =>
            findings.IsNeverGiven(method.Parameters[ordinal]),
        Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol parameter } => findings.IsNeverGiven(parameter),
        Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element, Parent: { } collection } => IsNeverGiven(findings, collection),
        _ => false,
    };

    // Somebody outside can pass anything; inside, every caller is seen and judged with what it passes. A promise is taken at its word by
    // callers, so what they pass is not looked at again.
    private static bool IsVisibleOutside(StepFindings findings)
    {
        for (ISymbol? at = findings.Result.Body.Key.Symbol; at is not null and not INamespaceSymbol; at = at.ContainingSymbol)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal) return false;
        }

        return true;
    }
}
