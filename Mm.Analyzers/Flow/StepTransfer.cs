using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What each step does to an alternative; while visiting, also what effects it may have there. Entering and leaving: the other part.</summary>
internal sealed partial class StepTransfer
{
    private readonly Session _session;
    private readonly FlowResult _result;
    private readonly CalleeEffects _effects;
    private readonly CancellationToken _cancellation;
    private readonly Aliasing _aliasing;

    public StepTransfer(
        Session session, FlowResult result, OpenCycle? cycle, bool isJudged, CancellationToken cancellation)
    {
        _session = session;
        _result = result;
        _cancellation = cancellation;
        _aliasing = new Aliasing(result.Body);
        _effects = new CalleeEffects(session, result.Body.Key, result.Contract, cycle, isJudged, cancellation);
    }

    public HashSet<BodyKey> Missing => _effects.Missing;

    public bool HasLeftOut => _effects.HasLeftOut;

    public PlaceIndex Index { get; } = new();

    /// <summary>The steps to come may have run before.</summary>
    public bool IsInLoop { get; set; }

    public Alternative Start()
    {
        var start = new Alternative { Depths = _result.Start };
        foreach (var entry in _result.Start.Entries)
        {
            start = start with { Held = start.Held.Add(new Held(ImmutableArray.Create(entry.Context), null)) };
        }

        return start;
    }

    public List<Alternative> Branch(List<Alternative> state, Value condition, bool truth)
    {
        var result = new List<Alternative>(state.Count);
        foreach (var alternative in state)
        {
            var value = alternative.Evaluate(condition);
            if (alternative.Assume(value, truth) is not { } taken) continue;
            if (_result.Tellings.Count > 0) taken = Refine(taken, value);
            result.Add(taken);
        }

        if (!_result.Answers.IsEmpty) Confirm(state, result, condition);
        return result;
    }

    /// <summary>Applies a step to every alternative. With findings, also records the visit.</summary>
    public List<Alternative> Apply(Step step, List<Alternative> state, Findings? findings)
    {
        if (state.Count == 0) return state;
        _cancellation.ThrowIfCancellationRequested();
        var next = new List<Alternative>(state.Count);
        var reaches = findings is null ? null : ImmutableArray.CreateBuilder<Reach>(state.Count);
        var declared = Contract.None;
        string name = "";
        _hasAsserted = false;
        foreach (var before in state)
        {
            var alternative = RenewMade(step, before);
            switch (step)
            {
                case CallStep call:
                    var resolution = _effects.Resolve(call, alternative);
                    if (reaches is not null)
                    {
                        reaches.Add(new Reach(alternative, _effects.Of(call, resolution, alternative))
                        {
                            Released = _effects.ReleasedBy(call, resolution, alternative),
                            Passings = _effects.PassingsOf(call, resolution, alternative),
                        });
                        declared = resolution.Contract;
                        name = Naming.Of(call.Target);
                    }

                    Call(call, resolution, alternative, next);
                    break;
                case InvokeStep invoke:
                    declared = _effects.ContractOf(invoke);
                    if (reaches is not null)
                    {
                        reaches.Add(new Reach(alternative, _effects.Of(invoke, alternative)) { Passings = _effects.PassingsOf(invoke, alternative) });
                        name = Naming.OfDelegate(invoke.Place, invoke.DelegateType);
                    }

                    Invoke(invoke, declared, alternative, next);
                    break;
                case ConvertStep convert:
                    reaches?.Add(new Reach(alternative, ImmutableArray<AppliedEffect>.Empty));
                    findings?.Conversions.AddRange(_effects.OfConversion(convert, alternative));
                    next.Add(alternative);
                    break;
                case AssignStep assign:
                    reaches?.Add(new Reach(alternative, ImmutableArray<AppliedEffect>.Empty) { Passings = _effects.PassingsOf(assign, _result, alternative) });
                    next.Add(Assign(assign, alternative));
                    break;
                case TypeUseStep use when _effects.IsCostly(use.Type):
                    var used = new Symbol(SymbolRole.Fresh, -3, use.Type);
                    bool isFirst = !(alternative.Environment.TryGetValue(used, out var known) && known is Constant);
                    reaches?.Add(new Reach(alternative, isFirst ? _effects.Of(step, alternative) : ImmutableArray<AppliedEffect>.Empty));
                    next.Add(isFirst ? alternative.Assign(used, Constant.True) : alternative);
                    break;
                case AllocateStep or MonitorStep or UnknownStep or TypeUseStep:
                    reaches?.Add(new Reach(alternative, _effects.Of(step, alternative)));
                    next.Add(alternative);
                    break;
                case SuspendStep suspend:
                    reaches?.Add(new Reach(alternative, _effects.Of(step, alternative)));
                    var resumed = Finished(suspend, alternative, Renew(suspend.Id, alternative)) with
                    {
                        Epoch = suspend.Id + 1,
                        HasSuspended = alternative.HasSuspended || suspend is { Kind: SuspendKind.Await, IsFinished: false },
                        HasLostContext = alternative.HasLostContext || suspend.LosesContext,
                    };
                    Resume(suspend, alternative, resumed, next);
                    break;
                case LearnStep learn:
                    next.Add(alternative.Facts.Learn(alternative.Evaluate(learn.Place), Known.NotNull) is { } filled ? alternative with { Facts = filled } : alternative);
                    break;
                case AssumeStep assume:
                    if (Assumed(alternative, alternative.Evaluate(assume.Condition), assume.Holds) is { } asserted) next.Add(asserted);
                    break;
                default:
                    reaches?.Add(new Reach(alternative, ImmutableArray<AppliedEffect>.Empty));
                    next.Add(alternative);
                    break;
            }
        }

        if (_hasAsserted && !_result.Answers.IsEmpty) Confirm(state, next, null);
        if (reaches is not null) findings!.Visits.Add(new StepVisit(step, reaches.Count == reaches.Capacity ? reaches.MoveToImmutable() : reaches.ToImmutable()) { Contract = declared, Name = name });
        return next.Count > Merging.Limit
            ? new Merging(-1 - step.Id, isLoopHead: false, IsInLoop, _result.Answers, new LivePlaces(_session.LivenessOf(_result.Body, _cancellation), 0, Index), new GivenValues(_result.Body.Key.Method)).Reduce(next)
            : next;
    }

