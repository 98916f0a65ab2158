using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Where paths meet, and what each of them brings.</summary>
internal sealed partial class FlowRun
{
    private const int EarlyVisits = 2;

    /// <summary>Finds paths that meet in a block with contexts that nothing tells apart.</summary>
    private void Meet(Block block)
    {
        if ((Met(block) ?? _early[block.Index]) is { } meeting) _result.Meetings.Add(meeting);
    }

    /// <summary>Paths that meet in the first turn of a loop: what they bring in later ones may say no more than that it is unknown.</summary>
    private void MeetEarly(Block block, int visits)
    {
        if (block.IsInLoop && !block.IsLoopHead && visits <= EarlyVisits && block.Predecessors.Length > 1) _early[block.Index] ??= Met(block);
    }

    private MeetingVisit? Met(Block block)
    {
        if (block.Predecessors.Length < 2 || block.FirstStatement is null || block.GuardedEntry >= 0) return null;
        var edges = Incoming(block);
        if (block.IsLoopHead) edges.RemoveAll(edge => !IsBackEdge(edge.From, block.Index));
        if (edges.Count < 2 || AreAlike(edges)) return null;
        var merging = MergingAt(block);
        var contexts = new List<ContextKind>();
        var holders = new List<Held>();
        for (int i = 0; i < edges.Count; i++)
        {
            for (int j = i + 1; j < edges.Count; j++) Compare(merging, edges[i].Alternatives, edges[j].Alternatives, contexts, holders);
        }

        if (contexts.Count == 0) return null;
        contexts.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var found = contexts.Distinct().ToImmutableArray();
        return new MeetingVisit(block.FirstStatement, found, holders.Distinct().ToImmutableArray()) { IsAtLoopHead = block.IsLoopHead };
    }

    private static bool AreAlike(List<(int From, List<Alternative> Alternatives)> edges)
    {
        var depths = edges[0].Alternatives[0].Depths;
        foreach (var edge in edges)
        {
            foreach (var alternative in edge.Alternatives)
            {
                if (!alternative.Depths.Equals(depths)) return false;
            }
        }

        return true;
    }

    private bool IsBackEdge(int from, int to) => _body.Positions[from] >= _body.Positions[to];

    private static void Compare(Merging merging, List<Alternative> left, List<Alternative> right, List<ContextKind> contexts, List<Held> holders)
    {
        foreach (var a in left)
        {
            foreach (var b in right)
            {
                if (a.IsExceptional || b.IsExceptional || a.Depths.Equals(b.Depths)) continue;
                if (right.Exists(other => other.Depths.Equals(a.Depths)) && left.Exists(other => other.Depths.Equals(b.Depths))) continue;
                if (merging.AreToldApart(a, b)) continue;
                foreach (var entry in a.Depths.Entries.Concat(b.Depths.Entries))
                {
                    Depth one = a.Depths[entry.Context], other = b.Depths[entry.Context];
                    if (one.Equals(other) || one.IsUnknown || other.IsUnknown || IsDropped(a, entry.Context) || IsDropped(b, entry.Context)) continue;
                    contexts.Add(entry.Context);
                    if ((a.HolderOf(entry.Context) ?? b.HolderOf(entry.Context)) is { } holder) holders.Add(holder);
                }
            }
        }
    }

    // A guard that was thrown away on one path is reported where that happened.
    private static bool IsDropped(Alternative alternative, ContextKind context) =>
        alternative.Held.Any(held => held.IsDropped && held.Contexts.Contains(context));
}
