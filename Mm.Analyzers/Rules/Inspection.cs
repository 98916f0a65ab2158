using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
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
    private readonly LockLedger _ledger;
    private readonly CancellationToken _cancellation;
    private readonly Func<IParameterSymbol, bool> _isNeverGiven;
    private readonly List<Violation> _violations = new();
    private readonly HashSet<(string, Location)> _reported = new();
    private readonly Dictionary<BodyKey, ISymbol> _places = new();

    public Inspection(Session session, string unknownCallees, LockLedger ledger, CancellationToken cancellation)
    {
        _session = session;
        _unknownCallees = unknownCallees;
        _ledger = ledger;
        _cancellation = cancellation;
        _isNeverGiven = parameter => session.Delegates.IsNeverGiven(parameter, cancellation);
    }

    /// <summary>The rules off by default that are on here.</summary>
    public ImmutableArray<BodyRule> OptIn { get; init; } = ImmutableArray<BodyRule>.Empty;

    /// <summary>Bodies that show at a glance that nothing can be said of them are not looked at any closer.</summary>
    public bool SkipsHarmless { get; init; }

    public IReadOnlyList<Violation> Inspect(ISymbol symbol)
    {
        var root = BodyKey.Of(symbol);
        var declared = symbol is IMethodSymbol method ? _session.Contracts.Of(method) : ContractOfInitializer(symbol);
        if (SkipsHarmless && _session.IsHarmless(root, declared, _cancellation)) return _violations;
        var pending = new Stack<(BodyKey Key, Contract Contract)>();
        pending.Push((root, declared));
        while (pending.Count > 0)
        {
            var (key, contract) = pending.Pop();
            var bases = key.Equals(root) && symbol is IMethodSymbol member ? Contracts.BasesOf(member) : ImmutableArray<IMethodSymbol>.Empty;
            if (_session.Check(key, contract, _cancellation) is not { } result) continue;
            if (!contract.IsTrusted && !Balance.IsPrimitive(_session, result)) Judge(result);
            if (!bases.IsEmpty) GatherOverride((IMethodSymbol)symbol, bases);
            for (int i = result.Body.Functions.Length - 1; i >= 0; i--)
            {
                var function = result.Body.Functions[i];
                if (IsOfInitializer(function.Key, key)) continue;
                foreach (var rule in AllRules.Declarations) Add(rule.Judge(_session.Contracts, function.Key.Symbol));
                pending.Push((function.Key, ContractOf(function.Key, result, contract)));
            }
        }

        return _violations;
    }

    /// <summary>What breaks an inherited promise in the body is one report on the name of the override, and nothing inside.</summary>
    private void GatherOverride(IMethodSymbol method, ImmutableArray<IMethodSymbol> bases)
    {
        var own = _session.Contracts.OwnOf(method);
        Violation? gathered = null;
        foreach (var declared in bases)
        {
            var promised = _session.Contracts.Of(declared);
            for (int i = _violations.Count - 1; i >= 0; i--)
            {
                var inside = _violations[i];
                bool isPromise = inside.Rule is ContractViolated && promised.Never.Contains(inside.Effects[0]) && !own.Never.Contains(inside.Effects[0]);
                bool isBalance = inside.Rule is ContextNotLeft or ContextNotEntered && own.Transitions.IsEmpty;
                if (!isPromise && !isBalance) continue;
                gathered = AllRules.Overrides.OfBody(method, declared, inside);
                _violations.RemoveAt(i);
            }
        }

        if (gathered is not null) Add(gathered);
    }

    private void Judge(FlowResult result)
    {
        foreach (var visit in result.Visits)
        {
            var findings = new StepFindings(result, visit, _unknownCallees, _session.Regions, _isNeverGiven);
            foreach (var rule in AllRules.Steps)
            {
                if (rule.Judge(findings) is not { } violation) continue;
                if (!IsSaidElsewhere(violation, result.Body.Key) && !IsBehindMeeting(result, visit, violation) && !IsSaidOfRead(visit.Step, violation)) Add(WithCause(violation, result).In(result.Body.Key.Method));
                break;
            }
        }

        foreach (var rule in AllRules.Bodies)
        {
            if (rule.IsWanted(_session.Bodies.Compilation, result.Body.Key.Symbol)) Add(rule.Judge(_session, result).Where(violation => IsSaidHere(violation, result.Body.Key)).Select(violation => violation.In(result.Body.Key.Method)));
        }

        if (AllRules.Promises.OfMachine(result) is { } made) Add(made);
        RemoveRepeated();
        foreach (var rule in OptIn) Add(rule.Judge(_session, result));
        _ledger.Note(result, _cancellation);
    }

    /// <summary>Adds the attribute that declares the context, or the promise, that nothing in the body has entered or made.</summary>
    private Violation WithCause(Violation violation, FlowResult result)
    {
        _places.TryGetValue(result.Body.Key, out var place);
        var cause = violation switch
        {
            { Rule: ContractViolated } or { Rule: UnverifiedCall, Contexts.IsEmpty: true, Effects.IsEmpty: false } => DeclaringAttributes.OfPromise(result.Body.Key.Symbol, place, violation.Effects[0].Name),
            { Rule: MissingContext } or { Holder.Site: not null } or { Contexts.IsEmpty: true } => null,
            _ when result.Start[violation.Contexts[0]].IsZero => null,
            _ => DeclaringAttributes.OfContext(result.Body.Key.Symbol, place, violation.Contexts[0].Name),
        };
        return cause is null ? violation : violation with { Related = violation.Related.Insert(0, cause) };
    }

    // 'new' allocates and runs a constructor: one call, of which the worse is said.
    private void RemoveRepeated() => _violations.RemoveAll(allocation => allocation.Rule is AllocationInNoGcContext
        && _violations.Exists(other => Equals(other.Location, allocation.Location) && other.Rule is SleepInAtomicContext or FaultInAtomicContext or SleepingAllocationInAtomicContext));

    /// <summary>'P++' and 'P += 1' read and write: what is wrong with both alike is one cause.</summary>
    private bool IsSaidOfRead(Step step, Violation violation)
    {
        if (step is not CallStep { ReadAt: { } read }) return false;
        foreach (var said in _violations)
        {
            if (said.Rule == violation.Rule && Equals(said.Location, read) && said.Subject == violation.Subject && said.Effects.SequenceEqual(violation.Effects)
                && said.Contexts.SequenceEqual(violation.Contexts) && said.Path?.Last.Name == violation.Path?.Last.Name) return true;
        }

        return false;
    }

    /// <summary>It is forbidden, or missing, only where a path came from on which MM2003 has found the context still entered, or not: that is the same cause.</summary>
    private static bool IsBehindMeeting(FlowResult result, StepVisit visit, Violation violation)
    {
        if (violation is { Rule: MissingContext, Contexts: { IsEmpty: false } required })
        {
            return result.Meetings.Exists(meeting => meeting.Contexts.Any(context => context.Implies(required[0]))) && visit.Reaches.Any(reach => reach.Before.IsIn(required[0], reach.Before.Depths));
        }

        if (violation.Holder is null || violation.Contexts.IsEmpty) return false;
        foreach (var meeting in result.Meetings)
        {
            if (!meeting.Contexts.Any(context => context.Implies(violation.Contexts[0]) || violation.Contexts[0].Implies(context)) || !meeting.Holders.Any(holder => Equals(holder.Site, violation.Holder.Site))) continue;
            if (visit.Reaches.Any(reach => reach.Before.PossiblyIn(violation.Contexts[0], reach.Before.Depths) is null)) return true;
        }

        return false;
    }

    private bool IsSaidHere(Violation violation, BodyKey body)
    {
        if (IsConsequence(violation)) return false;
        if (violation.Rule is UnverifiedCall && _unknownCallees == "trust") return false;
        if (violation.Rule is not ConversionWeakensContract and not UnverifiedCall) return true;
        return body.Method is not { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor || !IsInInitializer(violation, constructor.ContainingType);
    }

    // Who calls a member outside the context that it leaves, or in the one that it forbids because it takes the lock itself, hears that once.
    private bool IsConsequence(Violation violation)
    {
        if (violation.Rule is not (ContextNotEntered or LockTakenTwice)) return false;
        foreach (var said in _violations)
        {
            if (!Equals(said.Location, violation.Location)) continue;
            if (violation.Rule is LockTakenTwice ? said.Rule is ForbiddenContext : said.Rule is MissingContext && said.Contexts.Any(violation.Contexts.Contains)) return true;
        }

        return false;
    }

    private static bool IsInInitializer(Violation violation, INamedTypeSymbol type) => IsInInitializer(violation.Location, type);

    private static bool IsInInitializer(Location? location, INamedTypeSymbol type) => location is not null && type.GetMembers()
        .Where(static member => member is IFieldSymbol or IPropertySymbol or IEventSymbol)
        .SelectMany(static member => member.DeclaringSyntaxReferences)
        .Any(reference => reference.SyntaxTree == location.SourceTree && reference.Span.Contains(location.SourceSpan));

    // A lambda in an initialiser is inspected with it, whatever constructors there are.
    private static bool IsOfInitializer(BodyKey function, BodyKey around) =>
        around.Method is { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor
        && IsInInitializer(function.Symbol.Locations.FirstOrDefault(), constructor.ContainingType);

    /// <summary>
    /// Constructors run the initialisers, which have been inspected on their own: what their type promises is said there, and what
    /// several constructors promise at the first of them. Whether a context is missing, the constructors say, the first that does not
    /// ask for it; there is none to say it of a type that declares no constructor.
    /// </summary>
    private bool IsSaidElsewhere(Violation violation, BodyKey body)
    {
        bool isMissing = violation.Rule is MissingContext;
        if (body.Method is not { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor)
        {
            return isMissing && body.Symbol is IFieldSymbol or IPropertySymbol or IEventSymbol
                && body.Symbol.ContainingType.Constructors.Any(other => other.IsStatic == body.Symbol.IsStatic && !other.IsImplicitlyDeclared && !BodySource.IsPrimary(other));
        }

        var type = constructor.ContainingType;
        if (!IsInInitializer(violation, type)) return false;
        bool IsCause(Contract contract) =>
            violation.Effects.Any(contract.Never.Contains)
            || violation.Contexts.Any(context => contract.RunsIn.Concat(contract.Requires).Any(declared => declared.Implies(context)));
        if (BodySource.IsPrimary(constructor) || IsCause(_session.Contracts.FromContainers(constructor))) return true;
        var first = type.Constructors.Where(other => other.IsStatic == constructor.IsStatic && !BodySource.HandsOver(other, _cancellation) && IsCause(_session.Contracts.Of(other)) != isMissing)
            .OrderBy(static other => other.Locations.FirstOrDefault()?.SourceTree?.FilePath, System.StringComparer.Ordinal)
            .ThenBy(static other => other.Locations.FirstOrDefault()?.SourceSpan.Start ?? 0).FirstOrDefault();
        return !SymbolEqualityComparer.Default.Equals(first, constructor);
    }

    private Contract ContractOfInitializer(ISymbol member)
    {
        var contract = _session.Contracts.FromContainers(member);
        if (member.IsStatic || member.ContainingType is not { } type || BodySource.PrimaryConstructor(type) is not { } primary) return contract;
        var own = _session.Contracts.Of(primary);
        return own.IsNone ? contract : contract.Over(new Contract { Never = own.Never, RunsIn = own.RunsIn, Requires = own.Requires, IsTrusted = own.IsTrusted });
    }

    /// <summary>What a nested function is held to: its own attributes, and what the place says that it goes to.</summary>
    private Contract ContractOf(BodyKey function, FlowResult around, Contract outer)
    {
        var contract = _session.Contracts.Of(function.Method!);
        if (outer.IsTrusted && !contract.SaysAnything) contract = contract with { IsTrusted = true };
        var conversions = around.Visits.Select(static visit => visit.Step).OfType<ConvertStep>()
            .Where(convert => convert.Function is Symbol { Role: SymbolRole.Function, Key: BodyKey { IsLambda: true } key } && key.Equals(function));

        // A place that says something itself is nearer than the type of the delegate alone.
        foreach (var convert in conversions.OrderBy(static convert => convert.Place is null or ITypeSymbol))
        {
            var receiving = _session.Contracts.OfOrigin(convert.Place, convert.DelegateType);
            if (!receiving.RunsIn.IsEmpty || !receiving.Requires.IsEmpty) _places[function] = convert.Place ?? convert.DelegateType;
            contract = contract.Over(new Contract { RunsIn = receiving.RunsIn, Requires = receiving.Requires, IsDeferred = receiving.IsDeferred, IsEnumerated = QueryOperators.IsGiven(convert.Place) });
        }

        if (function.Method is not { MethodKind: MethodKind.LambdaMethod } lambda) return contract;
        var containers = _session.Contracts.FromContainers(lambda);
        return contract.IsDeferred ? contract.Over(new Contract { Never = containers.Never }) : contract.Over(containers);
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