    /// <summary>Whether an exception may come from a step while what it found entered still is: not from a release, nor where an auto-property is read.</summary>
    public bool MayThrow(Step step) => step switch
    {
        CallStep { Target: { Name: "Dispose", Parameters.IsEmpty: true } } => false,
        CallStep { Target: { MethodKind: MethodKind.PropertyGet, AssociatedSymbol: IPropertySymbol property } } when OperationLowering.IsStored(property) => false,
        CallStep call => _session.Resolver.Resolve(call, _cancellation).Contract.Transitions.All(static transition => transition.By > 0),
        InvokeStep or SuspendStep or UnknownStep => true,
        _ => false,
    };

    private static Alternative Finished(SuspendStep suspend, Alternative before, Alternative alternative)
    {
        // The task of an allocator and what it brings belong to the same family.
        if (suspend.Awaited is { } task && before.Evaluate(task) is Symbol { Role: SymbolRole.Owned } owned)
        {
            alternative = alternative.Assign(Symbol.Result(suspend.Id), owned);
        }

        foreach (var finished in suspend.AllDone)
        {
            if (alternative.Facts.Learn(alternative.Evaluate(finished), Known.Exactly(true)) is { } known) alternative = alternative with { Facts = known };
        }

        return suspend.Done is { } done && alternative.Facts.Learn(alternative.Evaluate(done), Known.Exactly(true)) is { } facts
            ? alternative with { Facts = facts }
            : alternative;
    }

    private Alternative Assign(AssignStep step, Alternative alternative)
    {
        var value = alternative.Evaluate(step.Value);
        if (step.Place.Role == SymbolRole.Field)
        {
            alternative = EscapeAll(alternative, value);
            var field = alternative.FieldAt(step.Place);
            if (!step.IsFirst) alternative = _aliasing.Forget(IsInLoop ? Renamed(alternative, static _ => false, step.Id) : alternative, field, step.Id, ref value);
            return _aliasing.IsShared(step.Place) || IsSetInside(field) ? alternative : alternative.Assign(field, Capped(step, value, ref alternative));
        }

        if (step.Variable is IParameterSymbol { RefKind: RefKind.Out or RefKind.Ref }) alternative = Escape(alternative, value);
        if (step.Place.Role == SymbolRole.Captured || step.Variable is { } variable && _result.Body.Shared.Contains(variable))
        {
            return alternative.Assign(step.Place, new Symbol(SymbolRole.Fresh, step.Id));
        }

        return alternative.Assign(step.Place, Capped(step, value, ref alternative));
    }

