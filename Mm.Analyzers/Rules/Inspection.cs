using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Rules;

/// <summary>Judges one body and the lambdas and local functions in it.</summary>
internal sealed class Inspection
{
    private readonly Session _session;
    private readonly string _unknownCallees;
    private readonly CancellationToken _cancellation;
    private readonly List<Violation> _violations = new();
    private readonly HashSet<(string, Location)> _reported = new();

    public Inspection(Session session, string unknownCallees, CancellationToken cancellation)
    {
        _session = session;
        _unknownCallees = unknownCallees;
        _cancellation = cancellation;
    }

    public IReadOnlyList<Violation> Inspect(ISymbol symbol)
    {
        var pending = new Stack<(BodyKey Key, Contract Contract)>();
        var root = BodyKey.Of(symbol);
        pending.Push((root, symbol is IMethodSymbol method ? _session.Contracts.Of(method) : Contract.None));
        while (pending.Count > 0)
        {
            var (key, contract) = pending.Pop();
            if (_session.Check(key, contract, _cancellation) is not { } result) continue;
            if (!contract.IsTrusted) Judge(result);
            for (int i = result.Body.Functions.Length - 1; i >= 0; i--)
            {
                var function = result.Body.Functions[i];
                foreach (var rule in AllRules.Declarations) Add(rule.Judge(function.Key.Symbol));
                pending.Push((function.Key, ContractOf(function.Key, result, contract)));
            }
        }

        return _violations;
    }

    private void Judge(FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            var findings = new StepFindings(result, visit, _unknownCallees);
            foreach (var rule in AllRules.Steps)
            {
                if (rule.Judge(findings) is not { } violation) continue;
                Add(violation);
                break;
            }
        }

        foreach (var rule in AllRules.Bodies) Add(rule.Judge(_session, result));
    }

    /// <summary>What a nested function is held to: its own attributes, and what the place says that it goes to.</summary>
    private Contract ContractOf(BodyKey function, FlowResult around, Contract outer)
    {
        var contract = _session.Contracts.Of(function.Method!);
        if (outer.IsTrusted && !contract.SaysAnything) contract = contract with { IsTrusted = true };
        foreach (var visit in around.Visits)
        {
            if (visit.Step is not ConvertStep { Function: Symbol { Role: SymbolRole.Function, Key: BodyKey key }, Place: { } place } convert
                || !key.Equals(function)) continue;
            var receiving = place switch
            {
                IParameterSymbol { ContainingSymbol: IMethodSymbol method } parameter => _session.Contracts.OfParameter(method, parameter),
                IMethodSymbol factory => (_session.Contracts.Of(factory).Result ?? Contract.None).Over(_session.Contracts.OfDelegateType(convert.DelegateType)),
                _ => _session.Contracts.OfPlace(place, convert.DelegateType),
            };
            contract = contract.Over(new Contract { RunsIn = receiving.RunsIn, Requires = receiving.Requires, IsDeferred = receiving.IsDeferred });
        }

        return contract;
    }

    private void Add(IEnumerable<Violation> violations)
    {
        foreach (var violation in violations) Add(violation);
    }

    // Several alternatives, or several copies of a finally block, are one report.
    private void Add(Violation violation)
    {
        if (_reported.Add((violation.Rule.Descriptor.Id, violation.Location))) _violations.Add(violation);
    }
}
