using System.Collections.Immutable;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// What a member, a delegate type, or a place that holds a delegate declares: the sum of its attributes, of what it inherits,
/// and of what catalogue and annotation files say about it.
/// </summary>
internal sealed record Contract
{
    public static readonly Contract None = new();

    /// <summary>A delegate that is not invoked before the call returns, and of which nothing else is said.</summary>
    public static readonly Contract OnlyDeferred = new() { IsDeferred = true };

    public ImmutableArray<EffectClause> Might { get; init; } = ImmutableArray<EffectClause>.Empty;

    public ImmutableHashSet<EffectKind> Never { get; init; } = ImmutableHashSet<EffectKind>.Empty;

    public ImmutableArray<ContextKind> RunsIn { get; init; } = ImmutableArray<ContextKind>.Empty;

    public ImmutableArray<ContextKind> Requires { get; init; } = ImmutableArray<ContextKind>.Empty;

    public ImmutableArray<ContextKind> ForbiddenIn { get; init; } = ImmutableArray<ContextKind>.Empty;

    public ImmutableArray<Transition> Transitions { get; init; } = ImmutableArray<Transition>.Empty;

    public ContextKind? Tests { get; init; }

    /// <summary>What the result of a <see cref="Tests"/> member equals exactly when in the context: true, or a member of an enumeration.</summary>
    public object TestsFor { get; init; } = true;

    public bool IsTrusted { get; init; }

    /// <summary>A line of a file, which has no way to say [Trusted], declares the transitions.</summary>
    public bool IsFromFile { get; init; }

    /// <summary>On a delegate-typed parameter: it is not invoked before the method returns.</summary>
    public bool IsDeferred { get; init; }

    /// <summary>Of a lambda that a query operator is given: it runs where the sequence is enumerated, and what it requires is required there.</summary>
    public bool IsEnumerated { get; init; }

    public bool IsResultChecked { get; init; }

    /// <summary>On a result, parameter, field or property: the allocator family that owns the value.</summary>
    public Family? Family { get; init; }

    /// <summary>Contracts of delegate-typed parameters that have one, by ordinal.</summary>
    public ImmutableDictionary<int, Contract> Parameters { get; init; } = ImmutableDictionary<int, Contract>.Empty;

    /// <summary>Contract of the delegate that is returned, or null.</summary>
    public Contract? Result { get; init; }

    public bool IsNone => ReferenceEquals(this, None) || !SaysAnything && !IsResultChecked && Family is null && Parameters.IsEmpty && Result is null;

    /// <summary>Whether anything is said of what calling the member does; parameters, result and ownership apart.</summary>
    public bool SaysAnything => SpeaksOfEffects || SpeaksOfContexts || IsTrusted || IsDeferred;

    public bool SpeaksOfEffects => !Might.IsEmpty || !Never.IsEmpty;

    public bool SpeaksOfContexts =>
        !RunsIn.IsEmpty || !Requires.IsEmpty || !ForbiddenIn.IsEmpty || !Transitions.IsEmpty || Tests is not null;

    /// <summary>Whether the body is to be checked against something that stands here.</summary>
    public bool BindsBody =>
        !IsTrusted && (!Never.IsEmpty || !RunsIn.IsEmpty || !Requires.IsEmpty || !Transitions.IsEmpty);

    public bool Mentions(EffectKind effect)
    {
        if (effect.IsSleep) effect = EffectKind.Sleep;
        if (Never.Contains(effect)) return true;
        foreach (var clause in Might)
        {
            if (clause.Effect.Equals(effect)) return true;
        }

        return false;
    }

    /// <summary>The contexts in which a body with this contract starts.</summary>
    public ContextDepths Start()
    {
        var depths = ContextDepths.None;
        foreach (var context in RunsIn) depths = depths.With(context, Depth.One);
        foreach (var context in Requires) depths = depths.With(context, Depth.One);
        foreach (var transition in Transitions)
        {
            if (transition.By < 0 && depths[transition.Context].Low < LeavesOf(transition.Context))
            {
                depths = depths.With(transition.Context, Depth.Exactly(LeavesOf(transition.Context)));
            }
        }

        return depths;
    }

    /// <summary>The declared change of contexts, all outcomes taken together.</summary>
    public ContextDepths Change()
    {
        var depths = ContextDepths.None;
        foreach (var transition in Transitions) depths = depths.Shift(transition.Context, transition.By);
        return depths;
    }

