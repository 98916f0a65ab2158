using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What is left open by a callee and known here: the delegates and type arguments it was given.</summary>
internal sealed partial class CalleeEffects
{
    /// <summary>A delegate that goes to a place: what each part of it does when the place starts it. None for null, and for places that follow it.</summary>
    public IEnumerable<ConversionVisit> OfConversion(ConvertStep convert, Alternative alternative)
    {
        if (convert is { Place: ILocalSymbol, IsUnread: false } && _session.Contracts.OfPlaceOnly(convert.Place).IsNone) yield break;
        var function = alternative.Evaluate(convert.Function);
        foreach (var part in function is CombinedValue combined ? combined.Parts : ImmutableArray.Create(function))
        {
            if (part is not Constant) yield return OfConversion(convert, part, alternative);
        }
    }

    private ConversionVisit OfConversion(ConvertStep convert, Value function, Alternative alternative)
    {
        var place = convert.Place is null ? _session.Contracts.OfDelegateType(convert.DelegateType) : _session.Contracts.OfPlaceOnly(convert.Place);
        var depths = ContextDepths.None;
        foreach (var context in place.RunsIn.Concat(place.Requires)) depths = depths.With(context, Depth.One);
        var inside = new Alternative { Depths = depths, Environment = alternative.Environment, Facts = alternative.Facts };
        var site = new Site(convert.Location, null, inside, ImmutableArray<Value>.Empty, null) { IsPromised = !place.Never.IsEmpty };
        var found = ImmutableArray.CreateBuilder<AppliedEffect>();
        var outcomes = Summary.Neutral.Outcomes;
        if (function is Symbol { Role: SymbolRole.Function, Key: BodyKey key } target)
        {
            OfFunction(target, Contract.None, Naming.Of(key.Method!), site, null, found, 0);
            if (key.IsLambda && !place.IsDeferred) RemoveMet(found, _session.Contracts.FromContainers(key.Method!));
            if (key.IsNested) outcomes = OutcomesOf(key, null, CalledValue.ReceiverOf(target), ImmutableArray<Value>.Empty, inside);
            else if (_session.Contracts.Of(key.Method!) is { Transitions.IsEmpty: false } declared)
            {
                outcomes = ImmutableArray.Create(new Outcome { Change = new Contract { Transitions = declared.Transitions }.Change() });
            }
            else if (_session.Resolver.Direct(key.Method!).Bodies is { Length: 1 } bodies)
            {
                outcomes = OutcomesOf(bodies[0], null, CalledValue.ReceiverOf(target), ImmutableArray<Value>.Empty, inside);
            }
        }
        else if (function is Symbol { Role: SymbolRole.Field, Key: ISymbol field } && _session.Contracts.OfOrigin(convert.Origin, convert.OriginType).IsNone
            && _session.Contracts.OfPlaceOnly(field).IsNone
            && _session.Delegates.Into(field, _cancellation) is { IsDefault: false } flows)
        {
            foreach (var flow in flows) OfFunction(flow, Contract.None, field.Name, site, null, found, 1);
            return new ConversionVisit(convert, place, flows.IsEmpty ? Constant.Null : flows[0], inside, found.ToImmutable(), outcomes);
        }

        var origin = _session.Contracts.OfOrigin(convert.Origin, convert.OriginType);
        if (function is Symbol open && IsOpen(open) && IsStarting(place) && origin.IsNone) OfFunction(function, Contract.None, convert.Origin?.Name ?? "delegate", site, null, found, 0);
        return new ConversionVisit(convert, place, function, inside, found.ToImmutable(), outcomes) { Origin = origin };
    }

    /// <summary>Whether a place says where it starts what it is given: whoever hands something on to it knows no more than its callers what that does.</summary>
    public static bool IsStarting(Contract place) => !place.RunsIn.IsEmpty || !place.Requires.IsEmpty;

    /// <summary>What the type around a lambda says holds in it, the lambda does not have to ask for.</summary>
    private static void RemoveMet(ImmutableArray<AppliedEffect>.Builder found, Contract around)
    {
        for (int i = found.Count - 1; i >= 0; i--)
        {
            if (found[i].Entry.Effect is { Role: EffectRole.Requires, Context: { } context } && around.RunsIn.Concat(around.Requires).Any(held => held.Implies(context))) found.RemoveAt(i);
        }
    }

