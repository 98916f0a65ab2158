using System;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// How often a context has been entered, as an interval relative to the entry of the body.
/// A loop that only enters widens the upper bound, one that only leaves the lower; where both are gone, nothing is known.
/// </summary>
internal readonly struct Depth : IEquatable<Depth>
{
    private const int NoLow = int.MinValue;
    private const int NoHigh = int.MaxValue;

    private Depth(int low, int high)
    {
        Low = low;
        High = high;
    }

    public static Depth Zero => default;

    public static Depth One => new(1, 1);

    public static Depth Unknown => new(NoLow, NoHigh);

    public int Low { get; }

    public int High { get; }

    public bool IsZero => Low == 0 && High == 0;

    public bool IsUnknown => Low == NoLow && High == NoHigh;

    /// <summary>On every path through this point the context is entered.</summary>
    public bool IsCertain => Low > 0;

    /// <summary>On some path it is, and the lower bound is still known: a widened loop, or a hull of alternatives.</summary>
    public bool IsPossible => High > 0 && Low != NoLow;

    /// <summary>A loop leaves it in some of its turns, and may have left it once for good: the next leave is one too many.</summary>
    public bool MayBeSpent => Low == NoLow && High <= 1;

    public bool IsBelowZero => Low < 0 && Low != NoLow || Low == NoLow && High <= 0;

    public static Depth Exactly(int depth) => new(depth, depth);

    public Depth Shift(int by) => new(Shift(Low, by), Shift(High, by));

    public Depth Add(Depth other) => new(
        Low == NoLow || other.Low == NoLow ? NoLow : Low + other.Low,
        High == NoHigh || other.High == NoHigh ? NoHigh : High + other.High);

    /// <summary>The change that leads here from a start: exact where the start is, otherwise every change that may have.</summary>
    public Depth Since(Depth start) => new(
        Low == NoLow || start.High == NoHigh ? NoLow : Low - start.High,
        High == NoHigh || start.Low == NoLow ? NoHigh : High - start.Low);

    public Depth Join(Depth other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    /// <summary>The next state of a loop head: a bound that still moves is given up.</summary>
    public Depth Widen(Depth next) => new(next.Low < Low ? NoLow : Low, next.High > High ? NoHigh : High);

    public bool Includes(Depth other) => Low <= other.Low && other.High <= High;

    public bool Equals(Depth other) => Low == other.Low && High == other.High;

    public override bool Equals(object? obj) => obj is Depth other && Equals(other);

    public override int GetHashCode() => unchecked((Low * 397) ^ High);

    public override string ToString() => IsUnknown ? "?"
        : Low == High ? Low.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : $"[{(Low == NoLow ? "-" : Low)},{(High == NoHigh ? "+" : High)}]";

    private static int Shift(int bound, int by) => bound is NoLow or NoHigh ? bound : bound + by;
}
