using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using Mm.Benchmarks.Measuring;
using Mm.Benchmarks.Memory;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Zones;

namespace Mm.Benchmarks.Commands;

/// <summary>Mm.Core beside others that hand out memory. The loops over C code are in C, those over .NET code in C#.</summary>
internal static class Memory
{
    private const int Frames = 1 << 18;
    private const int BulkFrames = 400_000;

    /// <summary>The allocators of Mm.Core that take part: one line each.</summary>
    private static readonly (string Name, Func<PageAllocatorOptions, PageAllocatorOptions> Choose)[] _allocators =
    [
        ("Mm tree", static options => options with { Allocator = ZoneAllocatorKind.Tree }),
        ("Mm buddy", static options => options with { Allocator = ZoneAllocatorKind.Buddy }),
    ];

    public static int Run(CommandLine options)
    {
        // As users run it: the other benchmarks of this program switch the profile-guided optimization off.
        // And jemalloc, loaded late, wants room for its thread-local data that the loader keeps only if told.
        if (Environment.GetEnvironmentVariable("DOTNET_TieredPGO") is null) return Again(("DOTNET_TieredPGO", "1"), ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=16384"));
        if (options.Has("unchecked")) AppContext.SetSwitch(RuntimeChecks.SwitchName, false);
        if (PeerLibrary.Load() is { } why)
        {
            Console.Error.WriteLine(why);
            return 1;
        }

        var rounds = options.Number("rounds", 40);
        var only = options.Text("only", "");
        var contests = new List<Contest>();
        Console.WriteLine($"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}, checks {(RuntimeChecks.Enabled ? "on" : "off")}; best of {rounds} rounds in turns; processor time; two threads at once by the clock");
        foreach (var (name, run) in (IEnumerable<(string, Action)>)
        [
            ("single", () => contests.Add(Pairs("Order 0: allocate and free", 0, 20_000, rounds))),
            ("dotnet", () => contests.Add(Buffers(rounds))),
            ("huge", () => contests.Add(Pairs("Order 9: allocate and free", 9, 2_000, rounds))),
            ("two", () => contests.Add(TwoThreads("Order 9 on two threads at once", 9, 2_000, rounds))),
            ("bulk", () => contests.AddRange(Bulk(Math.Min(rounds, 5)))),
            ("cross", () => contests.Add(Cross(rounds))),
            ("mixed", () => contests.AddRange([Mixed(50, rounds), Mixed(90, rounds)])),
            ("pfn", () => contests.Add(PfnValid(rounds))),
            ("fragments", Fragments),
            ("metadata", Metadata),
            ("allocated", Allocated),
        ])
        {
            if (name.Contains(only, StringComparison.Ordinal)) run();
        }

        if (options.Has("svg")) BarChart.Write(options.Text("svg", "memory.svg"), contests);
        return 0;
    }

    /// <summary>This program once more, with the same arguments and another environment.</summary>
    internal static int Again(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        foreach (var argument in Environment.GetCommandLineArgs().Skip(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? 0 : 1)) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var child = Process.Start(start)!;
        child.WaitForExit();
        return child.ExitCode;
    }

    private static Machine NewMachine(Func<PageAllocatorOptions, PageAllocatorOptions> choose, int frames = Frames, int cpus = 2) => Machine.Create(new MachineOptions
    {
        CpuCount = cpus,
        Pages = choose(new PageAllocatorOptions { Zones = [(ZoneKind.Normal, frames)], MinFreePages = frames / 1024 }),
    });

    private static Contest Pairs(string title, int order, int n, int rounds)
    {
        var contest = new Contest(title, "ns");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            contest.Add(name, () => Loops.Pair(new PageSource(machine.Pages, task), order, n));
            if (order == 0) contest.Add(name + ", by the last put", () => Loops.Pair(new PutSource(machine.Pages, task), order, n));
            contest.Add(name + ", the zone alone", () => Loops.Pair(new ZoneSource(machine.Pages.Zones[0].Allocator, task), order, n));
        }

        foreach (var (name, make) in Peers(end, Frames))
        {
            if (make is { } peer) contest.Add(name, () => PeerLibrary.loop_pair(in peer, 0, order, n));
            else contest.AddMissing(name);
        }

        contest.Add("NativeMemory.AlignedAlloc", () => Loops.Pair(default(AlignedSource), order, n));
        contest.Add("ArrayPool.Shared", () => Loops.Pair(default(ArraySource), order, n));
        if (order == 0)
        {
            var stack = Enumerable.Range(0, 512).ToArray();
            var top = new StrongBox<int>(512);
            contest.Add("a bare stack, C#", () => Loops.Pair(new StackSource(stack, top), 0, n));
            contest.Add("a bare stack, C", () => PeerLibrary.loop_stack(n, 512));
        }

        contest.Run(rounds);
        return contest;
    }

