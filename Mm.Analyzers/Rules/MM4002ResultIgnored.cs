using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;

namespace Mm.Analyzers.Rules;

/// <summary>A [MustCheck] result is thrown away without a discard.</summary>
internal sealed class ResultIgnored : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM4002",
        "Result that must be looked at is thrown away",
        "The result of '{0}' says whether it did its work: look at it, or discard it with '_ ='",
        Category.Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A member that declares [MustCheck] reports by its result what the caller has to know. A discard is a decision, silence is not.",
        Documentation + "MM4002.md");

    public ResultIgnored()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            if (visit.Step is CallStep { IsResultDropped: true } call && visit.Contract.IsResultChecked)
            {
                yield return new Violation(this, call.Location) { Subject = visit.Name };
            }
        }
    }
}
