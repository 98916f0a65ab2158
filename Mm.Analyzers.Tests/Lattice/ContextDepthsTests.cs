using System.Linq;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class ContextDepthsTests
{
    [Fact]
    public void With_InAnyOrder_GivesEqualStates() => Law.Holds(Samples.States, state =>
    {
        var rebuilt = state.Entries.Reverse().Aggregate(ContextDepths.None, (sum, entry) => sum.With(entry.Context, entry.Depth));
        return rebuilt.Equals(state) && rebuilt.GetHashCode() == state.GetHashCode() && rebuilt.ToString() == state.ToString();
    });

    [Fact]
    public void States_EqualAtEveryContext_AreEqual() =>
        Law.Holds(Samples.States, (a, b) => a.Equals(b) == Samples.Contexts.All(context => a[context].Equals(b[context])));

    [Fact]
    public void Entries_OfAnyState_AreSortedAndNotZero() => Law.Holds(Samples.States.Two(), pair =>
        IsNormal(pair.Item1.Join(pair.Item2)) && IsNormal(pair.Item1.Add(pair.Item2))
            && IsNormal(pair.Item1.Widen(pair.Item2)) && IsNormal(pair.Item1.Since(pair.Item2)));

    [Fact]
    public void Join_OfAnyTwo_IsTheirJoinAtEveryContext() => Law.Holds(
        Samples.States,
        (a, b) => Samples.Contexts.All(context => a.Join(b)[context].Equals(a[context].Join(b[context]))));

    [Fact]
    public void Widen_OfAnyTwo_IsTheirWideningAtEveryContext() => Law.Holds(
        Samples.States,
        (a, b) => Samples.Contexts.All(context => a.Widen(b)[context].Equals(a[context].Widen(b[context]))));

    [Fact]
    public void Add_OfAnyTwo_IsTheirSumAtEveryContext() => Law.Holds(
        Samples.States,
        (a, b) => Samples.Contexts.All(context => a.Add(b)[context].Equals(a[context].Add(b[context]))));

    [Fact]
    public void Join_OfAnyThree_IsALeastUpperBound() => Law.Holds(
        Samples.States,
        (a, b, c) => a.Join(b).Equals(b.Join(a)) && a.Join(b).Join(c).Equals(a.Join(b.Join(c))) && a.Join(a).Equals(a)
            && a.Join(b).Includes(a) && a.Join(b).Includes(b) && (!(c.Includes(a) && c.Includes(b)) || c.Includes(a.Join(b))));

    [Fact]
    public void Includes_OfAnyTwo_IsThatAtEveryContext() => Law.Holds(
        Samples.States,
        (a, b) => a.Includes(b) == Samples.Contexts.All(context => a[context].Includes(b[context])));

    [Fact]
    public void Add_OfTheChangeSinceAnExactStart_ComesBack() => Law.Holds(
        Samples.States.Zip(Samples.ExactStates),
        pair => pair.Item2.Add(pair.Item1.Since(pair.Item2)).Equals(pair.Item1) && pair.Item1.Add(pair.Item2).Since(pair.Item2).Equals(pair.Item1));

    [Fact]
    public void Add_OfTheChangeSinceAnyStart_CoversTheState() => Law.Holds(
        Samples.States,
        (state, start) => start.Add(state.Since(start)).Includes(state));

    [Fact]
    public void Since_AStartThatIsUnknown_IsUnknown() =>
        Assert.True(ContextDepths.None.Since(ContextDepths.None.With(Samples.Contexts[0], Depth.Unknown))[Samples.Contexts[0]].IsUnknown);

    [Fact]
    public void Since_ItsOwnStart_IsNone() => Law.Holds(Samples.ExactStates, state => state.Since(state).IsNone);

    [Fact]
    public void Shift_OfOneContext_LeavesTheOthers() => Law.Holds(
        Samples.States,
        state => Samples.Contexts.All(moved => Samples.Contexts.All(
            context => state.Shift(moved, 1)[context].Equals(context.Equals(moved) ? state[context].Shift(1) : state[context]))));

    private static bool IsNormal(ContextDepths state)
    {
        var names = state.Entries.Select(entry => entry.Context.Name).ToArray();
        return names.SequenceEqual(names.Distinct().Order(System.StringComparer.Ordinal)) && state.Entries.All(entry => !entry.Depth.IsZero);
    }
}
