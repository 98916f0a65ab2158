// Sections of 32,768 frames, each with 64 subsections of 512, as SPARSEMEM_VMEMMAP of Linux 6.1 on x86-64 (include/linux/mmzone.h).
//
//   frame number   ┌ section ┬ subsection (6 bits) ┬ 9 bits ┐      valid[section] bit subsection · online[section] bit subsection
//
// The kernel follows a pointer to a section's usage map, under RCU because the map is freed. Here a section is one word, so that there
// is nothing to free and a reader sees a section whole. Context: any. Locks: none to read. Invariants: SP1 a section of boot is valid
// throughout, holes included; SP2 online ⇒ valid.
using System;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Models;

/// <summary>The kernel's SPARSEMEM with subsections.</summary>
public sealed class SparseModel : MemoryModel
{
    /// <summary>Frames in a section, 128 MiB.</summary>
    public const int FramesInSection = 1 << SectionShift;

    /// <summary>Frames in a subsection, 2 MiB: segments with pages begin and end at one.</summary>
    public const int FramesInSubsection = 1 << SubsectionShift;

    private const int SectionShift = 15;
    private const int SubsectionShift = 9;
    private readonly ulong[] _valid;
    private readonly ulong[] _online;

    // The same two for readers, and empty before there is anything to read: so that an answer takes no branch but the look at the length.
    private ulong[] _readValid = [];
    private ulong[] _readOnline = [];
    private readonly bool[] _isOfBoot;
    private uint _highest;

    /// <summary>Makes a model that knows nothing yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="linear">The frames that the linear view shows.</param>
    /// <param name="sections">How many sections there can be, 1 to 131,072.</param>
    public SparseModel(Machine machine, FrameRange linear, int sections = 1024)
        : base(machine, linear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sections, 1 << (32 - SectionShift));
        _valid = new ulong[sections];
        _online = new ulong[sections];
        _isOfBoot = new bool[sections];
    }

    /// <inheritdoc/>
    public override Pfn Highest => new(Volatile.Read(ref _highest));

    /// <inheritdoc/>
    public override bool PfnValid(MachineTask task, Pfn pfn)
    {
        var map = Volatile.Read(ref _readValid);
        var section = pfn.Number >> SectionShift;
        if (section < (uint)map.Length) return IsSet(Volatile.Read(ref map[section]), pfn);
        if (Phase == ModelPhase.None) TrapPhase(task, "pfn_valid");
        return false;
    }

    /// <summary>Whether the frame of an address has a descriptor. An address with more bits than a frame number can keep has none.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="address">Any address.</param>
    public bool AddressValid(MachineTask task, PhysicalAddress address)
    {
        var number = (uint)(address.Value >> Pfn.PageShift);
        return (ulong)number == address.Value >> Pfn.PageShift && PfnValid(task, new Pfn(number));
    }

    /// <inheritdoc/>
    public override bool PfnIsOnline(MachineTask task, Pfn pfn)
    {
        var map = Volatile.Read(ref _readOnline);
        var section = pfn.Number >> SectionShift;
        if (section < (uint)map.Length) return IsSet(Volatile.Read(ref map[section]), pfn);
        if (Phase == ModelPhase.None) TrapPhase(task, "pfn_to_online_page");
        return false;
    }

    private static bool IsSet(ulong section, Pfn pfn) => ((section >> (int)(pfn.Number >> SubsectionShift)) & 1) != 0;

    private void Publish()
    {
        Volatile.Write(ref _readOnline, _online);
        Volatile.Write(ref _readValid, _valid);
    }

    private protected override void AddBoot(FrameRange range)
    {
        var last = range.First.Number + (ulong)range.Count - 1;
        if (last >> SectionShift >= (ulong)_valid.Length)
            throw new SegmentException(SegmentError.OutOfRange, $"The memory at {Describe(range)} ends in section {last >> SectionShift}; the model has {_valid.Length}.");
        for (var section = range.First.Number >> SectionShift; section <= last >> SectionShift; section++)
        {
            _isOfBoot[section] = true;
            _online[section] = ulong.MaxValue;
            Volatile.Write(ref _valid[section], ulong.MaxValue);
        }

        _highest = Math.Max(_highest, (uint)last | (FramesInSection - 1));
        Publish();
    }

    private protected override void CheckSegment(Segment segment)
    {
        var last = segment.End - 1;
        if (last >> SectionShift >= (ulong)_valid.Length)
            throw new SegmentException(SegmentError.OutOfRange, $"Segment {segment.Name} ends in section {last >> SectionShift}; the model has {_valid.Length}.");
        for (var section = segment.Frames.First.Number >> SectionShift; section <= last >> SectionShift; section++)
        {
            if (_isOfBoot[section]) throw new SegmentException(SegmentError.Overlap, $"Segment {segment.Name} at {Describe(segment.Frames)} overlaps section {section}, which was there at boot.");
        }

        if (segment.HasPages && (segment.Frames.First.Number | segment.End) % FramesInSubsection != 0)
            throw new SegmentException(SegmentError.NotAligned, $"Segment {segment.Name} at {Describe(segment.Frames)} has pages, and so begins and ends at a multiple of {FramesInSubsection} frames.");
    }

    private protected override void SetSegment(Segment segment, bool isThere)
    {
        if (!segment.HasPages) return;
        for (ulong frame = segment.Frames.First.Number; frame < segment.End; frame += FramesInSubsection)
        {
            var bit = 1UL << (int)((frame >> SubsectionShift) & 63);
            ref var valid = ref _valid[frame >> SectionShift];
            ref var online = ref _online[frame >> SectionShift];
            var isOnline = isThere && segment.IsOnline;
            if (!isOnline) Volatile.Write(ref online, online & ~bit);
            Volatile.Write(ref valid, isThere ? valid | bit : valid & ~bit);
            if (isOnline) Volatile.Write(ref online, online | bit);
        }

        if (isThere) _highest = Math.Max(_highest, (uint)(segment.End - 1));
        Publish();
    }
}
