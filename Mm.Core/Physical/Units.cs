// Units of physical memory as types, so that a frame number is never taken for an address.
using System;
using System.Globalization;

namespace Mm.Core.Physical;

/// <summary>The number of a page frame.</summary>
/// <param name="Number">Counted in pages of 4 KiB from the start of physical memory.</param>
public readonly record struct Pfn(uint Number) : IComparable<Pfn>
{
    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 1 << PageShift;

    /// <summary>The binary logarithm of <see cref="PageSize"/>.</summary>
    public const int PageShift = 12;

    /// <summary>Where the frame begins.</summary>
    public PhysicalAddress Address => new((ulong)Number << PageShift);

    /// <summary>The frame a number of pages further on, or back.</summary>
    /// <param name="pages">How many pages.</param>
    /// <exception cref="OverflowException">There is no such number.</exception>
    public Pfn Plus(int pages) => new(checked((uint)(Number + (long)pages)));

    /// <inheritdoc/>
    public int CompareTo(Pfn other) => Number.CompareTo(other.Number);

    /// <summary>The number as the kernel's reports show it.</summary>
    public override string ToString() => Number.ToString("x5", CultureInfo.InvariantCulture);

    /// <summary>Whether a frame lies before another.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Pfn left, Pfn right) => left.Number < right.Number;

    /// <summary>Whether a frame lies behind another.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Pfn left, Pfn right) => left.Number > right.Number;

    /// <summary>Whether a frame lies before another or is it.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Pfn left, Pfn right) => left.Number <= right.Number;

    /// <summary>Whether a frame lies behind another or is it.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Pfn left, Pfn right) => left.Number >= right.Number;
}

/// <summary>An address in physical memory.</summary>
/// <param name="Value">Bytes from the start of physical memory.</param>
public readonly record struct PhysicalAddress(ulong Value);

/// <summary>Frames that follow each other.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many, at least one.</param>
public readonly record struct FrameRange(Pfn First, int Count);

/// <summary>The host refused memory, a mapping, or to give memory back.</summary>
/// <param name="operation">What was asked for.</param>
/// <param name="errno">The host's error number.</param>
public sealed class HostMemoryException(string operation, int errno)
    : System.IO.IOException($"The host refused to {operation}: {new System.ComponentModel.Win32Exception(errno).Message} (errno {errno}).")
{
    /// <summary>The host's error number.</summary>
    public int Errno { get; } = errno;
}