    // Too long to be remembered: a name for it, which may have stood for the value of another turn of a loop.
    private Value Capped(AssignStep step, Value value, ref Alternative alternative)
    {
        if (value.Size <= Value.Sizes.Limit) return value;
        if (IsInLoop) alternative = Renamed(alternative, static _ => false, step.Id);
        return new Symbol(SymbolRole.Merge, -2 - step.Id, (step.Place, step.Id));
    }

    private void Call(CallStep call, Resolution resolution, Alternative before, List<Alternative> next)
    {
        var contract = resolution.Contract;
        var receiver = call.Receiver is null ? null : before.Evaluate(call.Receiver);
        var arguments = before.Evaluate(call.Arguments);
        NoteTellings(call, resolution, receiver, arguments, before);
        var after = _result.Answers.Given(call.Id, Renew(call.Id, WithoutSet(call, resolution, arguments, before)));
        for (int i = 0; i < call.References.Length; i++)
        {
            if (call.References[i] is not { } place) continue;

            // Whoever is handed a reference to a guard works with that guard.
            if (before.Holds(arguments[i]) && i < call.Target.Parameters.Length && call.Target.Parameters[i].RefKind == RefKind.Ref) continue;
            var written = Ownership.OfParameter(contract, i) is { } given ? Symbol.Owned(call.Id, given, place) : new Symbol(SymbolRole.Result, call.Id, place);
            after = after.Assign(ResolvePlace(before, place), written);
        }

        if (Ownership.OfResult(call.Target, contract) is { } family) after = after.Assign(Symbol.Result(call.Id), Symbol.Owned(call.Id, family));

        if (IsWrapping(call.Target) && arguments.Length > 0 && after.Holds(arguments[0]))
        {
            next.Add(after.HandOn(arguments[0], call.Result));
            return;
        }

        if (TakenOver(call, resolution, receiver, arguments, after) is { Guard: { } handed } taken)
        {
            if (taken.IsReturned)
            {
                _result.GivenBack.Add(call.Id);
                next.Add(after.Assign(Symbol.Result(call.Id), handed));
                return;
            }

            after = after.Dispose(handed, call.Location) ?? after.DisposeForCaller(handed);
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            if ((after.Holds(arguments[i]) || arguments[i] is TupleValue) && MayKeep(resolution, i)) after = EscapeAll(after, arguments[i]);
        }

        // A variable that a member was called on is not null from here on; nor is a field, if what is called enters or leaves a context.
        if (receiver is Symbol && call.Receiver is Symbol { Index: >= 0 } called
            && (called.Role is SymbolRole.Local or SymbolRole.Parameter or SymbolRole.Captured || called.Role == SymbolRole.Field && contract.Transitions.Length > 0)
            && call.Target.ContainingType is { IsReferenceType: true } && after.Facts.Learn(receiver, Known.NotNull) is { } dereferenced)
        {
            after = after with { Facts = dereferenced };
        }

        // The object whose lock it is has been looked into for it.
        if (contract.Transitions.Length > 0 && call.Receiver is Symbol { Role: SymbolRole.Field, Parent: Symbol { Index: >= 0 } around }
            && around.Role is SymbolRole.Local or SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field
            && before.Evaluate(around) is Symbol { Role: not SymbolRole.Instance } holder && after.Facts.Learn(holder, Known.NotNull) is { } seen)
        {
            after = after with { Facts = seen };
        }

        if (DoesNotReturn(call.Target) || Returning(call, arguments, after) is not { } returning) return;
        after = returning;
        if (contract.Tests is { } context && after.IsIn(context, after.Depths))
        {
            after = after with { Facts = after.Facts.Learn(Symbol.Result(call.Id), Known.Exactly(contract.TestsFor)) ?? after.Facts };
        }
        else if (!_result.Answers.IsEmpty) after = Answered(call, resolution, after);

        if (receiver is not null && WellKnown.IsDisposal(call.Target))
        {
            if (after.Dispose(receiver, call.Location) is { } disposed)
            {
                next.Add(disposed);
                return;
            }

            // A guard may have a member that disposes of it; in other classes nobody asks.
            var kept = _session.Contracts.ScopeOf(call.ReceiverType);
            if (!kept.IsEmpty || !receiver.Equals(Symbol.This)) after = after.DisposeForCaller(receiver);
            if (!kept.IsEmpty)
            {
                next.Add(IsGivenUp(kept, receiver) ? after.Leave(kept, null, call.Location) : after);
                return;
            }
        }

        var made = MadeBy(call, resolution, receiver, arguments, after) ?? call.ResultType;
        var scope = _session.Contracts.ScopeOf(made);
        if (!scope.IsEmpty && !call.IsOfInitializer && !(contract.Transitions.Length > 0))
        {
            var held = new Held(scope, call.Location) { Guard = call.Result, Lock = GuardedBy(call, resolution, receiver, arguments, after), Type = made, IsDropped = call.IsResultDropped };
            EnterScope(held, call.ResultType, after, next);
            return;
        }

        if (_effects.IteratorOf(call, resolution, receiver, arguments, out bool isAlways) is { } sequence)
        {
            after = after.Assign(Symbol.Result(call.Id), sequence);
            if (isAlways)
            {
                next.Add(after);
                return;
            }
        }

        if (_effects.QueryOf(call, resolution, receiver, arguments) is { } query)
        {
            next.Add(after.Assign(Symbol.Result(call.Id), query));
            return;
        }

        if (contract.Transitions.IsEmpty && contract.Tests is null && !contract.IsTrusted)
        {
            foreach (var start in HandedOut(call, before, after))
            {
                var outcomes = _effects.OutcomesOf(call, resolution, receiver, arguments, start);
                NoteUnsettled(resolution, outcomes);
                int first = next.Count;
                foreach (var outcome in outcomes) ApplyOutcome(call, outcome, receiver, start, next);
                NoteAsserted(call.Id, outcomes, first, next);
                KnowClass(call.Id, resolution.Bodies, first, next);
                Repeat(resolution, outcomes, start, first, next);
                ApplyWrapped(call, resolution, receiver, arguments, start, first, next);
                TakeParts(call, first, next);
            }

            return;
        }

        int behind = next.Count;
        Declared(call, resolution, receiver, arguments, after, next);
        TakeParts(call, behind, next);
    }

