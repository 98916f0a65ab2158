// One range of descriptors, from the first frame of boot to the last, holes included.
// Context: any. Invariants: FM1 what lies between two boot ranges has a descriptor, and so is valid, whether there is memory or not.
using System;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Models;

/// <summary>The kernel's FLATMEM: descriptors for everything between the first and the last frame.</summary>
/// <param name="machine">The machine.</param>
/// <param name="linear">The frames that the linear view shows.</param>
public sealed class FlatModel(Machine machine, FrameRange linear) : MemoryModel(machine, linear)
{
    // First frame and number of frames in one word, so that a reader never sees one without the other. 0: not initialised.
    private ulong _span;

    /// <inheritdoc/>
    public override Pfn Highest => new((uint)(_span >> 32) + (uint)_span - 1);

    /// <inheritdoc/>
    public override bool PfnValid(MachineTask task, Pfn pfn)
    {
        var span = Volatile.Read(ref _span);
        if (span == 0) TrapPhase(task, "pfn_valid");
        return pfn.Number - (uint)(span >> 32) < (uint)span;
    }

    /// <inheritdoc/>
    public override bool PfnIsOnline(MachineTask task, Pfn pfn) => PfnValid(task, pfn);

    private protected override void AddBoot(FrameRange range)
    {
        ulong first = range.First.Number;
        var end = first + (ulong)range.Count;
        if (_span != 0)
        {
            first = Math.Min(first, _span >> 32);
            end = Math.Max(end, (_span >> 32) + (uint)_span);
        }

        Volatile.Write(ref _span, (first << 32) | (end - first));
    }

    private protected override void CheckSegment(Segment segment)
    {
        if (segment.HasPages)
            throw new SegmentException(SegmentError.Unsupported, $"Segment {segment.Name} has pages; the flat model has descriptors for what was there at boot only.");
        if (segment.Overlaps(new FrameRange(new Pfn((uint)(_span >> 32)), (int)(uint)_span)))
            throw new SegmentException(SegmentError.Overlap, $"Segment {segment.Name} at {Describe(segment.Frames)} overlaps the memory of boot.");
    }

    private protected override void SetSegment(Segment segment, bool isThere)
    {
    }
}
