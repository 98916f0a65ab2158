using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>An exception between an explicit enter and its leave would leak the context.</summary>
internal sealed class ContextLeaksOnException : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2005",
        "Exception would leave a context entered",
        "An exception from {1} would leave {0} entered",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: false,
        "Between the call that enters a context and the one that leaves it, something may throw, and no finally block or using statement leaves it then.",
        Documentation + "MM2005.md");

    public ContextLeaksOnException()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (!Balance.IsChecked(session, result) || !result.Visits.Exists(static visit => visit.Reaches.Any(static reach => IsOpen(reach.Before)))) yield break;
        var throwing = new Throwing(session);
        var blocks = result.Body.Blocks.SelectMany(static block => block.Steps.Select(step => (step, block))).ToDictionary(static pair => pair.step, static pair => pair.block);
        foreach (var visit in result.Visits)
        {
            if (visit.Step is CallStep { IsThrown: true } || !visit.Reaches.Any(static reach => IsOpen(reach.Before)) || !throwing.MayThrow(visit.Step)) continue;
            foreach (var reach in visit.Reaches)
            {
                foreach (var held in Leaking(throwing, result, reach.Before, blocks[visit.Step])) yield return Report(held, $"'{visit.Name}'", visit.Step.Location);
            }
        }

        foreach (var visit in result.Throws)
        {
            foreach (var held in Leaking(throwing, result, visit.At, visit.Block)) yield return Report(held, "a throw statement", null);
        }
    }

    private Violation Report(Held held, string thrower, Location? location) => new(this, held.Site!)
    {
        Contexts = held.Contexts.RemoveAll(static context => context.IsRegion),
        Holder = held,
        Detail = thrower,
        Related = location is null ? ImmutableArray<Location>.Empty : ImmutableArray.Create(location),
    };

    private static bool IsOpen(Alternative alternative) =>
        !alternative.IsExceptional && alternative.Held.Any(IsOpen);

    // A guard that somebody else has, or that is missed on another path, is not this rule's matter.
    private static bool IsOpen(Held held) => held is { Site.IsInSource: true } and ({ Guard: null } or { HasEscaped: false, IsDropped: false, IsUncertain: false });

    private static IEnumerable<Held> Leaking(Throwing throwing, FlowResult result, Alternative at, Block block)
    {
        if (!IsOpen(at)) yield break;
        foreach (var held in at.Held)
        {
            if (!IsOpen(held) || held.Guard is not null && !IsLeftByHand(throwing, result.Body, held.Contexts)) continue;
            if (held.Contexts.All(static context => context.IsRegion)) continue;
            if (result.Contract.Transitions.Any(transition => transition.By > 0 && held.Contexts.Contains(transition.Context))) continue;
            if (!IsCovered(throwing, result.Body, block, held.Contexts)) yield return held;
        }
    }

    private static bool IsLeftByHand(Throwing throwing, Body body, ImmutableArray<ContextKind> contexts) =>
        body.Blocks.Any(block => block.Steps.Any(step => throwing.Leaves(step, contexts)));

    /// <summary>Caught in this body, or left by a finally block on the way out.</summary>
    private static bool IsCovered(Throwing throwing, Body body, Block block, ImmutableArray<ContextKind> contexts)
    {
        foreach (var handler in body.Blocks)
        {
            if (!handler.Guards.Contains(block.Index)) continue;
            if (handler.Handler >= 0 || Leaves(throwing, body, handler, contexts)) return true;
        }

        return false;
    }

    private static bool Leaves(Throwing throwing, Body body, Block handler, ImmutableArray<ContextKind> contexts)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<int>();
        pending.Push(handler.Index);
        while (pending.Count > 0)
        {
            int index = pending.Pop();
            if (index < 0 || !seen.Add(index)) continue;
            var block = body.Blocks[index];
            if (block.Steps.Any(step => throwing.Leaves(step, contexts))) return true;
            pending.Push(block.End.Target);
            pending.Push(block.End.WhenFalse);
        }

        return false;
    }
}