    private static Contest Buffers(int rounds)
    {
        const int N = 20_000;
        var contest = new Contest("A buffer of 4 KiB: rent and return", "ns");
        using var end = new Ending();
        var machine = end.With(NewMachine(_allocators[0].Choose));
        var pool = end.With(new PagePool(machine));
        var task = end.With(machine.Attach("benchmark"));
        contest.Add("Mm PagePool, with a token", () => Loops.Pair(new PoolSource(pool, task), 0, N));
        contest.Add("Mm PagePool, any thread", () => Loops.Pair(new MemorySource(pool), 0, N));
        contest.Add("MemoryPool.Shared", () => Loops.Pair(new MemorySource(System.Buffers.MemoryPool<byte>.Shared), 0, N));
        contest.Add("ArrayPool.Shared", () => Loops.Pair(default(ArraySource), 0, N));
        contest.Add("NativeMemory.AlignedAlloc", () => Loops.Pair(default(AlignedSource), 0, N));
        contest.Run(rounds);
        return contest;
    }

    private static Contest TwoThreads(string title, int order, int n, int rounds)
    {
        var contest = new Contest(title, "ns, slower thread");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            contest.Add(name, () => Loops.Two<PageSource>(
                _ =>
                {
                    var task = machine.Attach("benchmark");
                    return (new PageSource(machine.Pages, task), task);
                },
                order,
                n));
        }

        foreach (var (name, make) in Peers(end, Frames))
        {
            if (make is { } peer) contest.Add(name, () => PeerLibrary.loop_two(in peer, order, n));
            else contest.AddMissing(name);
        }

