using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
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
        if (findings.Step is not CallStep call) return null;
        foreach (var reach in findings.Visit.Reaches)
        {
            foreach (var effect in reach.Effects)
            {
                foreach (int ordinal in effect.Arguments)
                {
                    if (ordinal >= call.Arguments.Length || ordinal >= call.Target.Parameters.Length) continue;
                    if (!IsConstant(call.Arguments[ordinal], findings.Visit.Reaches)) continue;
                    if (Replaced(findings.Result, call.Target.Parameters[ordinal], effect.Entry.Guard, reach.Before) is not { } own) continue;
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

    // On whichever way it is reached: where the own flags are passed on one of them, the constant is only what stands in for none.
    private static bool IsConstant(Value argument, ImmutableArray<Reach> reaches)
    {
        foreach (var reach in reaches)
        {
            if (reach.Before.Evaluate(argument) is not Constant) return false;
        }

        return true;
    }

    private static readonly ContextKind NoContext = new("", ImmutableHashSet<string>.Empty, ImmutableHashSet<EffectKind>.Empty);

    /// <summary>The flags parameter of the same enumeration that nobody asked: of the method, or of one around a lambda that runs within it.</summary>
    private static string? Replaced(FlowResult result, IParameterSymbol passed, FactSet guard, Alternative at)
    {
        if (passed.Type.TypeKind != TypeKind.Enum) return null;
        string? found = null;
        bool isOwn = true;
        for (ISymbol? body = result.Body.Key.Symbol; body is IMethodSymbol method; body = method.ContainingSymbol)
        {
            foreach (var parameter in method.Parameters)
            {
                if (parameter.RefKind == RefKind.Out || !SymbolEqualityComparer.Default.Equals(parameter.Type, passed.Type)) continue;
                var symbol = isOwn ? Symbol.Parameter(parameter.Ordinal) : new Symbol(SymbolRole.Captured, 0, parameter);
                if (WasAsked(symbol, passed.Ordinal, guard, at)) return null;
                found ??= parameter.Name;
            }

            // What runs later does not run on behalf of whoever passed the flags.
            if (isOwn && result.Contract.IsDeferred) break;
            isOwn = false;
        }

        return found;
    }

    /// <summary>Whether a branch has made sure that the own flags allow the effect too, or has told their value apart.</summary>
    private static bool WasAsked(Symbol own, int ordinal, FactSet guard, Alternative at)
    {
        if (!at.Facts.Of(own).Excluded.IsEmpty) return true;
        foreach (var fact in guard.All)
        {
            var key = fact.Key.Substitute(symbol => symbol is { Role: SymbolRole.Parameter } && symbol.Index == ordinal ? own : symbol);
            if (!key.Mentions(own.Equals)) continue;
            var known = at.Facts.Of(key);
            if (known.And(fact.Value) is not { } both || !both.Equals(known)) return false;
        }

        return true;
    }
}
