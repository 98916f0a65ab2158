using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace Mm.Analyzers.Lattice;

/// <summary>What the branches taken so far say about values. Immutable; evaluation and refinement of conditions.</summary>
internal sealed class FactSet
{
    public static readonly FactSet Empty = new(ImmutableArray<KeyValuePair<Value, Known>>.Empty);

    // Beyond this many, the oldest fact goes: forgetting is always sound.
    private const int Limit = 48;

    private readonly ImmutableArray<KeyValuePair<Value, Known>> _facts;

    private FactSet(ImmutableArray<KeyValuePair<Value, Known>> facts) => _facts = facts;

    public ImmutableArray<KeyValuePair<Value, Known>> All => _facts;

    public Known Of(Value value) => value switch
    {
        Constant constant => constant.Known,
        Symbol { Role: SymbolRole.Instance or SymbolRole.Function or SymbolRole.Iterator } or Symbol { Role: SymbolRole.Parameter, Index: -1 } => Known.NotNull,
        Operation operation => OfOperation(operation),
        CombinedValue { IsExact: true } or ListedValue => Known.NotNull,
        Symbol { Key: BitMask mask } => mask.Known,
        _ => Lookup(value) ?? Known.Nothing,
    };

    public bool? Truth(Value condition) => Of(condition).Truth;

    /// <summary>The facts with the condition added; null where it cannot hold.</summary>
    public FactSet? Assume(Value condition, bool truth)
    {
        if (Truth(condition) is { } decided) return decided == truth ? this : null;
        switch (condition)
        {
            case Operation { Kind: Operator.Not } negation:
                return Assume(negation.Left, !truth);
            case Operation { Kind: Operator.And } both when truth && both.Right is not Constant:
                return Assume(both.Left, true)?.Assume(both.Right!, true);
            case Operation { Kind: Operator.Or } either when !truth && either.Right is not Constant:
                return Assume(either.Left, false)?.Assume(either.Right!, false);
            case Operation { Kind: Operator.And } both when !truth && both.Right is not Constant:
                return EitherOf(both, false);
            case Operation { Kind: Operator.Or } either when truth && either.Right is not Constant:
                return EitherOf(either, true);
            case Operation { Kind: Operator.Equal, Right: Constant constant } equal:
                return truth ? Learn(equal.Left, Known.Exactly(constant.Item))?.Chosen() : Learn(equal.Left, Known.Not(constant.Item));
            default:
                return Learn(condition, Known.Exactly(truth))?.Chosen();
        }
    }

    // What is true of such a condition is said of its parts.
    private static bool IsTakenApart(Operation condition) =>
        condition.Kind == Operator.Not || condition.Kind is Operator.And or Operator.Or && condition.Right is not Constant || condition is { Kind: Operator.Equal, Right: Constant };

    /// <summary>Adds what is known of a value; null where that contradicts the facts.</summary>
    public FactSet? Learn(Value value, Known known)
    {
        if (known.IsNothing) return this;
        switch (value)
        {
            case Constant constant: return known.EqualTo(constant.Item) == false ? null : this;
            case ListedValue or Symbol { Role: SymbolRole.Instance or SymbolRole.Function or SymbolRole.Iterator } or Symbol { Role: SymbolRole.Parameter, Index: -1 }: return known.EqualTo(null) == true ? null : this;
            case Operation operation when known is { IsExact: true, Truth: { } truth } && IsTakenApart(operation): return Assume(operation, truth);
            case Operation operation: return LearnOperation(operation, known);
            default: return Store(value, known);
        }
    }

    /// <summary>Values of which the two sets do not say the same.</summary>
    public List<Value> Differences(FactSet other)
    {
        var differences = new List<Value>();
        if (ReferenceEquals(this, other)) return differences;
        foreach (var fact in _facts)
        {
            if (other.Lookup(fact.Key) is not { } known || !known.Equals(fact.Value)) differences.Add(fact.Key);
        }

        foreach (var fact in other._facts)
        {
            if (Lookup(fact.Key) is null) differences.Add(fact.Key);
        }

        return differences;
    }

