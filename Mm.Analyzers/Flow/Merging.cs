using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What becomes of alternatives where paths meet. Those with equal contexts are merged unless a place that is still read tells them
/// apart; those with different contexts stay side by side, and where nothing tells them apart the meeting is a conflict.
/// </summary>
internal sealed class Merging
{
    /// <summary>More alternatives than this are not kept: the least informative facts go first.</summary>
    public const int Limit = 16;

    // So many are kept for nothing but what branches behind them have told of arguments.
    private const int Few = 4;

    private readonly int _block;
    private readonly bool _isLoopHead;
    private readonly bool _isInLoop;
    private readonly Answers _answers;
    private readonly LivePlaces _live;
    private readonly GivenValues _given;

    public Merging(int block, bool isLoopHead, bool isInLoop, Answers answers, LivePlaces live, GivenValues given)
    {
        _given = given;
        _answers = answers;
        _block = block;
        _isLoopHead = isLoopHead;
        _isInLoop = isInLoop;
        _live = live;
    }

    /// <summary>Merges what can be merged. The order of the result is that of first arrival.</summary>
    public List<Alternative> Reduce(List<Alternative> alternatives)
    {
        var result = new List<Alternative>(System.Math.Min(alternatives.Count, Limit));
        foreach (var next in alternatives) Place(result, next, force: false);
        if (result.Count > Limit)
        {
            var forced = new List<Alternative>();
            foreach (var next in result) Place(forced, next, force: true);
            result = forced;
        }

        while (result.Count > Limit)
        {
            // Even the depths have to be joined: a hull says "possibly", never "not".
            int last = result.Count - 1;
            result[last - 1] = Merge(result[last - 1], result[last]);
            result.RemoveAt(last);
        }

        return result;
    }

    /// <summary>One alternative that covers both; depths become their hull.</summary>
    public Alternative Merge(Alternative left, Alternative right)
    {
        if (ReferenceEquals(left, right)) return left;
        var environment = left.Environment;
        var facts = left.Facts;
        Dictionary<Value, Value>? renamed = null;
        if (ReferenceEquals(left.Environment, right.Environment))
        {
            facts = facts.Join(right.Facts);
        }
        else
        {
            var places = left.Environment.Differences(right.Environment);

            // What the names of this block stood for the last time round, they stand for no more.
            HashSet<object?>? names = null;
            bool IsRenewed(Symbol symbol) => symbol.Role == SymbolRole.Merge && symbol.Index == _block
                && (names ??= new HashSet<object?>(places)).Contains(symbol.Key is BitMask mask ? mask.Place : symbol.Key);
            System.Func<Symbol, bool> isRenewed = IsRenewed;
            if (_isInLoop)
            {
                names = new HashSet<object?>(places);
                AddRenewed(left.Environment, places, names, isRenewed);
                facts = facts.Forget(isRenewed).Join(right.Facts.Forget(isRenewed));
            }
            else
            {
                facts = facts.Join(right.Facts);
            }

            foreach (var place in places)
            {
                if (place.Parent?.Mentions(isRenewed) == true)
                {
                    environment = environment.Remove(place);
                    continue;
                }

                bool inLeft = left.Environment.TryGetValue(place, out var a), inRight = right.Environment.TryGetValue(place, out var b);
                if (inLeft && inRight && (Delegates(a!, b!, isRenewed) ?? BitMask.Either(a!, b!, _block, place, isRenewed) ?? ConditionOf(left, a!, right, b!, place, isRenewed)) is { } either)
                {
                    environment = environment.SetItem(place, either);
                    continue;
                }

                var merged = new Symbol(SymbolRole.Merge, _block, place);
                if (inLeft && inRight && Ownership.Common(a!, b!) is { } family) merged = new Symbol(SymbolRole.Owned, -1, family, merged);
                var known = left.KnownOf(place).Or(right.KnownOf(place));
                if (!known.IsNothing) facts = facts.Learn(merged, known) ?? facts;
                if (inLeft && inRight && MadeResults.Either(a!, left.Facts, b!, right.Facts) is { IsEmpty: false } classes) facts = MadeResults.Learn(facts, merged, classes);
                environment = environment.SetItem(place, merged);
                if (!inLeft || !inRight || left.Held == right.Held) continue;
                renamed ??= new Dictionary<Value, Value>();
                renamed[a!] = merged;
                renamed[b!] = merged;
            }
        }

        // 'a || b' behind two paths: neither is known, and yet one of them holds.
        if (!_isLoopHead && FactSet.Choice(left.Facts, right.Facts) is { } choice) facts = facts.Learn(choice, Known.Exactly(true)) ?? facts;
        return new Alternative
        {
            Depths = left.Depths.Join(right.Depths),
            Held = MergeHeld(left.Held, right.Held, renamed),
            Environment = environment,
            Facts = facts,
            Tested = left.Tested.IsEmpty ? left.Tested : left.Tested.Intersect(right.Tested).ToImmutableArray(),
            Disposed = Both(left, right).AddRange(Both(right, left).RemoveRange(left.Disposed)),
            Below = left.Below.Length >= right.Below.Length ? left.Below : right.Below,
            Repeated = left.Repeated.IsEmpty ? left.Repeated : left.Repeated.RemoveAll(entry => !right.Repeated.Contains(entry)),
            IsExceptional = left.IsExceptional && right.IsExceptional,
            IsInFilter = left.IsInFilter && right.IsInFilter,
            HasLostContext = left.HasLostContext || right.HasLostContext,
            HasSuspended = left.HasSuspended && right.HasSuspended,
            Cleared = System.Math.Min(left.Cleared, right.Cleared),
            Epoch = System.Math.Max(left.Epoch, right.Epoch),
        };
    }