        contest.Run(rounds);
        return contest;
    }

    private static IEnumerable<Contest> Bulk(int rounds)
    {
        var inOrder = Enumerable.Range(0, BulkFrames).ToArray();
        var random = (int[])inOrder.Clone();
        new Random(1).Shuffle(random);
        var all = new nint[BulkFrames];
        foreach (var (title, order, part) in ((string, int[], int)[])[("400,000 pages: allocate all", inOrder, 0), ("400,000 pages: free in order", inOrder, 1), ("400,000 pages: free at random", random, 1)])
        {
            var contest = new Contest(title, "ns a page");
            using var end = new Ending();
            foreach (var (name, choose) in _allocators)
            {
                var machine = end.With(NewMachine(choose, BulkFrames + 8192));
                var task = end.With(machine.Attach("benchmark"));
                contest.Add(name, () =>
                {
                    var (take, give) = Loops.Bulk(new PageSource(machine.Pages, task), all, order);
                    return part == 0 ? take : give;
                });
                contest.Add(name + ", the zone alone", () =>
                {
                    var (take, give) = Loops.Bulk(new ZoneSource(machine.Pages.Zones[0].Allocator, task), all, order);
                    return part == 0 ? take : give;
                });
            }

            // The C library's own takes minutes for this.
            foreach (var (name, make) in Peers(end, BulkFrames + 8192)[..^1])
            {
                if (make is not { } peer)
                {
                    contest.AddMissing(name);
                    continue;
                }

                contest.Add(name, () =>
                {
                    var result = new double[2];
                    PeerLibrary.loop_bulk(in peer, BulkFrames, order, result);
                    return result[part];
                });
            }

            contest.Run(rounds);
            yield return contest;
        }
    }

    private static Contest Cross(int rounds)
    {
        const int Turns = 60;
        var contest = new Contest("Allocate on one thread, free on another", "ns");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            contest.Add(name, () => Loops.Cross(
                new PageSource(machine.Pages, task),
                () =>
                {
                    var consumer = machine.Attach("consumer");
                    return (new PageSource(machine.Pages, consumer), consumer);
                },
                Turns));
        }

        foreach (var (name, make) in Peers(end, Frames))
        {
            if (make is { } peer) contest.Add(name, () => PeerLibrary.loop_cross(in peer, Turns));
            else contest.AddMissing(name);
        }

        contest.Run(rounds);
        return contest;
    }

    private static Contest Mixed(int percent, int rounds)
    {
        const int N = 200_000;
        var contest = new Contest($"Mixed orders at {percent} % full: free and allocate", "ns");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            contest.Add(name, () => Loops.Mixed(new PageSource(machine.Pages, task), Frames, percent, N));
        }

        foreach (var (name, make) in Peers(end, Frames))
        {
            if (make is { } peer) contest.Add(name, () => PeerLibrary.loop_mixed(in peer, Frames, percent, N));
            else contest.AddMissing(name);
        }

        contest.Run(rounds);
        return contest;
    }

    private static Contest PfnValid(int rounds)
    {
        const int N = 200_000;
        var contest = new Contest("pfn_valid of a random frame, 64 segments", "ns");
        using var end = new Ending();
        var machine = end.With(NewMachine(_allocators[0].Choose));
        var task = end.With(machine.Attach("benchmark"));
        var linear = new FrameRange(new Pfn(0), 1 << 17);
        var sparse = PfnLookups.Filled(new SparseModel(machine, linear), task);
        var list = PfnLookups.Filled(new SegmentListModel(machine, linear), task);
        var locked = PfnLookups.LockedList();
        contest.Add("Mm sparse, throughput", () => PfnLookups.Throughput(sparse, task, N));
        contest.Add("Mm sparse, each hangs on the last", () => PfnLookups.Dependent(sparse, task, N));
        contest.Add("Mm list of segments, throughput", () => PfnLookups.Throughput(list, task, N));
        contest.Add("Mm list of segments, each hangs on the last", () => PfnLookups.Dependent(list, task, N));
        contest.Add("a list and a lock", () => locked(N));
        contest.Run(rounds);
        return contest;
    }

    private static void Fragments()
    {
        const int Rounds = 6;
        Console.WriteLine();
        Console.WriteLine("**Whole blocks of order 9 (of 512), single pages in use swinging between a quarter and a half**");
        Console.WriteLine();
        var table = new MarkdownTable("", "at the half (at most 256)", "at the quarter (at most 384)");
        using var end = new Ending();
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            var (half, quarter) = Loops.Fragment(new PageSource(machine.Pages, task), Frames, Rounds, () => Whole(machine, task));
            table.Row(name, half, quarter);
        }

        var buddy = new PeerLibrary.Peer { Buddy = PeerLibrary.buddy_new(Frames, 2) };
        var whole = new int[2];
        PeerLibrary.loop_fragment(in buddy, Frames, Rounds, whole);
        PeerLibrary.buddy_delete(buddy.Buddy);
        table.Row("C buddy with per-CPU lists", whole[0], whole[1]);
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

    private static (string Name, PeerLibrary.Peer? Peer)[] Peers(Ending end, int frames)
    {
        var buddy = PeerLibrary.buddy_new(frames, 2);
        end.Then(() => PeerLibrary.buddy_delete(buddy));
        return
        [
            ("C buddy with per-CPU lists", new PeerLibrary.Peer { Buddy = buddy }),
            ("mimalloc", PeerLibrary.Malloc(["libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so"], "mi_aligned_alloc", "mi_free")),
            ("jemalloc", PeerLibrary.Malloc(["libjemalloc.so.2", "libjemalloc.so"], "aligned_alloc", "free")),
            ("C library", PeerLibrary.Malloc(["libc.so.6", "libSystem.dylib"], "aligned_alloc", "free")),
        ];
    }

    /// <summary>Ends things in the reverse order of their making.</summary>
    private sealed class Ending : IDisposable
    {
        private readonly Stack<Action> _steps = new();

        public T With<T>(T item)
            where T : IDisposable
        {
            Then(item.Dispose);
            return item;
        }

        public void Then(Action step) => _steps.Push(step);

        public void Dispose()
        {
            while (_steps.TryPop(out var step)) step();
        }
    }
}
