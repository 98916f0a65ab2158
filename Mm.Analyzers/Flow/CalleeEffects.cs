using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What a step may do in one alternative: contracts and summaries of what it calls, with the arguments put in. Delegates and type arguments: the other part.</summary>
internal sealed partial class CalleeEffects
{
    // A delegate that invokes a delegate that invokes…: beyond this many, nothing more is followed.
    private const int DelegateDepth = 6;

    private readonly Session _session;
    private readonly BodyKey _body;
    private readonly Contract _promised;
    private readonly OpenCycle? _cycle;
    private readonly bool _isJudged;
    private readonly CancellationToken _cancellation;

    public CalleeEffects(Session session, BodyKey body, Contract promised, OpenCycle? cycle, bool isJudged, CancellationToken cancellation)
    {
        _session = session;
        _body = body;
        _promised = promised;
        _cycle = cycle;
        _isJudged = isJudged;
        _cancellation = cancellation;
    }

    public HashSet<BodyKey> Missing { get; } = new();

    /// <summary>Something was left out that a summary does without, and a judgement does not.</summary>
    public bool HasLeftOut { get; private set; }

    /// <summary>Resolves a call; a receiver that was just made leaves no choice.</summary>
    public Resolution Resolve(CallStep call, Alternative alternative)
    {
        if (!call.IsVirtual || call.Receiver is null) return _session.Resolver.Resolve(call, _cancellation);
        var receiver = alternative.Evaluate(call.Receiver);
        if (ExactType(receiver, alternative.Facts, call.Target) is { } exact && Implementations.InType(call.Target, exact) is { } method) return _session.Resolver.Resolve(new CallTarget(method, exact, IsVirtual: false), _cancellation);
        return MadeResults.Disposing(_session.Resolver, call.Target, MadeResults.ClassesIn(alternative.Facts, receiver, call.Target)) ?? _session.Resolver.Resolve(call, _cancellation);
    }

    public Contract ContractOf(InvokeStep invoke)
    {
        switch (invoke.Place)
        {
            case IParameterSymbol { ContainingSymbol: IMethodSymbol method } parameter:
                return _session.Contracts.OfParameter(method, parameter);
            case IMethodSymbol factory:
                return (_session.Contracts.Of(factory).Result ?? Contract.None).Over(_session.Contracts.OfDelegateType(invoke.DelegateType));
            case null:
                return _session.Contracts.OfDelegateType(invoke.DelegateType);
            default:
                return _session.Contracts.OfPlace(invoke.Place, invoke.DelegateType);
        }
    }

    public ImmutableArray<AppliedEffect> Of(CallStep call, Resolution resolution, Alternative alternative)
    {
        var call1 = new Site(call.Location, call.Target, alternative, Arguments(call.Arguments, alternative),
            call.Receiver is null ? null : alternative.Evaluate(call.Receiver)) { ReceiverType = call.ReceiverType };
        var found = ImmutableArray.CreateBuilder<AppliedEffect>(0);
        if (!resolution.Contract.IsNone) Declared(call.IsDirect ? WithoutAllocation(resolution.Contract) : resolution.Contract, Naming.Qualified(call.Target, call.ReceiverType), call1, found, 0);
        if (resolution.IsUnknown) Apply(Entry(EffectKind.Unknown, Naming.Qualified(call.Target), call1), call1, found);
        bool isGeneric = call.ConstrainedTo is not null && (resolution.Bodies.Length > 0 || resolution.IsFramework && call.Target is { ContainingType: { TypeKind: TypeKind.Interface } or { SpecialType: SpecialType.System_Object } });
        bool isOpen = !isGeneric && call.IsVirtual && resolution.Bodies.Length > 0 && IsOpen(call.Target.ContainingType) && !Equals(call1.Receiver, Symbol.This);
        bool isOfGiven = IsChoiceOfGiven(call, resolution, call1);
        foreach (var key in resolution.Bodies)
        {
            if (_session.IsSilent(key, _cancellation)) continue;
            int before = found.Count;
            if ((isOfGiven ? ChosenBy(call1, key, resolution) : call1) is not { } chosen) continue;
            OfBody(key, resolution.Contract, chosen with { Target = AsReceived(call, key, chosen), IsGeneric = isGeneric || isOpen, IsOther = IsOther(call, key) }, found, 0);
            if (IsChoice(call, resolution, call1)) NoteDispatch(call, key, found, before);
        }

        if (isGeneric || isOpen) OfOpenMember(call, call1, call.Target.ContainingType is { IsGenericType: true } through ? through : null, found);

        if (resolution.IsFramework)
        {
            OfFrameworkCallbacks(call, resolution, call1, found);
            OfEnumeration(call, resolution, call1, found);
        }

        OfLock(call, resolution, call1, found);
        OfDispatch(call, call1, found);
        OfAsked(call, resolution, call1, found);
        if (call.IsThrown) RemoveAllocations(found);
        return found.ToImmutable();
    }

