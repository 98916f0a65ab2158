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

    private readonly SortedDictionary<int, ImmutableArray<Telling>> _tellings = new();

    /// <summary>Whether the body asks nothing, as most do.</summary>
    public bool IsEmpty => _tellings.Count == 0;

    public void Add(int step, Telling telling)
    {
        if (!_tellings.TryGetValue(step, out var known)) known = ImmutableArray<Telling>.Empty;
        if (!known.Contains(telling)) _tellings[step] = known.Add(telling);
    }

    public bool AreIn(Value value) => !IsEmpty && value.Mentions(symbol => symbol.Role == SymbolRole.Result && _tellings.ContainsKey(symbol.Index));

    /// <summary>What the facts say, and the branches taken.</summary>
    /// <param name="at">The state.</param>
    /// <param name="facts">Its facts, or some with more in them.</param>
    /// <param name="asked">What a branch asks just now: the answer counts, though the context has been left since.</param>
    public ImmutableArray<TestedContext> Told(Alternative at, FactSet facts, Value? asked = null) => IsEmpty ? at.Tested : Told(at, facts, asked, 0);

    private ImmutableArray<TestedContext> Told(Alternative at, FactSet facts, Value? asked, int depth)
    {
        var told = at.Tested;
        foreach (var pair in _tellings)
        {
            foreach (var telling in pair.Value)
            {
                if (telling.Context is not { } context || told.Contains(context) || facts.Truth(at.Evaluate(telling.Condition)) != telling.Truth) continue;

                // It was asked before the context was left.
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

    private static bool Asks(Alternative at, Value? asked, int step) =>
        asked is not null && at.Evaluate(asked).Mentions(symbol => symbol.Role == SymbolRole.Result && symbol.Index == step);
}