    /// <summary>A callee invokes a delegate, or a member of a type parameter, that this body knows more about.</summary>
    private void OfDeferred(EffectEntry entry, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        int before = found.Count;
        FollowDeferred(entry, site, found, depth);
        if (!entry.HeldLocks.IsEmpty) HoldLocks(entry, site, found, before);
        if (entry.Within.IsEmpty) return;
        for (int i = before; i < found.Count; i++)
        {
            var inner = found[i].Entry;
            var all = EffectEntry.Inside(entry.Within, inner.Within);
            if (all != inner.Within) found[i] = found[i] with { Entry = inner with { Within = all } };
        }
    }

    private void FollowDeferred(EffectEntry entry, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        if (depth > DelegateDepth || Substitute(entry.Guard, site, site.Alternative.Facts) is null) return;
        var inner = site with
        {
            Alternative = site.Alternative with { Depths = entry.IsStarted ? entry.Change : site.Alternative.Depths.Add(entry.Change) },
            IsStarted = site.IsStarted || entry.IsStarted,
            Arguments = entry.Arguments.Select(argument => argument.Substitute(symbol => Replace(symbol, site))).ToImmutableArray(),
            Receiver = null,
            Outer = Behind(site.Outer, entry),
            IsOther = entry.Member is not null,
        };
        if (entry.TypeParameter is { } parameter) OfTypeArgument(entry, parameter, site, inner, found, depth);
        else if (entry.Through is { } through) OfConstructed(entry, through, site, inner, found, depth);
        else if (entry.Member is { } asked) OfAskedMember(entry, asked, site, inner, found, depth);
        else if (entry.Function is Symbol { Role: SymbolRole.Field, Key: ISymbol } kept) OfKept(kept, entry, site, inner, found, depth);
        else OfFunction(entry.Function!.Substitute(symbol => Replace(symbol, site)), Contract.None, entry.Witness.Last.Name, inner, entry, found, depth + 1);
    }