    public ImmutableArray<AppliedEffect> Of(InvokeStep invoke, Alternative alternative)
    {
        var contract = ContractOf(invoke);
        var site = new Site(invoke.Location, null, alternative, Arguments(invoke.Arguments, alternative), null);
        var found = ImmutableArray.CreateBuilder<AppliedEffect>(0);
        string name = Naming.OfDelegate(invoke.Place, invoke.DelegateType);
        Declared(contract, name, site, found, 0);
        OfFunction(alternative.Evaluate(invoke.Function), contract, name, site, null, found, 0);
        return found.ToImmutable();
    }

    private static ImmutableArray<Value> Arguments(ImmutableArray<Value> arguments, Alternative alternative) =>
        alternative.Evaluate(arguments);

    private static Contract WithoutAllocation(Contract contract) => contract with { Might = contract.Might.RemoveAll(static clause => clause.Effect.Equals(EffectKind.Allocate)) };

    private static EffectEntry Entry(EffectKind effect, string name, Site site) => new(effect, new Witness(name, site.Location, null));

    private Summary? SummaryOf(BodyKey key)
    {
        if (_cycle?.Read(key) is { } current) return current;
        if (_session.Summaries.Find(key) is { } finished) return finished;
        if (_session.IsSilent(key, _cancellation)) return Summary.Neutral;
        if (_isJudged) return _session.Summaries.Solve(key, _cancellation);
        Missing.Add(key);
        return null;
    }

    /// <summary>What a contract declares: effects, contexts in which it must or must not be called.</summary>
    private void Declared(Contract contract, string name, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        foreach (var context in contract.ForbiddenIn) Apply(Entry(EffectKind.ForbiddenIn(context), name, site), site, found);
        foreach (var context in contract.Requires) Apply(Entry(EffectKind.Requires(context), name, site), site, found);
        foreach (var clause in contract.Might)
        {
            var entry = Entry(clause.Effect, name, site);
            if (clause.When is { } condition)
            {
                // Over the parameters of the callee: Apply puts the arguments in.
                if (FactSet.Empty.Assume(condition.Holds, true) is not { } guard) continue;
                entry = entry with { Guard = guard, IsFlags = condition.IsFlags, Witness = Witness.Of(name, site.Location, null, condition.Text) };
            }

            Apply(entry, site, found);
            if (clause.Effect.Equals(EffectKind.Sleep)) OfSleep(entry, site, found);
        }
    }

    /// <summary>
    /// What an override or implementation with a contract of its own says beyond the called declaration. What it asks of its callers, and what it
    /// may do against the promise there, is MM3001 at it, and nothing at a call.
    /// </summary>
    private static Contract AddedTo(Contract called, Contract own) => own with
    {
        Might = own.Might.RemoveAll(clause => called.Mentions(clause.Effect)),
        ForbiddenIn = ImmutableArray<ContextKind>.Empty,
        Requires = ImmutableArray<ContextKind>.Empty,
    };