    private Value? Delegates(Value left, Value right, System.Func<Symbol, bool> isRenewed) =>
        CombinedValue.Either(left, right, _given.AreDelegates(left, right) && !left.Mentions(isRenewed) && !right.Mentions(isRenewed));

    // A turn of a loop and what came before it have no condition in common; and what is known on both paths needs none.
    private Value? ConditionOf(Alternative left, Value a, Alternative right, Value b, Symbol place, System.Func<Symbol, bool> isRenewed) =>
        !_isLoopHead && (place.Role == SymbolRole.Temporary || place.Key is ILocalSymbol { Type.SpecialType: SpecialType.System_Boolean } || _given.IsTruthOf(place))
            && left.Facts.Of(a).Or(right.Facts.Of(b)).IsNothing ? ConditionMeeting.Either(a, left.Facts, b, right.Facts, isRenewed) : null;

    // What is null on the other side needs no disposal there.
    private static ImmutableArray<Value> Both(Alternative left, Alternative right) => left.Disposed.IsEmpty
        ? left.Disposed
        : left.Disposed.Where(guard => right.Disposed.Contains(guard) || right.Facts.Of(guard).EqualTo(null) == true).ToImmutableArray();

    /// <summary>Whether some variable, field, or condition over such has values that exclude each other.</summary>
    public bool AreToldApart(Alternative left, Alternative right) => IsToldApart(left, right) || IsToldApart(right, left);

    private bool IsToldApart(Alternative left, Alternative right)
    {
        foreach (var pair in left.Environment)
        {
            // What a conditional expression gave counts where it is still to be assigned.
            if (pair.Key.Role == SymbolRole.Temporary && !_live.IsLive(pair.Key)) continue;
            if (pair.Value is Constant && pair.Key.Role != SymbolRole.Field && right.Environment.TryGetValue(pair.Key, out var other) && ReferenceEquals(pair.Value, other)) continue;
            if (left.KnownOf(pair.Key).Contradicts(right.KnownOf(pair.Key))) return true;
        }

        foreach (var fact in left.Facts.All)
        {
            if (!fact.Value.Contradicts(right.Facts.Of(fact.Key))) continue;

            // The result of a call that no variable keeps tells nobody anything.
            if (fact.Key.Mentions(static symbol => symbol.Role is SymbolRole.Result or SymbolRole.Fresh or SymbolRole.Owned) && !IsPartOfVariable(left, fact.Key)) continue;
            if (fact.Key.Mentions(LastingValues.IsOne) && !_live.IsAskedAgain(left, fact.Key)) continue;
            return true;
        }

        return false;
    }

    private static bool IsPartOfVariable(Alternative alternative, Value part)
    {
        foreach (var pair in alternative.Environment)
        {
            if (pair.Key.Role != SymbolRole.Local) continue;
            if (pair.Value is Symbol && part.Contains(pair.Value)) return true;
            if (pair.Value is TupleValue tuple && tuple.Items.Any(item => item is Symbol && part.Contains(item))) return true;
        }

        return false;
    }

