using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A value of one allocator family goes to a function that frees for another.</summary>
internal sealed class AllocatorMismatch : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM4001",
        "Value freed by another allocator than the one that owns it",
        "What {1} owns goes to '{0}', which frees for {2}",
        Category.Ownership,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "What one allocator family handed out, only the functions of that family may free. [OwnedBy<F>] on results and parameters says which family that is.",
        Documentation + "MM4001.md");

    public AllocatorMismatch()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (result.Contract.IsTrusted) yield break;
        foreach (var visit in result.Visits)
        {
            if (visit.Step is not CallStep call) continue;
            for (int i = 0; i < call.Arguments.Length; i++)
            {
                if (Ownership.FreedBy(session, call, i) is not { } freeing) continue;
                foreach (var reach in visit.Reaches)
                {
                    if (Ownership.Of(session, result, reach.Before.Evaluate(call.Arguments[i])) is not { } owner || owner == freeing) continue;
                    yield return new Violation(this, call.Location) { Subject = visit.Name, Declared = ContextKind.Shorten(owner), Detail = ContextKind.Shorten(freeing) };
                }
            }
        }
    }
}
