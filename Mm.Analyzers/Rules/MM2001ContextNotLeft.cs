using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>A path returns with other contexts than the annotations say.</summary>
internal sealed class ContextNotLeft : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2001",
        "Path returns with a context that the declaration does not say",
        "This path returns with {0}",
        Category.Balance,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "Whoever enters a context leaves it on every path, or says with [Enters<C>] that it stays entered. Whoever promises to enter one does so on every path that the promise covers.",
        Documentation + "MM2001.md");

    public ContextNotLeft()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        if (!Balance.IsChecked(session, result)) yield break;
        foreach (var deviation in Balance.Deviations(session, result))
        {
            var contexts = deviation.Contexts.Where(static context => !context.IsBelowZero).ToImmutableArray();
            if (contexts.IsEmpty) continue;
            Held? holder = null;
            foreach (var context in contexts) holder ??= context.IsLeft ? null : deviation.At.HolderOf(context.Context);
            yield return new Violation(this, deviation.Location)
            {
                Contexts = contexts.Select(static context => context.Context).ToImmutableArray(),
                Holder = holder,
                Detail = contexts[0].IsLeft ? "missing" : holder?.Site is null && result.Contract.Transitions.Any(transition => transition.By < 0 && transition.Context.Equals(contexts[0].Context)) ? "kept" : "",
                Repair = Repairs.DeclaringTransitions(session, result),
            };
        }
    }
}
