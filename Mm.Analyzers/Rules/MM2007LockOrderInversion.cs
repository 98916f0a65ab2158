using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>Two lock classes are taken in both orders, directly or around a longer cycle.</summary>
internal sealed class LockOrderInversion : AssemblyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2007",
        "Locks are taken in both orders",
        "Lock '{0}' is taken under '{1}', but elsewhere {2}{3}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Two CPUs that each hold one of the locks and wait for the other wait for ever. Decide on one order, or drop the first lock before the second is taken.",
        Documentation + "MM2007.md",
        WellKnownDiagnosticTags.CompilationEnd);

    public LockOrderInversion()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(LockLedger ledger)
    {
        if (ledger.Nestings.Count < 2) yield break;
        var orders = new Dictionary<ISymbol, SortedList<string, Nesting>>(SymbolEqualityComparer.Default);
        foreach (var nesting in ledger.Nestings)
        {
            if (!orders.TryGetValue(nesting.Held, out var behind)) orders.Add(nesting.Held, behind = new SortedList<string, Nesting>(System.StringComparer.Ordinal));
            string name = nesting.Taken.ToDisplayString();
            if (!behind.TryGetValue(name, out var known) || IsBefore(nesting, known)) behind[name] = nesting;
        }

        foreach (var first in orders.Values.SelectMany(static behind => behind.Values))
        {
            if (WayBack(orders, first) is not { Count: > 0 } back) continue;
            yield return new Violation(this, first.Site)
            {
                Subject = NameOf(first.Taken),
                Declared = NameOf(first.Held),
                Detail = string.Join(", ", back.Select(static step => $"'{NameOf(step.Taken)}' under '{NameOf(step.Held)}'")),
                Path = first.Path,
                Related = back.Select(static step => step.Site).ToImmutableArray(),
            };
        }
    }

    private static bool IsBefore(Nesting left, Nesting right)
    {
        int order = LockLedger.Compare(left.Site, right.Site);
        return order < 0 || order == 0 && Witness.Compare(left.Path, right.Path) < 0;
    }

    /// <summary>The shortest chain of orders from the lock that is taken back to the one that is held; null if there is none.</summary>
    private static List<Nesting>? WayBack(Dictionary<ISymbol, SortedList<string, Nesting>> orders, Nesting from)
    {
        var reachedBy = new Dictionary<ISymbol, Nesting>(SymbolEqualityComparer.Default);
        var pending = new Queue<ISymbol>();
        pending.Enqueue(from.Taken);
        while (pending.Count > 0)
        {
            var at = pending.Dequeue();
            if (!orders.TryGetValue(at, out var behind)) continue;
            foreach (var next in behind.Values)
            {
                if (reachedBy.ContainsKey(next.Taken) || SymbolEqualityComparer.Default.Equals(next.Taken, from.Taken)) continue;
                reachedBy.Add(next.Taken, next);
                if (SymbolEqualityComparer.Default.Equals(next.Taken, from.Held)) return Chain(reachedBy, from);
                pending.Enqueue(next.Taken);
            }
        }

        return null;
    }

    private static List<Nesting> Chain(Dictionary<ISymbol, Nesting> reachedBy, Nesting from)
    {
        var chain = new List<Nesting>();
        for (var at = from.Held; !SymbolEqualityComparer.Default.Equals(at, from.Taken);)
        {
            var step = reachedBy[at];
            chain.Insert(0, step);
            at = step.Held;
        }

        return chain;
    }
}
