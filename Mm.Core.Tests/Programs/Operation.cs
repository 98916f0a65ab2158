using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace Mm.Core.Tests.Programs;

/// <summary>
/// One operation of a program, as data. Its numbers choose among what there is when it runs (the third of what is held, not page 7),
/// so that it keeps its meaning when operations before it go.
/// </summary>
internal readonly record struct Operation<TDo>(TDo What, int A = 0, int B = 0, int C = 0)
    where TDo : struct, Enum
{
    /// <summary>The operation as C#, where its type is known.</summary>
    public override string ToString()
    {
        int[] numbers = [A, B, C];
        var told = numbers.Take(Array.FindLastIndex(numbers, static n => n != 0) + 1);
        return $"new({typeof(TDo).Name}.{What}{string.Concat(told.Select(static n => FormattableString.Invariant($", {n}")))})";
    }
}

/// <summary>Generators of operations.</summary>
internal static class Operations
{
    /// <summary>A number that chooses among things of which nobody knows yet how many there will be.</summary>
    public static readonly Gen<int> Any = Gen.Choose(0, 999);

    public static readonly Gen<int> None = Gen.Constant(0);

    /// <summary>Mostly small orders, now and then any.</summary>
    public static readonly Gen<int> Orders = Gen.Frequency((2, Gen.Choose(0, 3)), (1, Gen.Choose(0, 10)));

    public static Gen<int> UpTo(int most) => Gen.Choose(0, most);

    public static Gen<int> Between(int least, int most) => Gen.Choose(least, most);

    public static Gen<Operation<TDo>> Of<TDo>(TDo what, Gen<int>? a = null, Gen<int>? b = null, Gen<int>? c = null)
        where TDo : struct, Enum =>
        from first in a ?? None
        from second in b ?? None
        from third in c ?? None
        select new Operation<TDo>(what, first, second, third);

    /// <summary>One of several operations, as often as their weights say.</summary>
    public static Gen<Operation<TDo>> OneOf<TDo>(params (int Weight, Gen<Operation<TDo>> Operation)[] operations)
        where TDo : struct, Enum => Gen.Frequency(operations);
}
