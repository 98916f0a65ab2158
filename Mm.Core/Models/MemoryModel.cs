// What the three models share: the phases, the segments, the firmware's map.
//
//   Attach, Detach ──(mutex)──► a new snapshot, published with a release store ──► a grace period ──► what the old one led to goes
//
// Context: asking anywhere; attaching and detaching in a task (matrix row 85). Locks: the segment mutex among writers; readers none.
// Invariants: MO3 segments and what was there at boot are disjoint; MO4 what a segment brought stays until no reader of before is left.
// Lifetime: phases go one way, None → Early → Ready.
using System;
using System.Collections.Generic;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Locking;
using Mm.Core.Physical;
using Mutex = Mm.Core.Locking.Mutex;

namespace Mm.Core.Models;

/// <summary>A memory model: flat, sparse, or a list of segments.</summary>
public abstract class MemoryModel : IMemoryModel
{
    private readonly Machine _machine;
    private readonly Mutex _segmentMutex;
    private readonly RwSemaphore _firmwareLock;
    private readonly List<FrameRange> _ram = [];
    private readonly FrameRange _linear;
    private SegmentSnapshot? _segments;
    private int _phase;

    /// <summary>Makes a model that knows nothing yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="linear">The frames that the linear view shows.</param>
    protected MemoryModel(Machine machine, FrameRange linear)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _linear = linear;
        _segmentMutex = new Mutex(machine, "segment_mutex");
        _firmwareLock = new RwSemaphore(machine, "resource_lock");
    }

    /// <inheritdoc/>
    public ModelPhase Phase => (ModelPhase)Volatile.Read(ref _phase);

    /// <inheritdoc/>
    public abstract Pfn Highest { get; }

    /// <summary>The segments of this moment, by frame.</summary>
    public IReadOnlyList<Segment> Segments => Volatile.Read(ref _segments)?.Segments ?? [];

    /// <summary>The machine.</summary>
    protected Machine Machine => _machine;

    private protected SegmentSnapshot? Snapshot => Volatile.Read(ref _segments);

    /// <summary>Says what is there at boot: phase Early begins.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="boot">The memory of the firmware's map.</param>
    /// <exception cref="InvalidOperationException">The model was initialised before.</exception>
    /// <exception cref="SegmentException">A range does not fit the model.</exception>
    [Might<Sleep>]
    public void Initialise(MachineTask task, params ReadOnlySpan<FrameRange> boot)
    {
        ArgumentNullException.ThrowIfNull(task);
        using (_firmwareLock.Write(task))
        {
            if (Phase != ModelPhase.None) throw new InvalidOperationException($"The model is in phase {Phase}; it is initialised once, in phase None.");
            foreach (var range in boot)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(range.Count, nameof(boot));
                AddBoot(range);
                _ram.Add(range);
            }

            Volatile.Write(ref _segments, SegmentSnapshot.Empty);
            Volatile.Write(ref _phase, (int)ModelPhase.Early);
        }
    }

    /// <summary>Everything that was there at boot is known: phase Ready begins, and segments may come.</summary>
    /// <param name="task">The running task.</param>
    /// <exception cref="InvalidOperationException">The model is not in phase Early.</exception>
    [Might<Sleep>]
    public void MakeReady(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        if (Interlocked.CompareExchange(ref _phase, (int)ModelPhase.Ready, (int)ModelPhase.Early) != (int)ModelPhase.Early)
            throw new InvalidOperationException($"The model is in phase {Phase}; it becomes ready once, from phase Early.");
    }

    /// <inheritdoc/>
    public abstract bool PfnValid(MachineTask task, Pfn pfn);

    /// <inheritdoc/>
    public abstract bool PfnIsOnline(MachineTask task, Pfn pfn);

    /// <inheritdoc/>
    public bool PfnInLinearMap(MachineTask task, Pfn pfn)
    {
        if (Snapshot is null) TrapPhase(task, "pfn_in_linear_map");
        return pfn.Number - _linear.First.Number < (uint)_linear.Count;
    }

    /// <inheritdoc/>
    public Segment? SegmentOf(MachineTask task, Pfn pfn)
    {
        if (Snapshot is not { } snapshot)
        {
            TrapPhase(task, "segment_of");
            return null;
        }

        return snapshot.Find(pfn);
    }

    /// <inheritdoc/>
    [Might<Sleep>]
    public bool PfnIsRam(MachineTask task, Pfn pfn)
    {
        using (_firmwareLock.Read(task))
        {
            if (Phase == ModelPhase.None) TrapPhase(task, "pfn_is_ram");
            foreach (var range in _ram)
            {
                if (pfn.Number - range.First.Number < (uint)range.Count) return true;
            }

            return false;
        }
    }

    /// <summary>Attaches a segment. Readers see it from now on, wherever they run.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="segment">The segment.</param>
    /// <exception cref="SegmentException">It does not fit, or frames of it are there already: nothing has changed.</exception>
    [Might<Sleep>]
    public void Attach(MachineTask task, Segment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segment.Frames.Count, nameof(segment));
        using (_segmentMutex.Lock(task))
        {
            var before = ReadySnapshot();
            if (segment.End > uint.MaxValue) throw new SegmentException(SegmentError.OutOfRange, $"Segment {segment.Name} ends at frame {segment.End:x}; there are frame numbers up to {uint.MaxValue:x}.");
            if (before.FindOverlap(segment.Frames) is { } other)
                throw new SegmentException(SegmentError.Overlap, $"Segment {segment.Name} at {Describe(segment.Frames)} overlaps segment {other.Name} at {Describe(other.Frames)}; detach that one first.");
            CheckSegment(segment);
            Volatile.Write(ref _segments, before.With(segment));
            SetSegment(segment, isThere: true);
        }
    }

    /// <summary>Detaches a segment, and waits until no reader that may have seen it is left.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="segment">A segment that is attached.</param>
    /// <param name="release">Gives back what the segment brought, descriptors for one; runs after the last reader.</param>
    /// <exception cref="SegmentException">It is not attached: nothing has changed.</exception>
    [Might<Sleep>]
    public void Detach(MachineTask task, Segment segment, Action<MachineTask>? release = null)
    {
        ArgumentNullException.ThrowIfNull(segment);
        using (_segmentMutex.Lock(task))
        {
            var before = ReadySnapshot();
            if (Array.IndexOf(before.Segments, segment) < 0)
                throw new SegmentException(SegmentError.NotAttached, $"Segment {segment.Name} at {Describe(segment.Frames)} is not attached.");
            SetSegment(segment, isThere: false);
            Volatile.Write(ref _segments, before.Without(segment));
            _machine.Rcu.Synchronize(task);
            release?.Invoke(task);
        }
    }

    /// <summary>Takes a segment's memory out of use or puts it into use; its descriptors stay.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="segment">A segment that is attached.</param>
    /// <param name="online">Whether its memory is in use.</param>
    /// <returns>The segment as it is attached now.</returns>
    /// <exception cref="SegmentException">It is not attached: nothing has changed.</exception>
    [Might<Sleep>]
    public Segment SetOnline(MachineTask task, Segment segment, bool online)
    {
        ArgumentNullException.ThrowIfNull(segment);
        using (_segmentMutex.Lock(task))
        {
            var before = ReadySnapshot();
            if (Array.IndexOf(before.Segments, segment) < 0)
                throw new SegmentException(SegmentError.NotAttached, $"Segment {segment.Name} at {Describe(segment.Frames)} is not attached.");
            var after = segment with { IsOnline = online };
            Volatile.Write(ref _segments, before.Without(segment).With(after));
            SetSegment(after, isThere: true);
            return after;
        }
    }

    private protected static string Describe(FrameRange frames) => $"{frames.First}–{frames.First.Plus(frames.Count - 1)}";

    /// <summary>Takes in a range that is there at boot.</summary>
    private protected abstract void AddBoot(FrameRange range);

    /// <summary>Refuses a segment that does not fit. Under the segment mutex.</summary>
    private protected abstract void CheckSegment(Segment segment);

    /// <summary>Lets a segment answer, or no longer. Under the segment mutex.</summary>
    private protected abstract void SetSegment(Segment segment, bool isThere);

    [Trusted("a report, written by the host")]
    private protected static void TrapPhase(MachineTask task, string what) =>
        TrapTexts.ReportBug(task, what + "() before the memory model is initialised");

    private SegmentSnapshot ReadySnapshot()
    {
        if (Phase != ModelPhase.Ready) throw new SegmentException(SegmentError.WrongPhase, $"Segments come and go in phase Ready; the model is in phase {Phase}.");
        return _segments!;
    }
}