    private void OfBody(BodyKey key, Contract called, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        if (depth > 0 && WasFollowed(key, site, found, depth)) return;
        var machine = _session.MachineOf(key, _cancellation);

        // What a callee has been given to call, it may well enumerate.
        bool isOnlyMade = machine is { IsIterator: true } && !site.IsEnumerated && depth == 0;
        var own = key.Method is { } method ? _session.Contracts.Of(method) : Contract.None;
        if (!ReferenceEquals(own, called))
        {
            Declared(AddedTo(called, own), key.Method is { } m ? Naming.Qualified(m) : key.Symbol.Name, site, found, depth);
            if (own.IsTrusted) return;
        }

        if (machine is not null && !site.IsEnumerated && !called.Mentions(EffectKind.Allocate) && !own.Mentions(EffectKind.Allocate)) Apply(Entry(EffectKind.Allocate, NameOf(key, site), site), site, found);
        if (isOnlyMade || SummaryOf(key) is not { } summary) return;
        if (IsWithin(key, site)) site = site with { IsWithin = true };
        string? name = null;
        foreach (var entry in summary.Effects)
        {
            if (entry.Effect.Role == EffectRole.Effect && (called.Mentions(entry.Effect) || own.Mentions(entry.Effect))) continue;

            // What another assembly has recorded of a virtual call begins with the body that it ran.
            var way = key.IsDispatch ? Witness.Of(entry.Witness.Name, site.Location, entry.Witness.Next, entry.Witness.Condition) : new Witness(name ??= NameOf(key, site), site.Location, entry.Witness);
            if (entry.Effect.Role == EffectRole.Deferred)
            {
                if (!IsTakenAtItsWord(entry, own, called)) OfDeferred(entry with { Witness = way }, site, found, depth);
            }
            else Apply(entry, way, site, found);
        }
    }

    /// <summary>What a path calls a body: the instance of a generic that is called; what runs in place of the declaration called, with its type.</summary>
    private string NameOf(BodyKey key, Site site)
    {
        if (key.Method is not { } method) return key.Symbol.Name;
        if (site.Target is { IsGenericMethod: true } or { ContainingType.IsGenericType: true } && SymbolEqualityComparer.Default.Equals((site.Target.ReducedFrom ?? site.Target).OriginalDefinition, method.OriginalDefinition)) method = site.Target;
        return site.IsOther || Naming.IsInstance(method.ContainingType) || IsNamesake(method) ? Naming.Qualified(method) : Naming.Of(method);
    }

    // 'Write' that calls the 'Write' of a base class, or of what it wraps.
    private bool IsNamesake(IMethodSymbol method) =>
        _body.Method is { MethodKind: not MethodKind.Constructor } around && around.Name == method.Name && !SymbolEqualityComparer.Default.Equals(around.ContainingType?.OriginalDefinition, method.ContainingType?.OriginalDefinition);

    private static bool IsOther(CallStep call, BodyKey key) => call.IsVirtual && !key.IsDispatch && !SymbolEqualityComparer.Default.Equals(call.Target.OriginalDefinition, key.Symbol.OriginalDefinition);

    // A parameter that says when it is invoked, or where it is started, is not followed into the body.
    private static bool IsTakenAtItsWord(EffectEntry entry, Contract own, Contract called) =>
        entry.Function is Symbol { Role: SymbolRole.Parameter, Index: var ordinal }
        && (called.Parameters.TryGetValue(ordinal, out var place) && (place.IsDeferred || entry.IsStarted) || entry.IsStarted && own.Parameters.ContainsKey(ordinal));

    private void Apply(EffectEntry entry, Site site, ImmutableArray<AppliedEffect>.Builder found) => Apply(entry, entry.Witness, site, found);