    private void Invoke(InvokeStep invoke, Contract contract, Alternative before, List<Alternative> next)
    {
        var function = before.Evaluate(invoke.Function);
        var arguments = before.Evaluate(invoke.Arguments);
        var after = Renew(invoke.Id, before);
        if (_effects.ResultFamilyOf(invoke, function) is { } family) after = after.Assign(Symbol.Result(invoke.Id), Symbol.Owned(invoke.Id, family));
        if (_effects.FunctionGivenBy(invoke, function, arguments, after) is { } given) after = after.Assign(Symbol.Result(invoke.Id), given);
        if (!contract.Transitions.IsEmpty)
        {
            Declared(invoke, contract, function, after, next);
            return;
        }

        if (MadeByDelegate(invoke, function, arguments, after) is { } guard)
        {
            EnterScope(guard, guard.Type, after, next);
            return;
        }

        if (_effects.IteratorOf(invoke, function, arguments) is { } sequence)
        {
            next.Add(after.Assign(Symbol.Result(invoke.Id), sequence));
            return;
        }

        var state = new List<Alternative> { Asked(invoke, function, after) };
        foreach (var part in function is CombinedValue { IsExact: true } combined ? combined.Parts : ImmutableArray.Create(function))
        {
            if (part is not Symbol { Role: SymbolRole.Function, Key: BodyKey key } target) continue;
            var behind = new List<Alternative>();
            var declared = DeclaredOfGroup(key);
            foreach (var alternative in state)
            {
                if (declared is not null)
                {
                    Declared(invoke.Id, invoke.Location, declared, _ => (LockNaming.Of(key.Method!, CalledValue.ReceiverOf(target), arguments), true), ImmutableArray<Symbol?>.Empty, key.Method!.ReturnType, alternative, behind);
                    continue;
                }

                var outcomes = _effects.OutcomesOf(target, arguments, alternative);
                int first = behind.Count;
                foreach (var outcome in outcomes) ApplyOutcome(invoke, outcome, CalledValue.ReceiverOf(target) as Symbol, alternative, behind);
                NoteAsserted(invoke.Id, outcomes, first, behind);
                KnowClass(invoke.Id, ImmutableArray.Create(key), first, behind);
            }

            state = behind;
        }

        next.AddRange(state);
    }

    private static Symbol ResolvePlace(Alternative alternative, Symbol place) =>
        place.Role == SymbolRole.Field ? alternative.FieldAt(place) : place;
}
