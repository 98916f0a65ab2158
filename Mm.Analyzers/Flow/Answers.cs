using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What is known of contexts from the answers that tests have given: by the answer itself, or by a condition over several,
/// 'a | b', where each way in which it may hold says the same.
/// </summary>
internal sealed class Answers
{
    // Conditions in conditions: beyond this many, nothing is concluded.
    private const int Nesting = 4;

    // Most bodies ask nothing.
    private SortedDictionary<int, ImmutableArray<Telling>>? _tellings;

    /// <summary>Whether the body asks nothing.</summary>
    public bool IsEmpty => _tellings is null;

    public void Add(int step, Telling telling)
    {
        _tellings ??= new SortedDictionary<int, ImmutableArray<Telling>>();
        if (!_tellings.TryGetValue(step, out var known)) known = ImmutableArray<Telling>.Empty;
        if (!known.Contains(telling)) _tellings[step] = known.Add(telling);
    }

    /// <summary>An answer that was given where this body is not in the context by itself: it tells of the caller, also when the body has left again.</summary>
    public Alternative Given(int step, Alternative at)
    {
        if (_tellings is null || !_tellings.TryGetValue(step, out var tellings)) return at;
        foreach (var telling in tellings)
        {
            if (telling.Context is not { IsIn: true } context || at.Depths.IsIn(context.Context)) continue;
            if (at.Facts.Learn(Outside(step, context), Known.Exactly(true)) is { } facts) at = at with { Facts = facts };
        }

        return at;
    }

    public bool AreIn(Value value) => _tellings is { } tellings && value.Mentions(symbol => symbol.Role == SymbolRole.Result && tellings.ContainsKey(symbol.Index));

    /// <summary>What the facts say, and the branches taken.</summary>
    /// <param name="at">The state.</param>
    /// <param name="facts">Its facts, or some with more in them.</param>
    /// <param name="asked">What a branch asks just now: the answer counts, though the context has been left since.</param>
    public ImmutableArray<TestedContext> Told(Alternative at, FactSet facts, Value? asked = null) => IsEmpty ? at.Tested : Told(at, facts, asked, 0);

    private ImmutableArray<TestedContext> Told(Alternative at, FactSet facts, Value? asked, int depth)
    {
        var told = at.Tested;
        foreach (var pair in _tellings!)
        {
            foreach (var telling in pair.Value)
            {
                if (telling.Context is not { } context || told.Contains(context) || facts.Truth(at.Evaluate(telling.Condition)) != telling.Truth) continue;

                // It was asked inside of a section of this body, or before the context was left. What a callee was told has been looked at.
                if (context.IsIn && telling.Condition is not Symbol { Key: not null } && facts.Truth(Outside(pair.Key, context)) != true) continue;
                if (context.IsIn && at.Depths[context.Context].High < 0 && !Asks(at, asked, pair.Key)) continue;
                told = told.Add(context);
            }
        }

        if (depth == Nesting) return told;
        foreach (var fact in facts.All)
        {
            if (fact.Key is not Operation { Kind: Operator.And or Operator.Or, Right: not Constant } choice || fact.Value.Truth is not { } truth) continue;
            if (choice.Kind == Operator.Or != truth || facts.Truth(choice.Left) is not null || facts.Truth(choice.Right!) is not null || !AreIn(choice)) continue;
            var ways = new List<ImmutableArray<TestedContext>>(2);
            if (facts.Assume(choice.Left, truth) is { } left) ways.Add(Told(at, left, asked, depth + 1));
            if (facts.Assume(choice.Right!, truth) is { } right) ways.Add(Told(at, right, asked, depth + 1));
            told = told.AddRange(TestedContext.Common(ways).Where(context => !told.Contains(context)));
        }

        return told;
    }

    private static Symbol Outside(int step, TestedContext context) => new(SymbolRole.Result, step, (context.Context, nameof(Outside)));

    private static bool Asks(Alternative at, Value? asked, int step) =>
        asked is not null && at.Evaluate(asked).Mentions(symbol => symbol.Role == SymbolRole.Result && symbol.Index == step);
}
