using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A member that other assemblies see does something that its annotations do not say.</summary>
internal sealed class UndeclaredEffect : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3007",
        "Visible member does not declare what it does",
        "'{0}' is visible outside the assembly and does not say what it does: write {1}{2}",
        Category.Contracts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: false,
        "Other assemblies see the annotations of a member and not its body. What is inferred here and not written down is not known there.",
        Documentation + "MM3007.md");

    public UndeclaredEffect()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (result.Body.Key.IsNested || result.Body.Key.Method is not { } method || !IsVisible(method)) yield break;
        var summary = Summarizer.Summarize(session, result);
        var missing = new List<string>();
        Witness? path = null;
        foreach (var entry in summary.Effects)
        {
            if (Annotation(entry, result, method) is not { } text || missing.Contains(text)) continue;
            missing.Add(text);
            if (path is null || Witness.Compare(entry.Witness, path) < 0) path = entry.Witness;
        }

        if (result.Contract.Transitions.IsEmpty) missing.AddRange(Transitions(summary.Outcomes));
        if (missing.Count == 0) yield break;
        yield return new Violation(this, method.Locations[0])
        {
            Subject = Naming.Of(method),
            Detail = string.Join(", ", missing),
            Path = path is null ? null : new Witness(Naming.Of(method), method.Locations[0], path),
        };
    }

    private static bool IsVisible(IMethodSymbol method)
    {
        if (method.ExplicitInterfaceImplementations.Any() || method.MethodKind == MethodKind.StaticConstructor) return false;
        for (ISymbol? at = method; at is not null and not INamespaceSymbol; at = at.ContainingSymbol)
        {
            if (at.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal)) return false;
        }

        return true;
    }

    /// <summary>The attribute that would say it; null where it is said.</summary>
    private static string? Annotation(EffectEntry entry, FlowResult result, IMethodSymbol method)
    {
        switch (entry.Effect.Role)
        {
            case EffectRole.Effect when !entry.Effect.IsOfRegions && !result.Contract.Mentions(entry.Effect):
                return $"[Might<{entry.Effect.ShortName}>{Condition(entry.Guard, method)}]";
            case EffectRole.ForbiddenIn when !result.Contract.ForbiddenIn.Any(declared => entry.Effect.Context!.Implies(declared)):
                return $"[ForbiddenIn<{entry.Effect.Context!.ShortName}>]";
            default:
                return null;
        }
    }

    /// <summary>The condition, where an attribute can say it: one parameter, some bits or one constant.</summary>
    private static string Condition(FactSet guard, IMethodSymbol method)
    {
        if (guard.All.Length != 1) return "";
        var fact = guard.All[0];
        if (fact.Key is Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } && ordinal < method.Parameters.Length)
        {
            var parameter = method.Parameters[ordinal];
            string when = $"(When = nameof({parameter.Name}), ";
            if (fact.Value.IsExact) return when + $"Is = {Text(fact.Value.Exact, parameter.Type)})";
            if (fact.Value.Ones != 0 && fact.Value.Zeros == 0) return when + $"Has = {Text(unchecked((long)fact.Value.Ones), parameter.Type)})";
            if (fact.Value.Zeros != 0 && fact.Value.Ones == 0) return when + $"HasNot = {Text(unchecked((long)fact.Value.Zeros), parameter.Type)})";
            if (fact.Value.Excluded.Length == 1) return when + $"IsNot = {Text(fact.Value.Excluded[0], parameter.Type)})";
        }

        return "";
    }

    private static string Text(object? constant, ITypeSymbol type)
    {
        if (constant is long number && type.TypeKind == TypeKind.Enum)
        {
            foreach (var member in type.GetMembers())
            {
                if (member is IFieldSymbol { HasConstantValue: true } field && Equals(Constant.Normalize(field.ConstantValue), number)) return type.Name + "." + field.Name;
            }

            return $"({type.Name}){number}";
        }

        return constant switch { null => "null", bool b => b ? "true" : "false", string s => $"\"{s}\"", _ => constant.ToString() ?? "" };
    }

    /// <summary>What every return changes, or what a returned true tells.</summary>
    private static IEnumerable<string> Transitions(ImmutableArray<Outcome> outcomes)
    {
        var changed = outcomes.Where(static outcome => !outcome.Change.IsNone).ToList();
        if (changed.Count == 0 || changed.Exists(outcome => !outcome.Change.Equals(changed[0].Change))) yield break;
        bool isAlways = changed.Count == outcomes.Length;
        bool isTold = changed.TrueForAll(static outcome => outcome.Result.Truth == true)
            && outcomes.All(static outcome => !outcome.Change.IsNone || outcome.Result.Truth == false);
        if (!isAlways && !isTold) yield break;
        foreach (var entry in changed[0].Change.Entries)
        {
            if (!entry.Depth.IsCertain && entry.Depth.High >= 0) continue;
            string name = (entry.Depth.Low > 0 ? "Enters" : "Leaves") + $"<{entry.Context.ShortName}>";
            yield return isAlways ? $"[{name}]" : $"[return: {name}]";
        }
    }
}
