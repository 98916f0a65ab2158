using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Physical;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Benchmarks.Memory;

/// <summary>Whether there is a descriptor behind a frame number. Implemented by structs, so that each loop is compiled for each.</summary>
internal interface IFrameQuestion
{
    bool IsValid(MachineTask task, Pfn pfn);
}

internal readonly struct AskedSparse(SparseModel model) : IFrameQuestion
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(MachineTask task, Pfn pfn) => model.PfnValid(task, pfn);
}

internal readonly struct AskedFlat(FlatModel model) : IFrameQuestion
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(MachineTask task, Pfn pfn) => model.PfnValid(task, pfn);
}

internal readonly struct AskedList(SegmentListModel model) : IFrameQuestion
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(MachineTask task, Pfn pfn) => model.PfnValid(task, pfn);
}

/// <summary>As the memory manager asks, which does not know which model it has.</summary>
internal readonly struct AskedByInterface(IMemoryModel model) : IFrameQuestion
{
    public bool IsValid(MachineTask task, Pfn pfn) => model.PfnValid(task, pfn);
}

/// <summary>What the loop costs by itself.</summary>
internal readonly struct AskedOfTheNumber : IFrameQuestion
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsValid(MachineTask task, Pfn pfn) => (pfn.Number & 0x10000) == 0;
}

/// <summary>The list of segments behind a spin lock, as was proposed once the mutex had failed.</summary>
internal sealed class LockedSegments(Machine machine)
{
    private readonly SpinLock _lock = new(machine, "dcss_lock");
    private readonly (uint First, uint Last)[] _segments =
        SystemsStage.AllSegments().Select(static s => (s.Frames.First.Number, s.Frames.First.Number + (uint)s.Frames.Count - 1)).ToArray();

    public bool IsValid(MachineTask task, Pfn pfn)
    {
        using (_lock.Lock(task))
        {
            foreach (var (first, last) in _segments)
            {
                if (first <= pfn.Number && pfn.Number <= last) return true;
            }

            return false;
        }
    }
}

internal readonly struct AskedUnderLock(LockedSegments segments) : IFrameQuestion
{
    public bool IsValid(MachineTask task, Pfn pfn) => segments.IsValid(task, pfn);
}

/// <summary>The loops that ask.</summary>
internal static class FrameQuestions
{
    /// <summary>One question after the other; they need not wait for each other.</summary>
    public static double Throughput<T>(T question, MachineTask task, Pfn[] pfns, int turns)
        where T : struct, IFrameQuestion
    {
        var found = 0;
        var start = PeerLibrary.thread_seconds();
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var pfn in pfns) found += question.IsValid(task, pfn) ? 1 : 0;
        }

        var seconds = PeerLibrary.thread_seconds() - start;
        if (found != turns * pfns.Length) throw new InvalidOperationException($"{found} frames of {turns * pfns.Length} were valid.");
        return seconds * 1e9 / ((double)turns * pfns.Length);
    }

    /// <summary>Which question comes next hangs on the answer to the one before.</summary>
    public static double Dependent<T>(T question, MachineTask task, Pfn[] pfns, int turns)
        where T : struct, IFrameQuestion
    {
        // A state of 64 bits, of which the answer is a part: a smaller one would soon go round in a circle that the processor knows.
        var state = 1UL;
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < turns * pfns.Length; i++)
            state = (state * 0x5851F42D4C957F2D) + 0x14057B7EF767814F + (question.IsValid(task, pfns[(int)(state >> 40) & (pfns.Length - 1)]) ? 1UL : 0);
        var seconds = PeerLibrary.thread_seconds() - start;
        GC.KeepAlive(state);
        return seconds * 1e9 / ((double)turns * pfns.Length);
    }

    /// <summary>
    /// Two readers at once, the slower one, by the clock: who sleeps until a mutex is free has waited all the same. Whoever is through goes on
    /// asking until the other is, too, so that each has company all the time.
    /// </summary>
    public static double Two<T>(T question, Machine machine, Pfn[] pfns, int turns)
        where T : struct, IFrameQuestion
    {
        using var start = new Barrier(2);
        var slower = new double[2];
        var threads = new Thread[2];
        var through = 0;
        for (var t = 0; t < 2; t++)
        {
            var index = t;
            threads[t] = new Thread(() =>
            {
                using var task = machine.Attach("reader");
                Throughput(question, task, pfns, 1);
                start.SignalAndWait();
                var clock = Stopwatch.GetTimestamp();
                Throughput(question, task, pfns, turns);
                slower[index] = Stopwatch.GetElapsedTime(clock).TotalNanoseconds / ((double)turns * pfns.Length);
                for (Interlocked.Increment(ref through); Volatile.Read(ref through) < 2;) Throughput(question, task, pfns, 1);
            });
            threads[t].Start();
        }

        foreach (var thread in threads) thread.Join();
        return Math.Max(slower[0], slower[1]);
    }
}
