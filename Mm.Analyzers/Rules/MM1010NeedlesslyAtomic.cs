using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>The inverse of MM1003: a constant that forbids sleeping, where nothing forbids it.</summary>
internal sealed class NeedlesslyAtomic : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM1010",
        "Flags that forbid sleeping where sleeping is allowed",
        "'{0}' is told not to sleep, although no context is entered here or by a caller: flags that allow it spare the reserve",
        Category.Contexts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: false,
        "Flags that forbid sleeping draw on a reserve that is kept for code that cannot sleep, and fail more easily. Where every path is in no context, they are not needed.",
        Documentation + "MM1010.md");

    public NeedlesslyAtomic()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (!result.Start.IsNone || result.Contract.Never.Contains(EffectKind.Sleep)) yield break;
        foreach (var visit in result.Visits)
        {
            if (visit.Step is not CallStep call || visit.Reaches.IsEmpty || !Refuses(session, call, result.Cancellation)) continue;
            bool isFree = true;
            foreach (var reach in visit.Reaches) isFree &= !ReachedContexts.IsInContext(reach.Before);
            if (!isFree || session.ReachedBy(result.Cancellation).Contains(result.Body.Key)) continue;
            yield return new Violation(this, call.Location) { Subject = Naming.Qualified(call.Target, call.ReceiverType) };
        }
    }

    /// <summary>Whether a constant flags argument is what keeps the callee from sleeping.</summary>
    private static bool Refuses(Session session, CallStep call, CancellationToken cancellation)
    {
        bool hasFlags = false;
        for (int i = 0; i < call.Arguments.Length && i < call.Target.Parameters.Length; i++)
        {
            hasFlags |= call.Arguments[i] is Constant && call.Target.Parameters[i].Type.TypeKind == TypeKind.Enum;
        }

        if (!hasFlags) return false;
        var resolution = session.Resolver.Resolve(call, cancellation);
        bool refuses = false;
        foreach (var guard in GuardsOf(session, resolution))
        {
            if (Holds(guard, call.Arguments)) return false;
            refuses = true;
        }

        return refuses;
    }

    /// <summary>On which flags the callee sleeps.</summary>
    private static IEnumerable<FactSet> GuardsOf(Session session, Resolution resolution)
    {
        foreach (var clause in resolution.Contract.Might)
        {
            if (!clause.Effect.Equals(EffectKind.Sleep)) continue;
            if (clause.When is not { IsFlags: true } condition) yield return FactSet.Empty;
            else if (FactSet.Empty.Assume(condition.Holds, true) is { } guard) yield return guard;
        }

        if (resolution.Contract.Mentions(EffectKind.Sleep)) yield break;
        foreach (var key in resolution.Bodies)
        {
            if (session.Summaries.Find(key) is not { } summary) continue;
            foreach (var entry in summary.Effects)
            {
                if (entry.Effect.Equals(EffectKind.Sleep)) yield return entry.IsFlags ? entry.Guard : FactSet.Empty;
            }
        }
    }

    // Arguments that are no constants decide nothing, so the condition may hold.
    private static bool Holds(FactSet guard, ImmutableArray<Value> arguments)
    {
        foreach (var fact in guard.All)
        {
            var key = fact.Key.Substitute(symbol => symbol is { Role: SymbolRole.Parameter, Index: >= 0 } && symbol.Index < arguments.Length
                && arguments[symbol.Index] is Constant constant ? constant : symbol);
            if (FactSet.Empty.Of(key).And(fact.Value) is null) return false;
        }

        return true;
    }
}
