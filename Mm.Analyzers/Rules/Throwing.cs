using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>Which steps may throw: all calls but those of bodies that are seen not to, and of a few .NET primitives.</summary>
internal sealed class Throwing
{
    private static readonly HashSet<string> s_quiet = new() { "Interlocked", "Volatile", "SpinWait", "SpinLock", "Math", "BitOperations", "Object", "Monitor" };

    private readonly Session _session;
    private readonly Dictionary<BodyKey, bool> _known = new();

    public Throwing(Session session) => _session = session;

    public bool MayThrow(Step step)
    {
        var callees = new List<BodyKey>();
        return MayThrow(step, callees) || callees.Exists(MayThrow);
    }

    /// <summary>Whether a step leaves one of the contexts.</summary>
    public bool Leaves(Step step, ImmutableArray<ContextKind> contexts)
    {
        if (step is not CallStep call) return false;
        if (call.Target is { Name: "Dispose", Parameters.IsEmpty: true } && (call.ReceiverType ?? call.Target.ContainingType) is { } guard)
        {
            foreach (var context in _session.Contracts.ScopeOf(guard))
            {
                if (contexts.Contains(context)) return true;
            }
        }

        var resolution = _session.Resolver.Resolve(call, default);
        if (resolution.Contract.Transitions.Any(transition => transition.By < 0 && contexts.Contains(transition.Context))) return true;
        return resolution.Bodies.Any(key => _session.Summaries.Find(key) is { } summary
            && summary.Outcomes.Any(outcome => contexts.Any(context => outcome.Change[context].Low < 0)));
    }

    /// <summary>The answer of the step itself; bodies on which it hangs go to the list.</summary>
    private bool MayThrow(Step step, List<BodyKey> callees)
    {
        switch (step)
        {
            case InvokeStep or UnknownStep or SuspendStep { Kind: SuspendKind.Await }:
                return true;
            case CallStep call:
                var resolution = _session.Resolver.Resolve(call, default);
                if (!resolution.Bodies.IsEmpty)
                {
                    callees.AddRange(resolution.Bodies);
                    return false;
                }

                if (!resolution.Contract.Transitions.IsEmpty) return false;
                if (resolution.IsFramework) return !s_quiet.Contains(call.Target.ContainingType.Name);
                if (call.Target.IsExtern || call.Target.IsAbstract || call.Target.OriginalDefinition.DeclaringSyntaxReferences.IsEmpty && !call.Target.IsImplicitlyDeclared) return true;
                callees.Add(BodyKey.Of(call.Target));
                return false;
            default:
                return false;
        }
    }

    private bool MayThrow(BodyKey root)
    {
        if (_known.TryGetValue(root, out bool known)) return known;
        var seen = new HashSet<BodyKey>();
        var pending = new Stack<BodyKey>();
        pending.Push(root);
        while (pending.Count > 0)
        {
            var key = pending.Pop();
            if (!seen.Add(key)) continue;
            if (_known.TryGetValue(key, out bool throws) ? throws : Throws(key, pending)) return _known[root] = true;
        }

        // Nothing in the whole closure throws.
        foreach (var key in seen) _known[key] = false;
        return false;
    }

    private bool Throws(BodyKey key, Stack<BodyKey> pending)
    {
        if (_session.Summaries.IsRecorded(key)) return true;
        if (_session.Bodies.Get(key, default) is not { } body) return false;
        var callees = new List<BodyKey>();
        foreach (int index in body.Order)
        {
            var block = body.Blocks[index];
            if (block.End.IsThrow || block.Steps.Any(step => MayThrow(step, callees))) return true;
        }

        foreach (var callee in callees) pending.Push(callee);
        return false;
    }
}
