using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What runs without a call of it: an iterator where it is enumerated, a static constructor at the first use of its type.</summary>
internal sealed partial class CalleeEffects
{
    public ImmutableArray<AppliedEffect> Of(Step step, Alternative alternative)
    {
        var site = new Site(step.Location, null, alternative, ImmutableArray<Value>.Empty, null);
        var found = ImmutableArray.CreateBuilder<AppliedEffect>(0);
        switch (step)
        {
            case AllocateStep { TypeParameter: { } made } create:
                OfMade(Entry(EffectKind.Deferred, create.What, site) with { TypeParameter = made }, made, site, found, 0);
                break;
            case AllocateStep allocate:
                Apply(Entry(EffectKind.Allocate, allocate.What, site), site, found);
                break;
            case MonitorStep:
                Apply(Entry(EffectKind.Sleep, "Monitor.Enter", site), site, found);
                break;
            case UnknownStep unknown:
                Apply(Entry(EffectKind.Unknown, unknown.What, site), site, found);
                break;
            case TypeUseStep use:
                foreach (var constructor in use.Type.StaticConstructors)
                {
                    var declared = _session.Contracts.Of(constructor);
                    foreach (var clause in declared.Might)
                    {
                        if (clause.When is null && CountsAtFirstUse(clause.Effect)) Apply(Entry(clause.Effect, Naming.Qualified(constructor), site), site, found);
                    }

                    if (declared.IsTrusted || SummaryOf(BodyKey.Of(constructor)) is not { } summary) continue;
                    foreach (var entry in summary.Effects)
                    {
                        if (!CountsAtFirstUse(entry.Effect) || declared.Mentions(entry.Effect)) continue;
                        Apply(entry with { Witness = new Witness(Naming.Of(constructor), step.Location, entry.Witness) }, site, found);
                    }
                }

                break;
        }

        return found.ToImmutable();
    }

    // The key of an iterator that a query operator made.
    private const string Query = "query";

    /// <summary>An iterator runs where one of .NET's members enumerates it, which is what they do with it.</summary>
    private void OfEnumeration(CallStep call, Resolution resolution, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        if (IsQuery(call, resolution)) return;
        if (site.Receiver is { } receiver && RunsIterator(call, receiver)) OfIterator(receiver, site, found, 0, isOpen: IsStart(call.Target) || call.Target.Name is "MoveNext" or "MoveNextAsync");
        for (int i = 0; i < site.Arguments.Length; i++)
        {
            bool isOpen = site.Target is { } target && i < target.Parameters.Length
                && target.Parameters[i].Type is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IAsyncEnumerable" };
            OfIterator(site.Arguments[i], site, found, 0, isOpen);
        }
    }

    private static bool IsStart(IMethodSymbol member) => member.Name is "GetEnumerator" or "GetAsyncEnumerator";

    // A loop moves what it asks for; whoever asks by hand moves it later.
    private static bool RunsIterator(CallStep call, Value receiver) =>
        IsStart(call.Target) ? call.IsImplicit || !IsSequence(receiver) : call.Target.Name is not ("get_Current" or "Dispose" or "DisposeAsync" or "Reset");

    private static bool IsSequence(Value value) => value is CombinedValue or Symbol { Role: SymbolRole.Iterator };

    /// <summary>
    /// What a query operator of .NET returns: the functions that it keeps, and the sequences that it reads, run where the result is
    /// enumerated. Null where the call is none, or nothing of it is known.
    /// </summary>
    public Value? QueryOf(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments)
    {
        if (receiver is not null && resolution.IsFramework && IsStart(call.Target) && IsSequence(receiver)) return receiver;
        if (!IsQuery(call, resolution)) return null;
        Value? parts = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            bool isKept = resolution.Contract.Parameters.TryGetValue(i, out var place) && place.IsDeferred
                ? arguments[i] is CombinedValue or Symbol { Role: SymbolRole.Function } || TypeGiven(arguments[i]) is { TypeKind: TypeKind.Delegate }
                : IsSequence(arguments[i]);
            var part = arguments[i];
            if (!isKept && QueryOperators.ReturnsSequence(TypeGiven(part)))
            {
                // Whether it is an iterator, the caller knows.
                part = new Symbol(SymbolRole.Iterator, 0, null, part);
                isKept = true;
            }

            if (isKept) parts = parts is null ? part : CombinedValue.Either(parts, part) ?? part;
        }

