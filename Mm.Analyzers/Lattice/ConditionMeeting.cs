using System;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// What a condition became where paths met: false on the one, and something on the other. What tells the paths apart is a part of it, so
/// 'both = a &amp;&amp; b', which the compiler takes apart into branches, is 'a and b' again.
/// </summary>
internal static class ConditionMeeting
{
    /// <summary>One value or the other as a value that is right on both paths; null where neither is true or false, or nothing tells the paths apart.</summary>
    /// <param name="left">The value on one path.</param>
    /// <param name="leftFacts">What is known there.</param>
    /// <param name="right">The value on the other.</param>
    /// <param name="rightFacts">What is known there.</param>
    /// <param name="isGone">What means something else from there on.</param>
    public static Value? Either(Value left, FactSet leftFacts, Value right, FactSet rightFacts, Func<Symbol, bool> isGone) => (left, right) switch
    {
        (Constant { Item: bool truth }, _) => Decided(truth, leftFacts, right, rightFacts, isGone),
        (_, Constant { Item: bool truth }) => Decided(truth, rightFacts, left, leftFacts, isGone),
        _ => null,
    };

    private static Value? Decided(bool truth, FactSet here, Value other, FactSet there, Func<Symbol, bool> isGone)
    {
        if (other is Constant { Item: not bool } || other.Mentions(isGone) || here.Distinction(there, isGone) is not { } condition) return null;
        var either = truth ? Fold.Make(Operator.Or, condition, other) : Fold.Make(Operator.And, Fold.Not(condition), other);
        return either.Size <= Value.Sizes.Limit ? either : null;
    }
}
