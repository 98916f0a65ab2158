using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Physical;

namespace Mm.Benchmarks.Memory;

/// <summary>
/// <c>pfn_valid</c> of random frames, half of which are there: 64 segments of 2 MiB with gaps of as much between them. Throughput lets the
/// processor overlap the questions; dependent makes each question hang on the answer before.
/// </summary>
internal static class PfnLookups
{
    private const int Segments = 64;
    private const int FramesInSegment = 512;
    private const uint First = 1 << 15;
    private const int Questions = 4096;

    private static readonly Pfn[] _random = Randomly();

    /// <summary>Memory at boot, and the segments.</summary>
    public static T Filled<T>(T model, MachineTask task)
        where T : MemoryModel
    {
        model.Initialise(task, new FrameRange(new Pfn(0), FramesInSegment));
        model.MakeReady(task);
        foreach (var range in Ranges()) model.Attach(task, new Segment("segment", range, HasPages: true));
        return model;
    }

    public static double Throughput<T>(T model, MachineTask task, int n)
        where T : MemoryModel
    {
        var valid = 0;
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i++) valid += model.PfnValid(task, _random[i & (Questions - 1)]) ? 1 : 0;
        return Done(start, n, valid);
    }

    public static double Dependent<T>(T model, MachineTask task, int n)
        where T : MemoryModel
    {
        var (at, valid) = (0, 0);
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i++)
        {
            var answer = model.PfnValid(task, _random[at]) ? 1 : 0;
            at = (at + 1 + answer) & (Questions - 1);
            valid += answer;
        }

        return Done(start, n, valid);
    }

    /// <summary>What one writes first: a list, and a lock around it.</summary>
    public static Func<int, double> LockedList()
    {
        var segments = new List<FrameRange>(Ranges());
        var gate = new Lock();
        return n =>
        {
            var valid = 0;
            var start = PeerLibrary.thread_seconds();
            for (var i = 0; i < n; i++) valid += Find(segments, gate, _random[i & (Questions - 1)]) ? 1 : 0;
            return Done(start, n, valid);
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Find(List<FrameRange> segments, Lock gate, Pfn pfn)
    {
        lock (gate)
        {
            foreach (var segment in segments)
            {
                if (pfn.Number - segment.First.Number < (uint)segment.Count) return true;
            }

            return false;
        }
    }

    private static IEnumerable<FrameRange> Ranges()
    {
        for (var i = 0; i < Segments; i++) yield return new FrameRange(new Pfn(First + (uint)(2 * i * FramesInSegment)), FramesInSegment);
    }

    private static Pfn[] Randomly()
    {
        var random = new Random(1);
        var all = new Pfn[Questions];
        for (var i = 0; i < all.Length; i++) all[i] = new Pfn(First + (uint)random.Next(2 * Segments * FramesInSegment));
        return all;
    }

    private static double Done(double start, int n, int valid)
    {
        var result = (PeerLibrary.thread_seconds() - start) * 1e9 / n;
        return valid > n / 4 && valid < 3 * n / 4 ? result : throw new InvalidOperationException($"{valid} of {n} random frames are valid; half of them should be.");
    }
}
