using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

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
        var reported = new List<MeetingVisit>();
        foreach (var meeting in result.Meetings.OrderBy(static meeting => meeting.IsAtLoopHead))
        {
            var contexts = meeting.Contexts.RemoveAll(context => context.IsRegion || result.Unsettled.Contains(context) || reported.Exists(first => IsCause(first, meeting, context)));
            if (contexts.IsEmpty) continue;
            reported.Add(meeting);
            yield return new Violation(this, meeting.Location)
            {
                Contexts = contexts,
                Holder = meeting.Holders.IsEmpty ? null : meeting.Holders[0],
            };
        }
    }

    /// <summary>Whether paths have met before with what they differ in here: they go on with both, and that is said once.</summary>
    private static bool IsCause(MeetingVisit first, MeetingVisit later, ContextKind context)
    {
        if (!first.Contexts.Contains(context)) return false;
        foreach (var held in later.Holders)
        {
            if (held.Contexts.Contains(context) && !first.Holders.Contains(held)) return false;
        }

        return true;
    }
}
