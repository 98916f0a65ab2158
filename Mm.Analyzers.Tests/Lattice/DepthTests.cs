using FsCheck.Fluent;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class DepthTests
{
    [Fact]
    public void Join_OfAnyTwo_IsTheSameEitherWay() => Law.Holds(Samples.Depths, (a, b) => a.Join(b).Equals(b.Join(a)));

    [Fact]
    public void Join_OfAnyThree_DoesNotDependOnTheGrouping() =>
        Law.Holds(Samples.Depths, (a, b, c) => a.Join(b).Join(c).Equals(a.Join(b.Join(c))));

    [Fact]
    public void Join_WithItself_ChangesNothing() => Law.Holds(Samples.Depths, a => a.Join(a).Equals(a));

    [Fact]
    public void Join_OfAnyTwo_IncludesBoth() => Law.Holds(Samples.Depths, (a, b) => a.Join(b).Includes(a) && a.Join(b).Includes(b));

    [Fact]
    public void Join_WithAnUpperBound_IsThatBound() =>
        Law.Holds(Samples.Depths, (a, b) => a.Includes(b) == a.Join(b).Equals(a));

    [Fact]
    public void Includes_BothWays_MeansEqual() =>
        Law.Holds(Samples.Depths, (a, b) => (a.Includes(b) && b.Includes(a)) == a.Equals(b) && (!a.Equals(b) || a.GetHashCode() == b.GetHashCode()));

    [Fact]
    public void Widen_OfAnyTwo_CoversTheirJoin() => Law.Holds(Samples.Depths, (a, b) => a.Widen(b).Includes(a.Join(b)));

    [Fact]
    public void Widen_ByWhateverComes_ChangesAtMostTwice() => Law.Holds(
        Samples.Depths.ListOf(),
        steps =>
        {
            int changes = 0;
            var state = Depth.Zero;
            foreach (var step in steps)
            {
                var next = state.Widen(step);
                if (!next.Equals(state)) changes++;
                state = next;
            }

            return changes <= 2;
        });

    [Fact]
    public void Shift_ThereAndBack_ChangesNothing() =>
        Law.Holds(Samples.Depths, a => a.Shift(2).Shift(-2).Equals(a) && a.Shift(1).Shift(1).Equals(a.Shift(2)) && a.Shift(0).Equals(a));

    [Fact]
    public void Shift_ByANumber_IsToAddIt() => Law.Holds(Samples.Depths, a => a.Shift(-3).Equals(a.Add(Depth.Exactly(-3))));

    [Fact]
    public void Add_OfAnyThree_IsAMonoid() => Law.Holds(
        Samples.Depths,
        (a, b, c) => a.Add(b).Equals(b.Add(a)) && a.Add(b).Add(c).Equals(a.Add(b.Add(c))) && a.Add(Depth.Zero).Equals(a));

    [Fact]
    public void Add_AfterJoin_IsToJoinTheSums() =>
        Law.Holds(Samples.Depths, (a, b, c) => a.Join(b).Add(c).Equals(a.Add(c).Join(b.Add(c))));

    [Fact]
    public void Add_OfMore_GivesMore() =>
        Law.Holds(Samples.Depths, (a, b, c) => a.Join(b).Add(c).Includes(a.Add(c)) && a.Join(b).Shift(1).Includes(b.Shift(1)));

    [Fact]
    public void Since_AnyStart_CoversWhatLedHere() =>
        Law.Holds(Samples.Depths, (start, change) => start.Add(change).Since(start).Includes(change) && start.Since(Depth.Zero).Equals(start));

    [Fact]
    public void Unknown_WithAnything_StaysUnknown() => Law.Holds(
        Samples.Depths,
        a => a.Join(Depth.Unknown).IsUnknown && a.Add(Depth.Unknown).IsUnknown && Depth.Unknown.Shift(a.IsCertain ? 1 : -1).IsUnknown
            && Depth.Unknown.Widen(a).IsUnknown && Depth.Unknown.Includes(a));

    [Fact]
    public void Tests_OfOneDepth_DoNotContradictEachOther() => Law.Holds(
        Samples.Depths,
        a => (!a.IsCertain || a.IsPossible) && !(a.IsCertain && a.IsBelowZero) && !(a.IsUnknown && (a.IsPossible || a.IsCertain || a.IsZero)));

    [Fact]
    public void Certain_AfterJoin_MeansCertainBefore() =>
        Law.Holds(Samples.Depths, (a, b) => a.Join(b).IsCertain == (a.IsCertain && b.IsCertain));
}