    public FactSet Forget(Func<Symbol, bool> test) => Where(test, static (test, fact) => !fact.Key.Mentions(test));

    /// <summary>The same of values under another name.</summary>
    public FactSet Substitute(Func<Symbol, bool> test, Func<Symbol, Value> replace)
    {
        var facts = Forget(test);
        foreach (var fact in _facts)
        {
            if (fact.Key.Mentions(test)) facts = facts.Learn(fact.Key.Substitute(replace), fact.Value) ?? facts;
        }

        return facts;
    }

    public FactSet Where(Func<KeyValuePair<Value, Known>, bool> keep) => Where(keep, static (keep, fact) => keep(fact));

    // What the test needs is passed on, so that nothing is allocated where nothing goes.
    private FactSet Where<T>(T state, Func<T, KeyValuePair<Value, Known>, bool> keep)
    {
        int same = 0;
        while (same < _facts.Length && keep(state, _facts[same])) same++;
        if (same == _facts.Length) return this;
        var kept = ImmutableArray.CreateBuilder<KeyValuePair<Value, Known>>(_facts.Length - 1);
        for (int i = 0; i < _facts.Length; i++)
        {
            if (i < same || i > same && keep(state, _facts[i])) kept.Add(_facts[i]);
        }

        return Of(kept);
    }

    private static FactSet Of(ImmutableArray<KeyValuePair<Value, Known>>.Builder facts) =>
        facts.Count == 0 ? Empty : new(facts.Count == facts.Capacity ? facts.MoveToImmutable() : facts.ToImmutable());

    public bool Mentions(SymbolRole role) => Mentions(symbol => symbol.Role == role);

    public bool Mentions(Func<Symbol, bool> test)
    {
        foreach (var fact in _facts)
        {
            if (fact.Key.Mentions(test)) return true;
        }

        return false;
    }

    /// <summary>What both sets say.</summary>
    public FactSet Join(FactSet other)
    {
        if (ReferenceEquals(this, other)) return this;
        ImmutableArray<KeyValuePair<Value, Known>>.Builder? common = null;
        for (int i = 0; i < _facts.Length; i++)
        {
            var fact = _facts[i];
            var known = fact.Value.Or(other.Of(fact.Key));
            if (common is null && known.Equals(fact.Value)) continue;
            if (common is null)
            {
                common = ImmutableArray.CreateBuilder<KeyValuePair<Value, Known>>(_facts.Length);
                common.AddRange(_facts, i);
            }

            if (!known.IsNothing) common.Add(new(fact.Key, known));
        }

        return common is null ? this : Of(common);
    }

    /// <summary>
    /// What can be said of two sets that came together, beyond what both say: of 'a' on one side, and 'not a' and 'b' on the other, that
    /// one of the two holds.
    /// </summary>
    public static Value? Choice(FactSet left, FactSet right) => Alternation(left, right) ?? Alternation(right, left);

    /// <summary>The shortest condition that holds here and not there; null where the two sets do not exclude each other.</summary>
    public Value? Distinction(FactSet other, Func<Symbol, bool> isGone)
    {
        Value? shortest = null;
        void Offer(Value? condition)
        {
            if (condition is null || shortest?.Size <= condition.Size || condition.Mentions(isGone)) return;
            if (Truth(condition) == true && other.Truth(condition) == false) shortest = condition;
        }

        foreach (var fact in _facts)
        {
            if (fact.Value.Contradicts(other.Of(fact.Key))) Offer(Condition(fact, other.Of(fact.Key)));
        }

        foreach (var fact in other._facts)
        {
            if (fact.Value.Contradicts(Of(fact.Key)) && Condition(fact, Of(fact.Key)) is { } condition) Offer(Fold.Not(condition));
        }

        return shortest;
    }

