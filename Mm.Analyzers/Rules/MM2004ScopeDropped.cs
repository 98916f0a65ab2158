using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>A guard is thrown away, or not disposed on some path.</summary>
internal sealed class ScopeDropped : BodyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2004",
        "Guard is thrown away or not disposed on some path",
        "The guard that '{1}' returns is {2}: {0} entered",
        Category.Balance,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A guard holds its context until it is disposed. Put it into a using statement or declaration, or hand it on.",
        Documentation + "MM2004.md");

    public ScopeDropped()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(Session session, FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            if (visit.Step is not CallStep { IsResultDropped: true } call || result.GivenBack.Contains(call.Id)) continue;
            var scope = session.Contracts.ScopeOf(call.ResultType);
            if (scope.All(static context => context.IsRegion)) continue;
            yield return new Violation(this, call.Location) { Subject = visit.Name, Contexts = scope, Detail = "thrown away" };
        }

        foreach (var visit in result.Returns)
        {
            if (visit.At.IsExceptional) continue;
            foreach (var held in visit.At.Held)
            {
                if (held.Guard is not { } guard || held.HasEscaped || held.Contexts.All(static context => context.IsRegion) || held.Site is null || IsHandedOut(guard, visit.Result)) continue;
                yield return new Violation(this, held.Site) { Contexts = held.Contexts, Subject = NameOf(result, held.Site), Detail = "not disposed on every path" };
            }
        }
    }

    /// <summary>To the caller, alone or as a part of a tuple.</summary>
    private static bool IsHandedOut(Value guard, Value? returned) =>
        guard.Equals(returned) || returned is TupleValue tuple && tuple.Items.Any(item => IsHandedOut(guard, item));

    private static string NameOf(FlowResult result, Location site)
    {
        foreach (var visit in result.Visits)
        {
            if (visit.Step is CallStep && visit.Step.Location.Equals(site)) return visit.Name;
        }

        return "the call";
    }
}
