using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A value of one allocator family goes to a place of another: a function that frees, a field, a result.</summary>
internal sealed class AllocatorMismatch : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM4001",
        "Value of one allocator goes to another",
        "What {0} owns goes to '{1}', which is for what {2} owns{3}",
        Category.Ownership,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "What one allocator family handed out, only the functions of that family may free. [OwnedBy<F>] on results, parameters, fields and properties says which family that is.",
        Documentation + "MM4001.md");

    public AllocatorMismatch()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                foreach (var passing in reach.Passings)
                {
                    if (Of(session, result, reach.Before, passing) is { } violation) yield return violation;
                }
            }
        }

        if (result.Body.Key.Method is not { } method || Ownership.OfResult(method, result.Contract) is not { } declared) yield break;
        foreach (var visit in result.Returns)
        {
            var returned = new Passing(visit.Result ?? Constant.Null, declared, new Witness(Naming.Of(method), visit.Location, null));
            if (Of(session, result, visit.At, returned) is { } violation) yield return violation with { Subject = Naming.Of(method) + "()" };
        }
    }

    private Violation? Of(Session session, FlowResult result, Alternative at, Passing passing)
    {
        if (at.Facts.Of(passing.Value).EqualTo(null) == true) return null;
        if (Ownership.Of(session, result, passing.Value) is not { } owner || passing.Family.Includes(owner)) return null;
        bool isOneName = owner.ToString() == passing.Family.ToString();
        return new Violation(this, passing.Witness.Location)
        {
            Subject = passing.Witness.Name,
            Declared = isOneName ? owner.FullName : owner.ToString(),
            Detail = isOneName ? passing.Family.FullName : passing.Family.ToString(),
            Path = passing.Witness,
        };
    }
}