    private static Value? Alternation(FactSet one, FactSet other)
    {
        if (Difference(one, other, without: null) is not { } first || !first.Value.Contradicts(other.Of(first.Key))) return null;
        if (Condition(first, other.Of(first.Key)) is not { } left) return null;
        var rest = Rest(other.Of(first.Key), first.Value);
        if (Difference(other, one, without: first.Key) is not { } second) second = new(first.Key, rest);
        else if (!rest.IsNothing) return null;
        if (Condition(second, one.Of(second.Key)) is not { } right) return null;
        var choice = Fold.Make(Operator.Or, left, right);
        return choice is Operation { Kind: Operator.Or } && choice.Size <= Value.Sizes.Limit ? choice : null;
    }

    // The bits that are known here, and neither so nor otherwise there.
    private static Known Rest(Known known, Known there) => known.IsExact || there.IsExact
        ? Known.Nothing
        : Known.Bits(known.Ones & ~(there.Ones | there.Zeros), known.Zeros & ~(there.Ones | there.Zeros));

    // The only thing that one set knows and the other does not, parts of what is spoken of already aside.
    private static KeyValuePair<Value, Known>? Difference(FactSet set, FactSet other, Value? without)
    {
        KeyValuePair<Value, Known>? found = null;
        foreach (var fact in set._facts)
        {
            if (without?.Contains(fact.Key) == true || other.Of(fact.Key).Equals(fact.Value)) continue;
            if (found is not null) return null;
            found = fact;
        }

        return found;
    }

    /// <summary>The fact as a condition; of bits, those that are otherwise there, or not known.</summary>
    private static Value? Condition(KeyValuePair<Value, Known> fact, Known there)
    {
        switch (fact.Value)
        {
            case { Truth: { } truth }: return truth ? fact.Key : Fold.Not(fact.Key);
            case { IsExact: true, Exact: var item }: return Fold.Equal(fact.Key, Constant.Of(item));
            case { Excluded: { Length: 1 } excluded, Ones: 0, Zeros: 0 }: return Fold.Not(Fold.Equal(fact.Key, Constant.Of(excluded[0])));
            case { Excluded.IsEmpty: true } bits:
                ulong ones = bits.Ones & ~there.Ones, zeros = bits.Zeros & ~there.Zeros;
                if ((bits.Ones & there.Zeros | bits.Zeros & there.Ones) is > 0 and var turned) (ones, zeros) = (ones & turned, zeros & turned);
                ulong mask = ones | zeros;
                return mask != 0 && (mask & (mask - 1)) == 0 ? ones != 0 ? Fold.HasAny(fact.Key, unchecked((long)mask)) : Fold.Not(Fold.HasAny(fact.Key, unchecked((long)mask))) : null;
            default: return null;
        }
    }

    public bool SameAs(FactSet other)
    {
        if (_facts.Length != other._facts.Length) return false;
        foreach (var fact in other._facts)
        {
            if (Lookup(fact.Key) is not { } mine || !mine.Equals(fact.Value)) return false;
        }

        return true;
    }

    private Known? Lookup(Value value)
    {
        int hash = value.GetHashCode();
        foreach (var fact in _facts)
        {
            if (fact.Key.GetHashCode() == hash && fact.Key.Equals(value)) return fact.Value;
        }

        return null;
    }

    private FactSet Add(Value value, Known known)
    {
        int hash = value.GetHashCode();
        for (int i = 0; i < _facts.Length; i++)
        {
            if (_facts[i].Key.GetHashCode() == hash && _facts[i].Key.Equals(value)) return new(_facts.SetItem(i, new(value, known)));
        }

        var facts = _facts.Length >= Limit ? _facts.RemoveAt(0) : _facts;
        return new(facts.Add(new(value, known)));
    }

    private FactSet? Store(Value value, Known known)
    {
        var old = Lookup(value);
        if (old is null) return Add(value, known);
        var merged = old.And(known);
        return merged is null ? null : Add(value, merged);
    }

    /// <summary>These facts, unless they leave none of the choices of an earlier condition: 'x is 1 or 2', and now it is 3.</summary>
    private FactSet? Chosen()
    {
        foreach (var fact in _facts)
        {
            if (fact.Key is Operation { Kind: Operator.Or or Operator.And } choice && fact.Value.Truth is { } truth && Compute(choice).Truth == !truth) return null;
        }

        return this;
    }