    /// <summary>The invocation of a delegate value: what is visible of it, as far as its place is silent.</summary>
    private void OfFunction(
        Value function, Contract place, string name, Site site, EffectEntry? outer, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        if (depth > DelegateDepth) return;
        if (!place.SaysAnything && DeclaredOf(function) is { SaysAnything: true } declared)
        {
            Declared(declared, name, site, found, depth);
            return;
        }

        switch (function)
        {
            case Constant:
                return;
            case Symbol { Role: SymbolRole.Function, Key: BodyKey key } target:
                var bound = target.Parent as CalledValue;
                if (key.IsNested)
                {
                    var own = _session.Contracts.Of(key.Method!);
                    Declared(own, name, site, found, depth);
                    int before = found.Count;
                    if (!own.IsTrusted) OfBody(key, place.SaysAnything ? place : own, site with { Receiver = CalledValue.ReceiverOf(target), Target = bound?.Target as IMethodSymbol }, found, depth);
                    RemoveJudged(found, before, place);
                    if (key.IsLambda && !site.IsPromised && _session.Contracts.FromContainers(key.Method!) is { IsNone: false } around) RemoveJudgedInside(found, before, around);
                    return;
                }

                if (bound?.Type is ITypeParameterSymbol parameter)
                {
                    OfOpenGroup((IMethodSymbol)bound.Target!, parameter, place, site, found, depth);
                    return;
                }

                var resolution = key.Method is { IsAbstract: false, IsVirtual: false, IsOverride: false } method
                    ? _session.Resolver.Direct(method)
                    : ResolveGroup(key, bound);
                Declared(Silenced(resolution.Contract, place), Naming.Qualified(key.Method!), site, found, depth);
                if (resolution.IsUnknown && !place.SaysAnything) Apply(Entry(EffectKind.Unknown, Naming.Qualified(key.Method!), site), site, found);
                foreach (var body in resolution.Bodies)
                {
                    var called = bound?.Target as IMethodSymbol ?? key.Method!;
                    OfBody(body, resolution.Contract.Over(place), site with { Receiver = CalledValue.ReceiverOf(target), Target = AsIn(bound?.Type as INamedTypeSymbol, called, body) }, found, depth);
                }

                return;
            case Symbol { Role: SymbolRole.Iterator, Key: null, Parent: { } enumerated }:
                OfIterator(enumerated, site, found, depth, isOpen: true);
                return;
            case CombinedValue combined:
                foreach (var part in combined.Parts) OfFunction(part, place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Field, Key: TupleElement part, Parent: Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element, Parent: ListedValue tuples } }:
                foreach (var item in tuples.Items) OfFunction(TupleValue.Element(item, part), place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element, Parent: ListedValue listed }:
                foreach (var item in listed.Items) OfFunction(item, place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element, Parent: TupleValue { Items: { Length: 2 } at } } element:
                if (!OfTable(at[0], at[1], place, name, site, outer, found, depth)) OfFunction(element.On(at[0]), place, name, site, outer, found, depth);
                return;
            case Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element, Parent: Symbol { Role: SymbolRole.Merge, Key: Symbol { Role: SymbolRole.Field } taken } } element:
                // Out of a container that was in the field before another one was put there.
                OfFunction(element.On(taken), place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol kept } when !place.SaysAnything && !IsAround(kept.ContainingSymbol) && _session.Delegates.Seen(kept, _cancellation) is { Values.IsDefault: false } given:
                // A lambda of another method has it, which has left that method.
                OfFlows((Symbol)function, given, name, site, outer, found, depth);
                if (given.IsAll) return;
                break;
            case Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field or SymbolRole.Fresh } open when !place.SaysAnything && IsOpen(open):
                Apply(Entry(EffectKind.Deferred, name, site) with { Function = open, Arguments = site.Arguments }, site with { IsOpen = true }, found);
                return;
            case Symbol { Role: SymbolRole.Merge, Key: Symbol { Role: SymbolRole.Field } before } when !place.SaysAnything:
                // What was in the field before it was written again: 'var act = _act; _act = null; act();'.
                OfFunction(before, place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Field, Key: TupleElement column, Parent: Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element } tuple }:
                if (tuple.Parent is TupleValue { Items: { Length: 2 } row } && OfTable(row[0], row[1], place, name, site, outer, found, depth, column)) return;
                OfFunction(tuple.Parent is TupleValue { Items: { Length: 2 } cell } ? tuple.On(cell[0]) : tuple, place, name, site, outer, found, depth);
                return;
            case Symbol { Role: SymbolRole.Field, Parent: Symbol { Role: SymbolRole.Field } } kept when !place.SaysAnything && KeptHandlers.Of(_session.Bodies, kept, _cancellation) is { } handler:
                OfFunction(handler, place, name, site, outer, found, depth + 1);
                return;
            case Symbol { Role: SymbolRole.Field or SymbolRole.Fresh } when !place.SaysAnything:
                var flows = FlowsInto(function);
                if (flows.Values.IsDefault)
                {
                    if (IsOfGiven(function)) Ask((Symbol)function, name, site, found);
                    break;
                }

                int first = found.Count;
                OfFlows((Symbol)function, flows, name, site, outer, found, depth);
                RemoveConverted(found, first);
                if (!flows.IsAll) break;
                return;
        }

        if (!place.SaysAnything) Apply(Entry(EffectKind.Unknown, name, site), site, found);
    }

    /// <summary>A lambda for a place that starts in a context is judged inside: what that context forbids is reported there.</summary>
    private static void RemoveJudged(ImmutableArray<AppliedEffect>.Builder found, int from, Contract place)
    {
        if (place.RunsIn.IsEmpty) return;
        var start = place.Start();
        for (int i = found.Count - 1; i >= from; i--)
        {
            if (start.Add(found[i].Entry.Change).Forbidding(found[i].Entry.Effect) is not null) found.RemoveAt(i);
        }
    }

    // What the type of a lambda says of its members holds in the lambda.
    private static void RemoveJudgedInside(ImmutableArray<AppliedEffect>.Builder found, int from, Contract around)
    {
        RemoveJudged(found, from, around);
        for (int i = found.Count - 1; i >= from; i--)
        {
            if (around.Never.Contains(found[i].Entry.Effect)) found.RemoveAt(i);
        }
    }

    private bool IsAround(ISymbol? method)
    {
        for (var at = _body.Symbol; at is not null and not INamedTypeSymbol; at = at.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(at, method)) return true;
        }

        return false;
    }

    /// <summary>What a method asks of its callers was reported where it went to a place that does not say so.</summary>
    private static void RemoveConverted(ImmutableArray<AppliedEffect>.Builder found, int from)
    {
        for (int i = found.Count - 1; i >= from; i--)
        {
            if (found[i].Entry.Effect.Role == EffectRole.Requires) found.RemoveAt(i);
        }
    }

    /// <summary>What the parameter, field or variable that a delegate comes from says of it, wherever it is invoked.</summary>
    private Contract DeclaredOf(Value function) => function switch
    {
        Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when _body.Method is { } method && ordinal < method.Parameters.Length =>
            _session.Contracts.OfParameter(method, method.Parameters[ordinal]),
        Symbol { Role: SymbolRole.Field or SymbolRole.Captured, Key: ISymbol place } => _session.Contracts.OfPlaceOnly(place),
        _ => Contract.None,
    };

    /// <summary>What visibly flows into the field, or into the elements of the array in it.</summary>
    private SeenFlows FlowsInto(Value place) => place switch
    {
        Symbol { Role: SymbolRole.Field, Key: ISymbol field } => _session.Delegates.Seen(field, _cancellation),
        Symbol { Role: SymbolRole.Fresh, Key: OperationLowering.Element } when OperationLowering.RootOf(place) is { Key: IFieldSymbol or IPropertySymbol or ILocalSymbol or IMethodSymbol } container =>
            _session.Delegates.IntoElements((ISymbol)container.Key!, _cancellation),
        _ => default,
    };

    /// <summary>It came from the caller, as it is, as a part of a tuple, or out of a collection.</summary>
    private static bool IsOpen(Symbol function)
    {
        while (function is { Key: TupleElement, Parent: Symbol whole }) function = whole;
        if (function is { Key: OperationLowering.Element, Parent: Symbol } && OperationLowering.RootOf(function) is { Role: SymbolRole.Parameter, Index: >= 0 } or { Role: SymbolRole.Captured, Key: IParameterSymbol }) return true;
        return function.Role is SymbolRole.Parameter or SymbolRole.Captured;
    }

    private static Contract Silenced(Contract contract, Contract by) =>
        by.SpeaksOfEffects ? contract with { Might = contract.Might.RemoveAll(clause => by.Mentions(clause.Effect)) } : contract;

    private Resolution ResolveGroup(BodyKey key, CalledValue? bound)
    {
        var method = bound?.Target as IMethodSymbol ?? key.Method!;
        return _session.Resolver.Resolve(new CallTarget(method, bound?.Type as ITypeSymbol ?? method.ContainingType, IsVirtual: true), _cancellation);
    }

    /// <summary>A .NET member that the catalogue does not list otherwise invokes its delegate arguments before it returns.</summary>
    private void OfFrameworkCallbacks(CallStep call, Resolution resolution, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        // Events and properties keep what they are given.
        if (call.Target.MethodKind is MethodKind.EventAdd or MethodKind.EventRemove or MethodKind.PropertySet) return;
        foreach (var parameter in call.Target.Parameters)
        {
            if (parameter.Type.TypeKind != TypeKind.Delegate || parameter.Ordinal >= site.Arguments.Length) continue;

            // Whoever takes any T at all can keep it, but not invoke it: Queue<Action>.Enqueue.
            if (parameter.OriginalDefinition.Type is ITypeParameterSymbol) continue;
            if (resolution.Contract.Parameters.TryGetValue(parameter.Ordinal, out var place) && place.IsDeferred) continue;
            var entry = Entry(EffectKind.Deferred, Naming.Of(call.Target), site);
            var inner = site with { Outer = Behind(site.Outer, entry), Arguments = HandedTo(parameter, call, site), Receiver = null };
            OfFunction(site.Arguments[parameter.Ordinal], place ?? Contract.None, Naming.Of(call.Target), inner, entry, found, 1);
        }
    }

    private static ImmutableArray<Value> HandedTo(IParameterSymbol callback, CallStep call, Site site)
    {
        if (call.Element is null || callback.Type is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke }) return ImmutableArray<Value>.Empty;
        var element = site.Alternative.Evaluate(call.Element);
        return ImmutableArray.CreateRange(invoke.Parameters, given => OperationLowering.HoldsFunction(given.Type) ? element : new Symbol(SymbolRole.Fresh, -4, given));
    }
}