        return parts is null ? null : new Symbol(SymbolRole.Iterator, call.Id, Query, parts);
    }

    /// <summary>The type of what a caller has given, or a body around this one has: a parameter, or a variable that is captured.</summary>
    private ITypeSymbol? TypeGiven(Value value) => value switch
    {
        Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal, Parent: null } when _body.Method is { } method && ordinal < method.Parameters.Length => method.Parameters[ordinal].Type,
        Symbol { Role: SymbolRole.Captured, Parent: null, Key: IParameterSymbol captured } => captured.Type,
        Symbol { Role: SymbolRole.Captured, Parent: null, Key: ILocalSymbol captured } => captured.Type,
        _ => null,
    };

    // It returns a sequence and enumerates nothing yet: Where, Select, OrderBy, Take.
    private static bool IsQuery(CallStep call, Resolution resolution)
    {
        if (!resolution.IsFramework) return false;
        return QueryOperators.IsOne(call.Target) || !resolution.Contract.Parameters.IsEmpty && QueryOperators.ReturnsSequence(call.ResultType);
    }

    /// <summary>
    /// What the call returns, if an iterator may run for it: whoever enumerates it runs the body, with the arguments and type arguments of
    /// this call. Null where none may; whether nothing else may run.
    /// </summary>
    public Value? IteratorOf(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, out bool isAlways)
    {
        Value? either = null;
        isAlways = true;
        foreach (var key in resolution.Bodies)
        {
            if (_session.Bodies.Get(key, _cancellation) is not { IsIterator: true })
            {
                isAlways = false;
                continue;
            }

            var one = new Symbol(SymbolRole.Iterator, call.Id, key, CalledWith(call, receiver, arguments));
            either = either is null ? one : CombinedValue.Either(either, one) ?? either;
        }

        return either;
    }

    /// <summary>The same of a delegate.</summary>
    public Value? IteratorOf(InvokeStep invoke, Value function, ImmutableArray<Value> arguments)
    {
        if (!QueryOperators.ReturnsSequence((invoke.DelegateType as INamedTypeSymbol)?.DelegateInvokeMethod?.ReturnType)) return null;
        Value? either = null;
        foreach (var part in function is CombinedValue several ? several.Parts : ImmutableArray.Create(function))
        {
            if (part is not Symbol { Role: SymbolRole.Function, Key: BodyKey key } target || _session.MachineOf(key, _cancellation) is not { IsIterator: true }) continue;
            var bound = target.Parent as CalledValue;
            var called = Small(new CalledValue(bound?.Target, bound?.Type, CalledValue.ReceiverOf(target), arguments));
            var one = new Symbol(SymbolRole.Iterator, invoke.Id, key, called);
            either = either is null ? one : CombinedValue.Either(either, one) ?? either;
        }

        return either;
    }

    private static CalledValue CalledWith(CallStep call, Value? receiver, ImmutableArray<Value> arguments)
    {
        bool isGeneric = call.Target.IsGenericMethod;
        for (var type = call.Target.ContainingType; type is not null && !isGeneric; type = type.ContainingType) isGeneric = type.Arity > 0;
        return Small(new CalledValue(isGeneric ? call.Target : null, call.ReceiverType, receiver, arguments));
    }

    // A value has to stay small: of what is large, callers and enumerators know nothing.
    private static CalledValue Small(CalledValue called) =>
        called.Size <= CalledSize ? called : called.Select(static (part, at) => part.Size <= PartSize ? part : Unsaid(at));

    private const int CalledSize = Value.Sizes.Limit / 2;
    private const int PartSize = 2;

    /// <summary>What an iterator was called with, where it cannot be told: -1 is the receiver.</summary>
    public static Value Unsaid(int at) => new Symbol(SymbolRole.Fresh, -1, Symbol.Parameter(at));

    public static bool IsUnsaid(Value value) => value is Symbol { Role: SymbolRole.Fresh, Index: -1, Key: Symbol { Role: SymbolRole.Parameter } };

    private void OfIterator(Value value, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth, bool isOpen)
    {
        if (depth > DelegateDepth) return;
        switch (value)
        {
            case CombinedValue several:
                foreach (var part in several.Parts) OfIterator(part, site, found, depth + 1, isOpen);
                break;
            case Symbol { Role: SymbolRole.Iterator, Key: Query, Parent: { } kept }:
                foreach (var part in kept is CombinedValue combined ? combined.Parts : ImmutableArray.Create(kept))
                {
                    if (part is Symbol { Role: SymbolRole.Iterator }) OfIterator(part, site, found, depth + 1, isOpen);
                    else OfFunction(part, Contract.None, "enumeration", site with { Arguments = ImmutableArray<Value>.Empty, Receiver = null }, null, found, depth + 1);
                }

                break;
            case Symbol { Role: SymbolRole.Iterator, Key: null, Parent: { } given }:
                OfIterator(given, site, found, depth + 1, isOpen: true);
                break;
            case Symbol { Role: SymbolRole.Iterator, Key: BodyKey key, Parent: CalledValue called }:
                var inner = site with
                {
                    Arguments = called.Arguments,
                    Receiver = called.Receiver,
                    ReceiverType = called.Type as ITypeSymbol,
                    Target = called.Target as IMethodSymbol,
                    IsEnumerated = true,
                };
                OfBody(key, Contract.None, inner, found, depth);
                break;
            case Symbol { Role: SymbolRole.Parameter or SymbolRole.Captured, Index: >= 0 } when isOpen:
                // Whether it is an iterator, the caller knows.
                var open = Entry(EffectKind.Deferred, site.Target is null ? "enumeration" : Naming.Of(site.Target), site);
                Apply(open with { Function = new Symbol(SymbolRole.Iterator, 0, null, value) }, site with { IsOpen = true }, found);
                break;
        }
    }

    /// <summary>Whether the first use of a type may matter.</summary>
    public bool IsCostly(INamedTypeSymbol type)
    {
        foreach (var constructor in type.StaticConstructors)
        {
            if (!_session.IsSilent(BodyKey.Of(constructor), _cancellation)) return true;
        }

        return false;
    }

    // Allocations and the hidden lock of a first use do not count.
    private static bool CountsAtFirstUse(EffectKind effect) =>
        effect.Equals(EffectKind.Sleep) || effect.Equals(EffectKind.Fault) || effect.Equals(EffectKind.CrossCall);

    /// <summary>What the answer of a callee tells of the contexts of its caller.</summary>
    public ImmutableArray<(bool Result, TestedContext Context)> TestsOf(Resolution resolution) =>
        resolution.Bodies.Length == 1 ? TestsOf(resolution.Bodies[0]) : ImmutableArray<(bool Result, TestedContext Context)>.Empty;

    public ImmutableArray<(bool Result, TestedContext Context)> TestsOf(BodyKey body) => SummaryOf(body)?.Tests ?? ImmutableArray<(bool Result, TestedContext Context)>.Empty;

    /// <summary>Whether the callee is this body, or leads back to it.</summary>
    public bool IsInCycleWith(BodyKey callee) =>
        callee.Equals(_body) || (_cycle is null ? _session.Summaries.AreInOneCycle(_body, callee) : _cycle.Contains(callee));

    private static void RemoveAllocations(ImmutableArray<AppliedEffect>.Builder found)
    {
        int kept = 0;
        for (int i = 0; i < found.Count; i++)
        {
            if (!found[i].Entry.Effect.Equals(EffectKind.Allocate)) found[kept++] = found[i];
        }

        found.Count = kept;
    }
}