    /// <summary>One side of the condition is so, and which is open: what follows from either, and the condition itself.</summary>
    private FactSet? EitherOf(Operation condition, bool truth)
    {
        var left = Assume(condition.Left, truth);
        var right = Assume(condition.Right!, truth);
        if (left is null || right is null) return left ?? right;
        return left.Join(right).LearnOperation(condition, Known.Exactly(truth));
    }

    /// <summary>What is known of the result is, where that is possible, known of the operands: the fact itself is then not needed.</summary>
    private FactSet? LearnOperation(Operation operation, Known known)
    {
        var facts = this;
        foreach (var (operand, follows) in OperandFacts.Of(operation, known))
        {
            if (facts.Learn(operand, follows) is not { } learned) return null;
            facts = learned;
        }

        var computed = facts.Compute(operation);
        if (computed.And(known) is not { } both) return null;
        return both.Equals(computed) ? facts : facts.Store(operation, known);
    }

    private Known OfOperation(Operation operation)
    {
        var direct = Lookup(operation);
        var computed = Compute(operation);
        return direct is null ? computed : direct.And(computed) ?? direct;
    }

    private Known Compute(Operation operation)
    {
        var left = Of(operation.Left);
        if (operation.Right is null)
        {
            return operation.Kind switch
            {
                Operator.Not when left.Truth is { } truth => Known.Exactly(!truth),
                Operator.Complement => Known.Bits(left.Zeros, left.Ones),
                _ => Known.Nothing,
            };
        }

        var right = Of(operation.Right);
        switch (operation.Kind)
        {
            case Operator.And when left.Truth == false || right.Truth == false: return Known.Exactly(false);
            case Operator.And when left.Truth == true && right.Truth == true: return Known.Exactly(true);
            case Operator.Or when left.Truth == true || right.Truth == true: return Known.Exactly(true);
            case Operator.Or when left.Truth == false && right.Truth == false: return Known.Exactly(false);
            case Operator.Xor when left.Truth is { } a && right.Truth is { } b: return Known.Exactly(a != b);
            case Operator.Equal:
                if (right.IsExact && left.EqualTo(right.Exact) is { } equal) return Known.Exactly(equal);
                if (left.IsExact && right.EqualTo(left.Exact) is { } same) return Known.Exactly(same);
                if (left.Contradicts(right)) return Known.Exactly(false);
                return right.IsExact && right.Exact is long number ? Excludes(operation.Left, number) : Known.Nothing;
            case Operator.Less when operation.Left is Constant { Item: long bound } && !right.IsExact:
                return IsAbove(operation.Right, bound);
            case Operator.IsType when left.EqualTo(null) == true: return Known.Exactly(false);
            case Operator.TryCast when left.EqualTo(null) == true: return Known.Exactly(null);
            case Operator.Coalesce when left.EqualTo(null) is { } isNull: return isNull ? right : left;
        }

        if (left.IsExact && right.IsExact)
        {
            return FoldConstants.Of(operation.Kind, left.Exact, right.Exact) is { } folded ? Known.Exactly(folded.Item) : Known.Nothing;
        }

        return BitFacts.Of(operation.Kind, left, right);
    }

    /// <summary>Whether comparisons with other bounds say that a value is above this one.</summary>
    private Known IsAbove(Value value, long bound)
    {
        foreach (var fact in _facts)
        {
            if (fact.Key is not Operation { Kind: Operator.Less, Left: Constant { Item: long other } } known || fact.Value.Truth is not { } truth) continue;
            if ((truth ? other >= bound : other <= bound) && known.Right!.Equals(value)) return Known.Exactly(truth);
        }

        return Known.Nothing;
    }

    /// <summary>Whether a comparison with a bound says that a value is not this one.</summary>
    private Known Excludes(Value value, long number)
    {
        foreach (var fact in _facts)
        {
            if (fact.Key is not Operation { Kind: Operator.Less, Left: Constant { Item: long other } } known || fact.Value.Truth is not { } truth) continue;
            if ((truth ? number <= other : number > other) && known.Right!.Equals(value)) return Known.Exactly(false);
        }

        return Known.Nothing;
    }
}
