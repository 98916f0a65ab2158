// Frames that come and go as a whole, and why they may not.
// Lifetime: immutable; a model publishes a list of them and replaces the list.
using System;
using Mm.Core.Physical;

namespace Mm.Core.Models;

/// <summary>Frames that were attached while the machine runs, such as memory that it shares with others.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Frames">Its frames.</param>
/// <param name="HasPages">True if each has a descriptor; without, its frames can be mapped but not counted.</param>
public sealed record Segment(string Name, FrameRange Frames, bool HasPages)
{
    /// <summary>True if its memory is in use.</summary>
    public bool IsOnline { get; init; } = true;

    /// <summary>The frame behind the last.</summary>
    internal ulong End => Frames.First.Number + (ulong)Frames.Count;

    internal bool Contains(Pfn pfn) => pfn.Number - Frames.First.Number < (uint)Frames.Count;

    internal bool Overlaps(FrameRange other) => Frames.First.Number < other.First.Number + (ulong)other.Count && other.First.Number < End;
}

/// <summary>Why a segment cannot be attached or detached.</summary>
public enum SegmentError
{
    /// <summary>Frames of it are there already: EBUSY.</summary>
    Overlap = -16,

    /// <summary>Frames of it lie beyond what the model can describe: ENOSPC.</summary>
    OutOfRange = -28,

    /// <summary>It does not begin and end where the model can divide: EINVAL.</summary>
    NotAligned = -22,

    /// <summary>The model is not ready yet: EAGAIN.</summary>
    WrongPhase = -11,

    /// <summary>It is not attached: ENOENT.</summary>
    NotAttached = -2,

    /// <summary>The model has one range and no more: EOPNOTSUPP.</summary>
    Unsupported = -95,
}

/// <summary>A segment could not be attached or detached; nothing has changed.</summary>
/// <param name="error">Why.</param>
/// <param name="message">What was expected, and what was found.</param>
public sealed class SegmentException(SegmentError error, string message) : InvalidOperationException(message)
{
    /// <summary>Why.</summary>
    public SegmentError Error { get; } = error;
}
