// Segments and nothing else: for machines whose memory comes in pieces that know no alignment, as s390's shared segments.
// Context: any. Locks: none to read; a binary search over the published snapshot. Invariants: those of the snapshot.
using System;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Models;

/// <summary>A sorted list of segments, replaced as a whole.</summary>
/// <param name="machine">The machine.</param>
/// <param name="linear">The frames that the linear view shows.</param>
public sealed class SegmentListModel(Machine machine, FrameRange linear) : MemoryModel(machine, linear)
{
    private SegmentSnapshot _boot = SegmentSnapshot.Empty;
    private uint _highest;

    /// <inheritdoc/>
    public override Pfn Highest => new(Volatile.Read(ref _highest));

    /// <inheritdoc/>
    public override bool PfnValid(MachineTask task, Pfn pfn)
    {
        if (Snapshot is not { } segments)
        {
            TrapPhase(task, "pfn_valid");
            return false;
        }

        return _boot.Find(pfn) is not null || segments.Find(pfn) is { HasPages: true };
    }

    /// <inheritdoc/>
    public override bool PfnIsOnline(MachineTask task, Pfn pfn)
    {
        if (Snapshot is not { } segments)
        {
            TrapPhase(task, "pfn_to_online_page");
            return false;
        }

        return _boot.Find(pfn) is not null || segments.Find(pfn) is { HasPages: true, IsOnline: true };
    }

    private protected override void AddBoot(FrameRange range)
    {
        if (_boot.FindOverlap(range) is { } other)
            throw new SegmentException(SegmentError.Overlap, $"The memory at {Describe(range)} overlaps that at {Describe(other.Frames)}.");
        _boot = _boot.With(new Segment("boot", range, HasPages: true));
        _highest = Math.Max(_highest, range.First.Number + (uint)range.Count - 1);
    }

    private protected override void CheckSegment(Segment segment)
    {
        if (_boot.FindOverlap(segment.Frames) is { } other)
            throw new SegmentException(SegmentError.Overlap, $"Segment {segment.Name} at {Describe(segment.Frames)} overlaps the memory of boot at {Describe(other.Frames)}.");
    }

    private protected override void SetSegment(Segment segment, bool isThere)
    {
        if (isThere && segment.HasPages) _highest = Math.Max(_highest, (uint)(segment.End - 1));
    }
}
