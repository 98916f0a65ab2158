using System.Linq;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

public class KnownTests
{
    [Fact]
    public void And_OfTwoThatHold_Holds() => Law.Holds(
        Samples.AnyKnown,
        (a, b) => Samples.Items.Where(item => Admits(a, item) && Admits(b, item)).All(item => a.And(b) is { } both && Admits(both, item)));

    [Fact]
    public void And_OfTwoThatExcludeEachOther_IsNullForNoWitness() => Law.Holds(
        Samples.AnyKnown,
        (a, b) => !a.Contradicts(b) || !Samples.Items.Any(item => Admits(a, item) && Admits(b, item)));

    [Fact]
    public void And_EitherWay_SaysTheSame() => Law.Holds(
        Samples.AnyKnown,
        (a, b) => a.Contradicts(b) == b.Contradicts(a) && Equals(a.And(b), b.And(a)));

    [Fact]
    public void And_WithItselfOrNothing_ChangesNothing() =>
        Law.Holds(Samples.AnyKnown, a => a.Equals(a.And(a)) && a.Equals(a.And(Known.Nothing)) && a.Equals(Known.Nothing.And(a)));

    [Fact]
    public void Or_OfTwoOfWhichOneHolds_Holds() => Law.Holds(
        Samples.AnyKnown,
        (a, b) => Samples.Items.Where(item => Admits(a, item) || Admits(b, item)).All(item => Admits(a.Or(b), item)));

    [Fact]
    public void Or_EitherWay_SaysTheSame() => Law.Holds(Samples.AnyKnown, (a, b) => a.Or(b).Equals(b.Or(a)));

    [Fact]
    public void Or_WithItself_ChangesNothing() => Law.Holds(Samples.AnyKnown, a => a.Or(a).Equals(a));

    [Fact]
    public void Or_WithNothing_IsNothing() => Law.Holds(Samples.AnyKnown, a => a.Or(Known.Nothing).IsNothing && Known.Nothing.Or(a).IsNothing);

    [Fact]
    public void Or_OfManyInTurn_EndsAfterFewSteps() => Law.Holds(Samples.AnyKnown.ListOf(), list =>
    {
        // A loop head joins until nothing changes: excluded constants and bits only get fewer.
        int changes = 0;
        var state = list.Count == 0 ? Known.Nothing : list[0];
        foreach (var next in list.Concat(list))
        {
            var joined = state.Or(next);
            if (!joined.Equals(state)) changes++;
            state = joined;
        }

        return changes <= 80 && list.All(next => state.Or(next).Equals(state));
    });

    [Fact]
    public void EqualTo_OfAnyConstant_AgreesWithEveryWitness() => Law.Holds(
        Samples.AnyKnown,
        known => Samples.Items.Where(witness => Admits(known, witness)).All(witness => Samples.Items.All(
            constant => known.EqualTo(constant) is not { } equal || equal == Equals(witness, constant))));

    [Fact]
    public void Truth_WhereKnown_IsThatOfEveryWitness() => Law.Holds(
        Samples.KnownOf([true, false]),
        known => new[] { true, false }.Where(witness => Admits(known, witness)).All(witness => known.Truth is not { } truth || truth == witness));

    [Fact]
    public void Not_OfAConstant_AdmitsEveryOtherOfItsType()
    {
        foreach (var constant in Samples.Items)
        {
            var others = Samples.Items.Where(item => !Equals(item, constant) && (constant is not bool || item is bool));
            Assert.All(others, item => Assert.True(Admits(Known.Not(constant), item)));
            Assert.False(Admits(Known.Not(constant), constant));
        }
    }

    [Fact]
    public void Exactly_AnyIntegerType_IsOneRepresentation()
    {
        object[] sevens = [7, 7u, 7L, 7ul, (byte)7, (sbyte)7, (short)7, (ushort)7, (char)7];

        Assert.All(sevens, seven => Assert.Equal(Known.Exactly(7L), Known.Exactly(seven)));
    }

    [Fact]
    public void Equals_OfTwo_MeansTheSameHash() =>
        Law.Holds(Samples.AnyKnown, (a, b) => !a.Equals(b) || a.GetHashCode() == b.GetHashCode());

    [Fact]
    public void And_BeyondTheLimitOfExclusions_ForgetsAndHolds()
    {
        var known = Enumerable.Range(0, 40).Select(n => Known.Not((long)n)).Aggregate((a, b) => a.And(b)!);

        Assert.True(known.Excluded.Length < 40);
        Assert.Null(known.EqualTo(100L));
    }

    /// <summary>Whether a variable of which this is known may hold the item; read off the parts, not asked of the code under test.</summary>
    internal static bool Admits(Known known, object? item) => known.IsExact
        ? Equals(known.Exact, item)
        : !known.Excluded.Contains(item)
            && (item is long number
                ? ((ulong)number & known.Ones) == known.Ones && ((ulong)number & known.Zeros) == 0
                : (known.Ones | known.Zeros) == 0);
}
