using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Which values a step hands on to places of known allocator families: by what is declared, and by what callees do with theirs.</summary>
internal sealed partial class CalleeEffects
{
    public ImmutableArray<Passing> PassingsOf(CallStep call, Resolution resolution, Alternative alternative)
    {
        if (call.Arguments.IsEmpty && !AnyPasses(resolution)) return ImmutableArray<Passing>.Empty;
        var site = new Site(call.Location, call.Target, alternative, Arguments(call.Arguments, alternative),
            call.Receiver is null ? null : alternative.Evaluate(call.Receiver));
        var found = new List<Passing>();
        ToParameters(call.Target, resolution.Contract, call.Arguments, site, found);
        OfBodies(resolution, site, found);
        return found.ToImmutableArray();
    }

    public ImmutableArray<Passing> PassingsOf(InvokeStep invoke, Alternative alternative)
    {
        var site = new Site(invoke.Location, null, alternative, Arguments(invoke.Arguments, alternative), null);
        var found = new List<Passing>();
        if ((invoke.DelegateType as INamedTypeSymbol)?.DelegateInvokeMethod is { } signature)
        {
            ToParameters(signature, _session.Contracts.Of(signature), invoke.Arguments, site, found);
        }

        if (found.Count == 0 && TargetOf(alternative.Evaluate(invoke.Function)) is { } target)
        {
            ToParameters(target.Method, target.Resolution.Contract, invoke.Arguments, site, found);
            OfBodies(target.Resolution, site, found);
        }

        return found.ToImmutableArray();
    }

    /// <summary>A write to an annotated field, or to a by-reference parameter with a family.</summary>
    public ImmutableArray<Passing> PassingsOf(AssignStep assign, FlowResult result, Alternative alternative)
    {
        var family = assign.Place switch
        {
            { Role: SymbolRole.Field, Key: ISymbol field } => _session.Contracts.OfPlaceOnly(field).Family,
            { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when result.Body.Key.Method is { } method && ordinal < method.Parameters.Length
                && method.Parameters[ordinal].RefKind is RefKind.Ref or RefKind.Out => _session.Contracts.OfPlaceOnly(method.Parameters[ordinal]).Family,
            _ => null,
        };
        if (family is null) return ImmutableArray<Passing>.Empty;
        string name = assign.Variable?.Name ?? (assign.Place.Key as ISymbol)?.Name ?? "";
        return ImmutableArray.Create(new Passing(Declared(assign.Value, alternative), family, new Witness(name, assign.Location, null)));
    }

    /// <summary>The family of what a delegate returns, by its type or by the method that it invokes.</summary>
    public Family? ResultFamilyOf(InvokeStep invoke, Value function)
    {
        if ((invoke.DelegateType as INamedTypeSymbol)?.DelegateInvokeMethod is { } signature
            && Ownership.OfResult(signature, _session.Contracts.Of(signature)) is { } declared) return declared;
        return function is Symbol { Role: SymbolRole.Function, Key: BodyKey { Method: { } method } } ? Ownership.OfResult(method, _session.Contracts.Of(method)) : null;
    }

    private bool AnyPasses(Resolution resolution)
    {
        foreach (var key in resolution.Bodies)
        {
            if (SummaryOf(key) is { Passings.IsEmpty: false }) return true;
        }

        return false;
    }

    private (IMethodSymbol Method, Resolution Resolution)? TargetOf(Value function)
    {
        if (function is not Symbol { Role: SymbolRole.Function, Key: BodyKey { Method: { } method } key }) return null;
        return (method, key.IsNested ? new Resolution(_session.Contracts.Of(method), ImmutableArray.Create(key)) : _session.Resolver.Direct(method));
    }

    private void ToParameters(IMethodSymbol target, Contract contract, ImmutableArray<Value> arguments, Site site, List<Passing> found)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            var family = Ownership.OfParameter(contract, i);
            if (target.MethodKind == MethodKind.PropertySet && i == arguments.Length - 1) family ??= contract.Family;
            if (family is null || i < target.Parameters.Length && target.Parameters[i].RefKind == RefKind.Out) continue;
            found.Add(new Passing(Declared(arguments[i], site.Alternative), family, new Witness(Naming.Qualified(target), site.Location, null)));
        }
    }

    /// <summary>What callees do with what they are given, where their own declaration does not say it.</summary>
    private void OfBodies(Resolution resolution, Site site, List<Passing> found)
    {
        foreach (var key in resolution.Bodies)
        {
            if (SummaryOf(key) is not { } summary) continue;
            foreach (var passing in summary.Passings)
            {
                if (passing.Value is Symbol { Role: SymbolRole.Parameter, Index: var ordinal } && Ownership.OfParameter(resolution.Contract, ordinal) is not null) continue;
                if (Substitute(passing.Guard, site, site.Alternative.Facts) is null) continue;
                var value = passing.Value.Substitute(symbol => Replace(symbol, site));
                var next = new Passing(value, passing.Family, new Witness(Naming.Of(key.Method!), site.Location, passing.Witness));
                int same = found.FindIndex(known => known.Value.Equals(value));
                if (same < 0) found.Add(next);
                else found[same] = Either(found[same], next);
            }
        }
    }

    // Which of two ways is taken is not known here: a value of either family is good.
    private static Passing Either(Passing left, Passing right) =>
        new(left.Value, left.Family.With(right.Family), Witness.Compare(left.Witness, right.Witness) <= 0 ? left.Witness : right.Witness);

    // What is read from an annotated place is what the annotation says, whatever was written there before: that has been reported.
    private Value Declared(Value value, Alternative alternative) =>
        value is Symbol { Role: SymbolRole.Field, Key: ISymbol field } && _session.Contracts.OfPlaceOnly(field).Family is not null ? value : alternative.Evaluate(value);
}