    /// <summary>This contract, with everything that the other says about matters on which this one is silent.</summary>
    public Contract Over(Contract farther)
    {
        if (farther.IsNone) return this;
        if (IsNone) return farther;
        var might = Might;
        foreach (var clause in farther.Might)
        {
            if (!Mentions(clause.Effect)) might = might.Add(clause);
        }

        var never = Never;
        foreach (var effect in farther.Never)
        {
            if (!Mentions(effect)) never = never.Add(effect);
        }

        return this with
        {
            Might = might,
            Never = never,
            RunsIn = RunsIn.IsEmpty && Requires.IsEmpty ? farther.RunsIn : RunsIn,
            Requires = RunsIn.IsEmpty && Requires.IsEmpty ? farther.Requires : Requires,
            ForbiddenIn = ForbiddenIn.IsEmpty ? farther.ForbiddenIn : ForbiddenIn,
            Transitions = Transitions.IsEmpty ? farther.Transitions : Transitions,
            IsFromFile = Transitions.IsEmpty ? farther.IsFromFile : IsFromFile,
            Tests = Tests ?? farther.Tests,
            TestsFor = Tests is null ? farther.TestsFor : TestsFor,
            IsTrusted = IsTrusted || farther.IsTrusted,
            IsDeferred = IsDeferred || farther.IsDeferred,
            IsEnumerated = IsEnumerated || farther.IsEnumerated,
            Family = Family ?? farther.Family,
            IsResultChecked = IsResultChecked || farther.IsResultChecked,
            Parameters = Parameters.IsEmpty ? farther.Parameters : Parameters,
            Result = Result ?? farther.Result,
        };
    }

    /// <summary>This contract of an override, with what it owes its bases although it does not repeat it.</summary>
    public Contract Keeping(Contract inherited)
    {
        if (inherited.IsNone) return this;
        var never = Never;
        foreach (var effect in inherited.Never)
        {
            bool isLifted = false;
            foreach (var clause in Might) isLifted |= clause.Effect.Equals(effect) && clause.When is null;
            if (!isLifted) never = never.Add(effect);
        }

        var might = Might;
        foreach (var clause in inherited.Might)
        {
            // The exceptions to a promise come with it.
            if (inherited.Never.Contains(clause.Effect) && !Mentions(clause.Effect)) might = might.Add(clause);
        }

        // Who says something of one matter only, says nothing of the other: that is as it was.
        var contexts = SpeaksOfContexts ? this : inherited;
        return this with
        {
            Might = SpeaksOfEffects ? might : inherited.Might,
            Never = never,
            RunsIn = contexts.RunsIn,
            Requires = contexts.Requires,
            ForbiddenIn = contexts.ForbiddenIn,
            Tests = contexts.Tests,
            TestsFor = contexts.TestsFor,
            Transitions = Transitions.IsEmpty ? inherited.Transitions : Transitions,
            Parameters = inherited.Parameters.SetItems(Parameters),
            Result = Result ?? inherited.Result,
        };
    }

    /// <summary>This contract, with what the other says about who owns a value and who looks at a result.</summary>
    public Contract WithOwnership(Contract farther)
    {
        if (farther.IsNone) return this;
        var parameters = Parameters;
        foreach (var pair in farther.Parameters)
        {
            if (pair.Value.Family is not { } family) continue;
            var own = parameters.TryGetValue(pair.Key, out var known) ? known : None;
            if (own.Family is null) parameters = parameters.SetItem(pair.Key, own with { Family = family });
        }

        return this with
        {
            Family = Family ?? farther.Family,
            IsResultChecked = IsResultChecked || farther.IsResultChecked,
            Parameters = parameters,
            Result = farther.Result?.Family is { } returned && Result?.Family is null ? (Result ?? None) with { Family = returned } : Result,
        };
    }

    private int LeavesOf(ContextKind context)
    {
        int count = 0;
        foreach (var transition in Transitions)
        {
            if (transition.By < 0 && transition.Context.Equals(context)) count++;
        }

        return count;
    }
}

/// <summary>One [Might]: an effect, and the condition on an argument under which it is there; null means always.</summary>
internal sealed record EffectClause(EffectKind Effect, Condition? When);

/// <summary>A condition on an argument, as a value over parameters: true where the effect may be there.</summary>
/// <param name="Holds">The condition, over <see cref="SymbolRole.Parameter"/> symbols.</param>
/// <param name="IsFlags">It asks for bits, so the effect hangs on a flags argument (MM1003).</param>
internal sealed record Condition(Value Holds, bool IsFlags)
{
    /// <summary>The same in words, where it was written in words.</summary>
    public string Text { get; init; } = "";

    /// <summary>The words are not what tells conditions apart.</summary>
    public bool Equals(Condition? other) => other is not null && IsFlags == other.IsFlags && Holds.Equals(other.Holds);

    public override int GetHashCode() => Holds.GetHashCode();
}

internal enum OutcomeKind
{
    /// <summary>Whenever the call returns.</summary>
    Always,

    /// <summary>If the result equals <see cref="Transition.On"/>.</summary>
    Result,

    /// <summary>If the result is not null.</summary>
    ResultNotNull,

    /// <summary>If the by-reference parameter <see cref="Transition.Parameter"/> was set to true.</summary>
    Parameter,
}

/// <summary>One [Enters] (+1) or [Leaves] (-1).</summary>
internal sealed record Transition(ContextKind Context, int By, OutcomeKind Outcome = OutcomeKind.Always)
{
    public object? On { get; init; }

    public int Parameter { get; init; }

    /// <summary>An <see cref="OutcomeKind.Parameter"/> transition of a call that returns only once it has entered.</summary>
    public bool SetsParameter { get; init; }
}
