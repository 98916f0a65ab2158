using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>An effect that a step may have in one alternative.</summary>
/// <param name="Entry">The effect as seen from this body: the first hop of its witness is the step itself.</param>
/// <param name="At">The depths of this body's contexts where the effect happens.</param>
/// <param name="Facts">The facts of the alternative with the condition of the effect assumed.</param>
/// <param name="IsDecided">Whether those facts held already, so that the effect does not hang on anything open.</param>
internal sealed record AppliedEffect(EffectEntry Entry, ContextDepths At, FactSet Facts, bool IsDecided)
{
    /// <summary>It hangs on a tested context in which this body is not; a caller may be.</summary>
    public bool IsDormant { get; init; }

    /// <summary>Arguments of the call on which the effect hangs, by ordinal.</summary>
    public ImmutableArray<int> Arguments { get; init; } = ImmutableArray<int>.Empty;

    /// <summary>Judged here for any type argument; callers judge it for theirs.</summary>
    public bool IsGeneric { get; init; }

    /// <summary>It happens where something is started that the callee was given: nothing that holds here holds there, and no promise of this body covers it.</summary>
    public bool IsElsewhere { get; init; }
}

/// <summary>One alternative in which a step is reached, and what it may do there.</summary>
internal sealed record Reach(Alternative Before, ImmutableArray<AppliedEffect> Effects)
{
    /// <summary>Locks that the step releases, where they can be named.</summary>
    public ImmutableArray<LockMove> Released { get; init; } = ImmutableArray<LockMove>.Empty;

    /// <summary>The values that go to places of known allocator families here.</summary>
    public ImmutableArray<Passing> Passings { get; init; } = ImmutableArray<Passing>.Empty;
}

/// <summary>A step with all the alternatives in which it is reached.</summary>
internal sealed record StepVisit(Step Step, ImmutableArray<Reach> Reaches)
{
    /// <summary>Of a call: what is declared of the member that is called.</summary>
    public Contract Contract { get; init; } = Contract.None;

    /// <summary>The name of what is called, for messages.</summary>
    public string Name { get; init; } = "";
}

/// <summary>One alternative that reaches a return.</summary>
internal sealed record ReturnVisit(Location Location, Alternative At, Value? Result);

/// <summary>What a branch on the result of a call learns beside the result: a context, or that an argument is not null.</summary>
/// <param name="Condition">Over the result.</param>
/// <param name="Truth">What the condition has to be.</param>
internal sealed record Telling(Value Condition, bool Truth)
{
    public TestedContext? Context { get; init; }

    public Value? NotNull { get; init; }
}

/// <summary>One alternative that reaches a throw.</summary>
internal sealed record ThrowVisit(Block Block, Alternative At);

/// <summary>Paths that meet with contexts that nothing tells apart.</summary>
internal sealed record MeetingVisit(Location Location, ImmutableArray<ContextKind> Contexts, ImmutableArray<Held> Holders)
{
    /// <summary>Two ends of one loop meet where its next turn begins, behind whatever meets in it.</summary>
    public bool IsAtLoopHead { get; init; }
}

/// <summary>A delegate that goes to a place, in one alternative.</summary>
/// <param name="Step">The conversion.</param>
/// <param name="Place">What the place, or the new type, declares.</param>
/// <param name="Function">The delegate: a lambda or method where it is visible.</param>
/// <param name="Inside">The state in which the place starts its delegates.</param>
/// <param name="Effects">What the delegate may do when started there.</param>
/// <param name="Outcomes">How it may return.</param>
internal sealed record ConversionVisit(
    ConvertStep Step, Contract Place, Value Function, Alternative Inside, ImmutableArray<AppliedEffect> Effects, ImmutableArray<Outcome> Outcomes)
{
    /// <summary>What is declared of a value that is neither a lambda nor a method group here.</summary>
    public Contract Origin { get; init; } = Contract.None;
}

/// <summary>What the flow saw in some blocks, in their order. Of most blocks that is little: lists are made when they are asked for.</summary>
internal class Findings
{
    private List<StepVisit>? _visits;
    private List<ConversionVisit>? _conversions;
    private List<ReturnVisit>? _returns;
    private List<ThrowVisit>? _throws;

    public List<StepVisit> Visits => _visits ??= new();

    public List<ConversionVisit> Conversions => _conversions ??= new();

    public List<ReturnVisit> Returns => _returns ??= new();

    public List<ThrowVisit> Throws => _throws ??= new();

    public void AddRange(Findings later)
    {
        if (later._visits is not null) Visits.AddRange(later._visits);
        if (later._conversions is not null) Conversions.AddRange(later._conversions);
        if (later._returns is not null) Returns.AddRange(later._returns);
        if (later._throws is not null) Throws.AddRange(later._throws);
    }
}

/// <summary>Everything that the flow found out about one body.</summary>
internal sealed class FlowResult : Findings
{
    public FlowResult(Body body, Contract contract)
    {
        Body = body;
        Contract = contract;
        Start = contract.Start();
    }

    public Body Body { get; }

    /// <summary>The contract that the body is held to.</summary>
    public Contract Contract { get; }

    /// <summary>The contexts in which it starts.</summary>
    public ContextDepths Start { get; }

    /// <summary>Whoever asked for this may lose interest.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>What the results of calls tell, by the step of the call.</summary>
    public Dictionary<int, ImmutableArray<Telling>> Tellings { get; } = new();

    /// <summary>What they tell of contexts.</summary>
    public Answers Answers { get; } = new();

    public List<MeetingVisit> Meetings { get; } = new();

    /// <summary>Contexts that a callee, reported for it, enters or leaves on some of its paths only: nobody behind the call can know.</summary>
    public HashSet<ContextKind> Unsettled { get; } = new();

    /// <summary>Calls that return a guard which they were given: nothing is thrown away with the result.</summary>
    public HashSet<int> GivenBack { get; } = new();
}
