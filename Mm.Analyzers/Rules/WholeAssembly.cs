using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>Judges the notes of all bodies: in one order, and each place once for each rule.</summary>
internal static class WholeAssembly
{
    public static IEnumerable<Violation> Judge(LockLedger ledger)
    {
        if (ledger.Takings.Count == 0) yield break;
        foreach (var rule in AllRules.Assembly)
        {
            var violations = rule.Judge(ledger).ToList();
            violations.Sort(Compare);
            Location? last = null;
            foreach (var violation in violations)
            {
                if (last is not null && last.Equals(violation.Location)) continue;
                last = violation.Location;
                yield return violation;
            }
        }
    }

    private static int Compare(Violation left, Violation right)
    {
        int order = LockLedger.Compare(left.Location, right.Location);
        if (order != 0) return order;
        order = string.CompareOrdinal(left.Detail, right.Detail);
        if (order != 0) return -order;
        order = string.CompareOrdinal(left.Subject, right.Subject);
        if (order != 0) return order;
        order = string.CompareOrdinal(left.Declared, right.Declared);
        if (order != 0) return order;
        order = Witness.Compare(left.Path!, right.Path!);
        if (order != 0) return order;
        order = LockLedger.Compare(left.Path!.Last.Location, right.Path!.Last.Location);
        return order != 0 ? order : (left.Holder?.Site?.SourceSpan.Start ?? 0) - (right.Holder?.Site?.SourceSpan.Start ?? 0);
    }
}