    /// <summary>Puts the arguments into an entry, drops it where its condition cannot hold, and adds it with the way to it from here.</summary>
    private void Apply(EffectEntry entry, Witness way, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (!_session.Matters(entry.Effect)) return;
        var alternative = site.Alternative;
        var facts = site.IsOpen ? alternative.Facts : Substitute(entry.Guard, site, alternative.Facts);
        if (facts is null) return;
        var at = entry.IsStarted ? entry.Change : alternative.Depths.Add(entry.Change);
        bool isDormant = false;
        foreach (var context in entry.Contexts)
        {
            // What the callee enters later is not what it has found when it asked.
            if (!context.IsIn && alternative.PossiblyIn(context.Context, alternative.Depths.Add(entry.Change.OnlyLeft())) is not null) return;
            if (context.IsIn && !alternative.IsIn(context.Context, alternative.Depths)) isDormant = true;
        }

        bool isOfOther = !entry.OnThis.IsEmpty && !Equals(site.Receiver, Symbol.This) && !site.IsWithin;
        if (!entry.OnThis.IsEmpty && !MayGetThere(entry, site)) return;
        if (site.Outer is { } outer) way = Join(outer.Witness, way);

        // One copy with all that is different here: of every call, this is what is made most often.
        if (isOfOther || entry.Acquired is not null || !ReferenceEquals(way, entry.Witness))
        {
            entry = entry with
            {
                Witness = way,
                Acquired = entry.Acquired is { } acquired ? InCaller(acquired, site) : null,
                OnThis = isOfOther ? ImmutableArray<Dispatch>.Empty : entry.OnThis,
            };
        }

        found.Add(new AppliedEffect(entry, at, facts, ReferenceEquals(facts, alternative.Facts) || Implies(alternative.Facts, facts))
        {
            IsDormant = isDormant,
            IsGeneric = site.IsGeneric,
            IsElsewhere = site.IsStarted || entry.IsStarted,
            Arguments = entry.IsFlags ? ParametersIn(entry.Guard) : ImmutableArray<int>.Empty,
        });
    }

    private static ImmutableArray<int> ParametersIn(FactSet guard)
    {
        var ordinals = ImmutableArray<int>.Empty;
        foreach (var fact in guard.All)
        {
            fact.Key.Mentions(symbol =>
            {
                if (symbol is { Role: SymbolRole.Parameter, Index: >= 0 } && !ordinals.Contains(symbol.Index)) ordinals = ordinals.Add(symbol.Index);
                return false;
            });
        }

        return ordinals;
    }

    /// <summary>A delegate that a delegate invokes is behind the way to both.</summary>
    private static EffectEntry Behind(EffectEntry? outer, EffectEntry entry) => outer is null ? entry : entry with { Witness = Join(outer.Witness, entry.Witness) };

    // The last hop of the outer way is the delegate's own name: what runs stands in its place. Where .NET invokes it, nobody can open.
    private static Witness Join(Witness outer, Witness inner)
    {
        var hops = new Stack<Witness>();
        for (var at = outer; at.Next is not null; at = at.Next) hops.Push(at);
        if (hops.Count == 0) hops.Push(outer);
        var result = Witness.Of(inner.Name, outer.Next is null ? Location.None : outer.Last.Location, inner.Next, inner.Condition);
        while (hops.Count > 0)
        {
            var hop = hops.Pop();
            result = new Witness(hop.Name, hop.Location, result);
        }

        return result;
    }

    private static bool Implies(FactSet facts, FactSet more)
    {
        foreach (var fact in more.All)
        {
            if (!facts.Of(fact.Key).And(fact.Value)?.Equals(facts.Of(fact.Key)) ?? true) return false;
        }

        return true;
    }

    /// <summary>Where and with what something is called.</summary>
    private sealed record Site(Location Location, IMethodSymbol? Target, Alternative Alternative, ImmutableArray<Value> Arguments, Value? Receiver)
    {
        /// <summary>The static type of the receiver.</summary>
        public ITypeSymbol? ReceiverType { get; init; }

        /// <summary>The entry of a callee through which this is reached.</summary>
        public EffectEntry? Outer { get; init; }

        /// <summary>What runs is an override or implementation of what is called.</summary>
        public bool IsOther { get; init; }

        /// <summary>Judged for all type arguments, because this body knows none.</summary>
        public bool IsGeneric { get; init; }

        /// <summary>A callee has given it to a place that starts it.</summary>
        public bool IsStarted { get; init; }

        /// <summary>It goes to a place that promises something.</summary>
        public bool IsPromised { get; init; }

        /// <summary>The iterator was called before, and runs now.</summary>
        public bool IsEnumerated { get; init; }

        /// <summary>A lambda or local function runs, on the object of the body around it.</summary>
        public bool IsWithin { get; init; }

        /// <summary>The entry is already in terms of this body.</summary>
        public bool IsOpen { get; init; }
    }
}