    private void Place(List<Alternative> result, Alternative next, bool force)
    {
        for (int i = 0; i < result.Count; i++)
        {
            var here = result[i];
            if (!here.Depths.Equals(next.Depths) || here.IsExceptional != next.IsExceptional) continue;
            if (!force && (DifferOnLive(here, next) || DifferByDenials(here, next) || !_isInLoop && result.Count < Few && _given.KnowDifferentThings(here, next))) continue;
            var merged = Merge(here, next);
            if (!force && LosesDistinction(result, i, next, merged)) continue;
            result[i] = merged;
            return;
        }

        result.Add(next);
    }

    // 'if (check && InAtomic()) return;' has said no to all who checked, and nothing to those who did not: the parameter tells callers who they are.
    private bool DifferByDenials(Alternative left, Alternative right)
    {
        if (left.Tested.IsEmpty == right.Tested.IsEmpty || left.Tested.Any(static tested => tested.IsIn) || right.Tested.Any(static tested => tested.IsIn)) return false;
        foreach (var fact in left.Facts.All)
        {
            if ((fact.Key is Symbol { Role: SymbolRole.Parameter, Index: >= 0, Parent: null } || _given.IsBound(fact.Key)) && fact.Value.Contradicts(right.Facts.Of(fact.Key))) return true;
        }

        if (IsDeniedChoice(left, right) || IsDeniedChoice(right, left)) return true;

        // 'if (InAtomic() && nowait)': behind it, either the test has said no, or the caller has.
        return left.Tested.IsEmpty ? _given.KnowsMore(left, right) : _given.KnowsMore(right, left);
    }

    // 'if (low < n && n < high && InAtomic())': who has not checked is on either side.
    private bool IsDeniedChoice(Alternative one, Alternative other)
    {
        foreach (var fact in one.Facts.All)
        {
            if (fact is { Key: Operation { Kind: Operator.Or }, Value.Truth: true } && other.Facts.Truth(fact.Key) == false) return true;
        }

        return false;
    }

    // Merging two must not make either look like a third with other contexts.
    private bool LosesDistinction(List<Alternative> result, int at, Alternative next, Alternative merged)
    {
        for (int i = 0; i < result.Count; i++)
        {
            if (i == at || result[i].Depths.Equals(next.Depths)) continue;
            if (AreToldApart(result[at], result[i]) && AreToldApart(next, result[i]) && !AreToldApart(merged, result[i])) return true;
        }

        return false;
    }

    /// <summary>Places that are bound alike, but to a name that is about to stand for something else, or that are part of such a thing.</summary>
    private static void AddRenewed(Bindings environment, List<Symbol> places, HashSet<object?> names, System.Func<Symbol, bool> isRenewed)
    {
        for (int before = -1; before != names.Count;)
        {
            before = names.Count;
            foreach (var pair in environment)
            {
                if (names.Contains(pair.Key) || !pair.Value.Mentions(isRenewed) && pair.Key.Parent?.Mentions(isRenewed) != true) continue;
                places.Add(pair.Key);
                names.Add(pair.Key);
            }
        }
    }

    private bool DifferOnLive(Alternative left, Alternative right)
    {
        var differences = left.Facts.Differences(right.Facts);
        bool isSameEnvironment = ReferenceEquals(left.Environment, right.Environment) && left.Epoch == right.Epoch;
        if (isSameEnvironment && differences.Count == 0) return false;
        foreach (var place in _live.Candidates(left, right, differences))
        {
            // The same value, and nothing said of it or of a part of it on one side only.
            var value = left.Evaluate(place);
            var other = isSameEnvironment ? value : right.Evaluate(place);
            if (value.Equals(other) && !HasPart(value, differences)) continue;

            if (!value.Equals(other) && IsCondition(place) && DifferByAnswers(left, right, value, other, differences)) return true;
            var a = left.Facts.Of(value);
            var b = right.Facts.Of(other);
            if (!a.Contradicts(b))
            {
                var (here, there) = (left.Evaluate(place), right.Evaluate(place));
                if (DifferAsFunctions(here, there) || Ownership.Differ(here, there) || DifferAsFlags(place, a, b) || DifferAsGiven(left, right, here, there)) return true;
                continue;
            }

            // A counter would keep every turn of a loop apart from every other; what a caller has said is the same in each.
            if (_isLoopHead && a.IsExact && a.Exact is long && !IsFlags(place) && !_given.AreToldApart(left, right)) continue;
            return true;
        }

        return !_isLoopHead && !isSameEnvironment && _given.AreToldApart(left, right) && DifferOnMade(left, right);
    }

