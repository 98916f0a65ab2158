using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Mm.Benchmarks.Measuring;
using Mm.Benchmarks.Memory;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Pooling;

namespace Mm.Benchmarks.Commands;

/// <summary>What Mm.Core costs in memory: huge pages that stay whole, metadata, managed bytes.</summary>
internal static partial class Memory
{
    private static void Fragments()
    {
        const int Swings = 6;
        Console.WriteLine();
        Console.WriteLine("**Whole blocks of order 9, of 512**");
        Console.WriteLine();
        var table = new MarkdownTable("single pages", "swinging between a quarter and a half, at the half (at most 256)", "at the quarter (384)");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            var (half, quarter) = Loops.Fragment(new PageSource(machine.Pages, task), Frames, Swings, () => Whole(machine, task));
            table.Row(name, half, quarter);
        }

        var buddy = new PeerLibrary.Peer { Buddy = PeerLibrary.buddy_new(Frames, 2) };
        var whole = new int[2];
        PeerLibrary.loop_fragment(in buddy, Frames, Swings, whole);
        table.Row("C buddy with per-CPU lists", whole[0], whole[1]);
        PeerLibrary.buddy_delete(buddy.Buddy);
        foreach (var percent in (int[])[90, 100]) Churned(percent);
    }

    /// <summary>Whole blocks of order 9 at half full, where more was in use before: pages stand everywhere, and only what comes and goes moves them together.</summary>
    private static void Churned(int percent)
    {
        const int All = 2 * Frames;
        int[] exchanges = [0, 10, 25, 50, 75, 100];
        Console.WriteLine();
        Console.WriteLine($"**Whole blocks of order 9, of 1,024, of which 512 can be: {percent} % in use, then random ones given back down to the half, then a random tenth exchanged n times**");
        Console.WriteLine();
        var table = new MarkdownTable(["n", .. Array.ConvertAll(exchanges, static rounds => rounds.ToString(CultureInfo.InvariantCulture))]);
        var peak = (int)(All * (long)percent / 100);
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose, All));
            var task = end.With(machine.Attach("benchmark"));
            table.Row([name, .. Array.ConvertAll(exchanges, rounds => (object)Loops.Churn(new PageSource(machine.Pages, task), All, peak, rounds, () => Whole(machine, task)))]);
        }

        var buddy = new PeerLibrary.Peer { Buddy = PeerLibrary.buddy_new(All, 2) };
        table.Row(["C buddy with per-CPU lists", .. Array.ConvertAll(exchanges, rounds => (object)PeerLibrary.loop_churn(in buddy, All, peak, rounds))]);
        PeerLibrary.buddy_delete(buddy.Buddy);
    }

    // What is free of huge frames, taken for a moment: the same question to every allocator.
    private static int Whole(Machine machine, MachineTask task)
    {
        machine.Pages.DrainAll(task);
        var taken = new List<Pfn>();
        while (machine.Pages.Allocate(task, Gfp.NoWait | Gfp.AllReserves, 9) is { } page) taken.Add(page);
        foreach (var page in taken) machine.Pages.Free(task, page, 9);
        machine.Pages.DrainAll(task);
        return taken.Count;
    }

    private static void Metadata()
    {
        Console.WriteLine();
        Console.WriteLine("**Metadata, bytes a page**");
        Console.WriteLine();
        var table = new MarkdownTable("", "the allocator", "all: what the process grows by");
        foreach (var (name, choose) in _allocators)
        {
            // The first machine pays for what the process needs once.
            NewMachine(choose, 8192).Dispose();
            var (managed, native) = (GC.GetTotalMemory(forceFullCollection: true), ResidentBytes());
            using var machine = NewMachine(choose, BulkFrames);
            var bytes = ResidentBytes() - native + Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - managed);
            var own = machine.Pages.Zones[0].Allocator is TreeAllocator tree ? PerPage(tree.MetadataBytes) : "in the descriptors";
            table.Row(name, own, PerPage(bytes));
        }
    }

    private static string PerPage(long bytes) => ((double)bytes / BulkFrames).ToString("0.00", CultureInfo.InvariantCulture);

    private static void Allocated()
    {
        Console.WriteLine();
        Console.WriteLine("**Managed bytes allocated by 1,000 operations, once warm**");
        Console.WriteLine();
        var table = new MarkdownTable("", "bytes");
        foreach (var (name, choose) in _allocators)
        {
            using var machine = NewMachine(choose, 8192);
            using var task = machine.Attach("benchmark");
            using var pool = new PagePool(machine);
            Loops.Pair(new PageSource(machine.Pages, task), 0, 5000);
            var warm = Enumerable.Range(0, 1000).Select(_ => pool.Rent()).ToArray();
            foreach (var owner in warm) owner.Dispose();
            Loops.Pair(new MemorySource(pool), 0, 5000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Loops.Pair(new PageSource(machine.Pages, task), 0, 1000);
            var pages = GC.GetAllocatedBytesForCurrentThread() - before;
            Loops.Pair(new MemorySource(pool), 0, 1000);

            // Before the rows: they allocate themselves.
            var rents = GC.GetAllocatedBytesForCurrentThread() - before - pages;
            table.Row(name + ", pages", pages);
            table.Row(name + ", PagePool on any thread", rents);
        }

        Loops.Pair(new MemorySource(System.Buffers.MemoryPool<byte>.Shared), 0, 1000);
        var start = GC.GetAllocatedBytesForCurrentThread();
        Loops.Pair(new MemorySource(System.Buffers.MemoryPool<byte>.Shared), 0, 1000);
        var shared = GC.GetAllocatedBytesForCurrentThread() - start;
        table.Row("MemoryPool.Shared", shared);
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
