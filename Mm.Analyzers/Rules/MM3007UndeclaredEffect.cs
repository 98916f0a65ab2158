using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
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
        var missing = new List<DeclarationText>();
        Witness? path = null;
        foreach (var entry in summary.Effects)
        {
            if (InferredDeclarations.OfEffect(entry, result.Contract, method) is not { } declaration || missing.Contains(declaration)) continue;
            missing.Add(declaration);
            if (path is null || Witness.Compare(entry.Witness, path) < 0) path = entry.Witness;
        }

        missing.RemoveAll(declaration => declaration.When.Length > 0 && missing.Exists(other => other == new DeclarationText(declaration.Verb, declaration.Marker)));
        if (result.Contract.Transitions.IsEmpty) missing.AddRange(InferredDeclarations.Transitions(summary.Outcomes));
        if (missing.Count == 0) yield break;
        yield return new Violation(this, method.Locations[0])
        {
            Subject = Naming.Of(method),
            Detail = string.Join(", ", missing.Select(declaration => InferredDeclarations.Readable(declaration, method))),
            Path = path is null ? null : new Witness(Naming.Of(method), method.Locations[0], path),
            Repair = Repairs.Declaring(missing),
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
}