    // 'new Request(wait ? Flags.Wait : 0)', of which the caller knows which it is.
    private bool DifferOnMade(Alternative left, Alternative right)
    {
        foreach (var place in _live.PartsOfMade(left, right))
        {
            if (!left.Evaluate(place).Equals(right.Evaluate(place))) return true;
        }

        return false;
    }

    // What was computed in a turn of a loop is computed again in the next.
    private bool IsCondition(Symbol place) =>
        !_isLoopHead && place.Role == SymbolRole.Temporary || place.Key is ILocalSymbol { Type.SpecialType: SpecialType.System_Boolean };

    // 'asked || other' is not the same where the test said no and where it said yes.
    private bool DifferByAnswers(Alternative left, Alternative right, Value value, Value other, List<Value> differences) =>
        !left.Tested.SequenceEqual(right.Tested) || !_answers.IsEmpty && (_answers.AreIn(value) || _answers.AreIn(other) || differences.Exists(_answers.AreIn));

    private static bool HasPart(Value value, List<Value> parts)
    {
        foreach (var part in parts)
        {
            if (value.Contains(part)) return true;
        }

        return false;
    }

    private static bool DifferAsFunctions(Value left, Value right) =>
        (Composites.HoldFunction(left) || Composites.HoldFunction(right)) && !left.Equals(right);

    // 'wait ? timeout : 0' and 'first ?? second': whoever knows the arguments knows which.
    private bool DifferAsGiven(Alternative left, Alternative right, Value here, Value there) =>
        !here.Equals(there) && (!_isLoopHead && _given.AreChoice(here, there) || (GivenValues.AreMade(here, there) || !_isLoopHead && _given.AreNumbers(here, there)) && _given.AreToldApart(left, right));

    // The flags of one branch say nothing of those of the other: 'wait ? flags : flags & ~MayBlock' depends on the branch.
    private bool DifferAsFlags(Symbol place, Known left, Known right) =>
        !_isLoopHead && (left.Ones | left.Zeros | right.Ones | right.Zeros) != 0 && !left.Equals(right)
        && (place.Role is SymbolRole.Temporary or SymbolRole.Parameter || IsFlags(place));

    private static bool IsFlags(Symbol place) => place.Key switch
    {
        ILocalSymbol local => Facts.Numbers.Underlying(local.Type)?.TypeKind == TypeKind.Enum,
        IFieldSymbol field => Facts.Numbers.Underlying(field.Type)?.TypeKind == TypeKind.Enum,
        _ => false,
    };

    private static ImmutableArray<Held> MergeHeld(ImmutableArray<Held> left, ImmutableArray<Held> right, Dictionary<Value, Value>? renamed)
    {
        if (left == right) return left;
        var result = ImmutableArray.CreateBuilder<Held>();
        var rest = right.ToList();
        foreach (var held in left)
        {
            int same = rest.FindIndex(other => SameHolder(held, other, renamed));
            if (same < 0)
            {
                result.Add(held);
                continue;
            }

            var guard = held.Guard is { } mine && !mine.Equals(rest[same].Guard) && renamed!.TryGetValue(mine, out var both) ? both : held.Guard;
            result.Add(held with { Guard = guard, HasEscaped = held.HasEscaped || rest[same].HasEscaped });
            rest.RemoveAt(same);
        }

        // Held on one side only: the hull of the depths keeps it possible, and the site is good for the message.
        result.AddRange(rest);
        return result.ToImmutable();
    }

    private static bool SameHolder(Held left, Held right, Dictionary<Value, Value>? renamed)
    {
        if (!left.Contexts.SequenceEqual(right.Contexts) || (left.Guard is null) != (right.Guard is null)) return false;
        if (left.Guard is null) return Equals(left.Lock, right.Lock);
        return left.Guard.Equals(right.Guard)
            || (renamed is not null && renamed.TryGetValue(left.Guard, out var a) && renamed.TryGetValue(right.Guard!, out var b) && a.Equals(b));
    }
}
