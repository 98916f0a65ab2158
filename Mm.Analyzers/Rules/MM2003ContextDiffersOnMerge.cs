using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;

namespace Mm.Analyzers.Rules;

/// <summary>Paths meet with different contexts and nothing tells them apart.</summary>
internal sealed class ContextDiffersOnMerge : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2003",
        "Paths meet with different contexts",
        "Paths meet here with and without {0}, and no variable tells them apart",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "On one path a context is entered, on another it is not, and the code behind cannot know which. Keep the answer in a boolean, or make the paths alike.",
        Documentation + "MM2003.md");

    public ContextDiffersOnMerge()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var meeting in result.Meetings)
        {
            var contexts = meeting.Contexts.RemoveAll(context => context.IsRegion || result.Unsettled.Contains(context));
            if (contexts.IsEmpty) continue;
            yield return new Violation(this, meeting.Location)
            {
                Contexts = contexts,
                Holder = meeting.Holders.IsEmpty ? null : meeting.Holders[0],
            };
        }
    }
}
