using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Methods that run what they are handed, exactly once: what that enters is entered behind the call.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>The lambdas and local functions among the arguments that the callee invokes once, whatever happens.</summary>
    private IEnumerable<Symbol> WrappedBy(Resolution resolution, ImmutableArray<Value> arguments)
    {
        if (resolution.Bodies.Length != 1 || !arguments.Any(IsNested)) return Enumerable.Empty<Symbol>();
        if (_session.Bodies.Get(resolution.Bodies[0], _cancellation) is not { } body) return Enumerable.Empty<Symbol>();
        return arguments.Where((argument, i) => IsNested(argument) && body.InvokedOnce.Contains(i)).Cast<Symbol>();
    }

    private static bool IsNested(Value argument) => argument is Symbol { Role: SymbolRole.Function, Key: BodyKey { IsNested: true } };

    private void ApplyWrapped(CallStep call, Symbol function, int first, List<Alternative> next)
    {
        var behind = new List<Alternative>();
        for (int i = first; i < next.Count; i++)
        {
            var outcomes = _effects.OutcomesOf((BodyKey)function.Key!, null, function.Parent, ImmutableArray<Value>.Empty, next[i]);
            if (outcomes.All(static outcome => outcome.Change.IsNone)) behind.Add(next[i]);
            else foreach (var outcome in outcomes) ApplyOutcome(call, outcome with { Value = null, Result = Known.Nothing }, function.Parent, next[i], behind);
        }

        next.RemoveRange(first, next.Count - first);
        next.AddRange(behind);
    }
}
