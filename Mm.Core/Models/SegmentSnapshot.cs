// The segments at one moment, sorted, never changed: readers look, writers make a new one.
// Context: any, NMI included. Invariants: SN1 sorted by first frame; SN2 disjoint. Lifetime: as long as any reader holds it.
using System;
using Mm.Core.Physical;

namespace Mm.Core.Models;

internal sealed class SegmentSnapshot
{
    public static readonly SegmentSnapshot Empty = new([]);
    private readonly uint[] _first;

    private SegmentSnapshot(Segment[] segments)
    {
        Segments = segments;
        _first = Array.ConvertAll(segments, static s => s.Frames.First.Number);
    }

    public Segment[] Segments { get; }

    /// <summary>The segment of a frame, or null. A binary search.</summary>
    public Segment? Find(Pfn pfn)
    {
        // Half by half, with a mask where a branch would be: what is asked is random, and a wrong guess costs more than the search.
        var first = _first;
        if (first.Length == 0) return null;
        var (at, length) = (0, first.Length);
        while (length > 1)
        {
            var half = length >> 1;
            at += half & (int)(((long)first[at + half] - pfn.Number - 1) >> 63);
            length -= half;
        }

        return Segments[at].Contains(pfn) ? Segments[at] : null;
    }

    public Segment? FindOverlap(FrameRange frames) => Array.Find(Segments, s => s.Overlaps(frames));

    public SegmentSnapshot With(Segment added)
    {
        Segment[] all = [.. Segments, added];
        Array.Sort(all, static (left, right) => left.Frames.First.CompareTo(right.Frames.First));
        return new SegmentSnapshot(all);
    }

    public SegmentSnapshot Without(Segment removed) => new(Array.FindAll(Segments, s => s != removed));
}
