using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using Mm.Benchmarks.Memory;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Zones;

namespace Mm.Benchmarks.Commands;

/// <summary>Mm.Core beside others that hand out memory. The loops over C code are in C, those over .NET code in C#.</summary>
internal static partial class Memory
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
            // First, while no memory is left over that could be used again unseen.
            ("metadata", Metadata),
            ("single", () => contests.Add(Pairs("Order 0: allocate and free", 0, 20_000, rounds))),
            ("several", () => contests.AddRange([Several(16, rounds), Several(64, rounds)])),
            ("dotnet", () => contests.Add(Buffers(rounds))),
            ("huge", () => contests.Add(Pairs("Order 9: allocate and free", 9, 2_000, rounds))),
            ("two", () => contests.Add(TwoThreads("Order 9 on two threads at once", 9, 2_000, rounds))),
            ("bulk", () => contests.AddRange(Bulk(Math.Min(rounds, 5)))),
            ("cross", () => contests.Add(Cross(rounds))),
            ("mixed", () => contests.AddRange([Mixed(50, rounds), Mixed(90, rounds)])),
            ("fragments", Fragments),
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

    private static Contest Several(int several, int rounds)
    {
        const int N = 20_000;
        var contest = new Contest($"Order 0, {several} in use: allocate and free", "ns");
        using var end = new Ending();
        var blocks = new nint[several];
        foreach (var (name, choose) in _allocators)
        {
            var machine = end.With(NewMachine(choose));
            var task = end.With(machine.Attach("benchmark"));
            contest.Add(name, () => Loops.Several(new PageSource(machine.Pages, task), blocks, N));
        }

        foreach (var (name, make) in Peers(end, Frames))
        {
            if (make is { } peer) contest.Add(name, () => PeerLibrary.loop_several(in peer, several, N));
            else contest.AddMissing(name);
        }

        contest.Add("NativeMemory.AlignedAlloc", () => Loops.Several(default(AlignedSource), blocks, N));
        var (held, next) = (new byte[several][], new StrongBox<int>());
        contest.Add("ArrayPool.Shared", () => Loops.Several(new ArraysSource(held, next), blocks, N));
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
        var (all, pages) = (new nint[BulkFrames], new Pfn[BulkFrames]);
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
                contest.Add(name + ", many at once", () =>
                {
                    var (take, give) = Loops.Many(machine.Pages, task, pages, order);
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

                foreach (var ahead in peer.Buddy == 0 ? [0] : (int[])[0, 16])
                {
                    contest.Add(ahead == 0 ? name : name + ", many at once", () =>
                    {
                        var result = new double[2];
                        PeerLibrary.loop_bulk(in peer, BulkFrames, order, ahead, result);
                        return result[part];
                    });
                }
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
            var (blocks, many) = (new nint[Loops.Handful], new Pfn[Loops.Handful]);
            contest.Add(name, () => Loops.Cross(
                () => Loops.TakeAll(new PageSource(machine.Pages, task), blocks),
                () =>
                {
                    var consumer = machine.Attach("consumer");
                    return (() => Loops.GiveAll(new PageSource(machine.Pages, consumer), blocks), consumer);
                },
                Turns));
            contest.Add(name + ", many at once", () => Loops.Cross(
                () => _ = machine.Pages.AllocateMany(task, Gfp.NoWait, many),
                () =>
                {
                    var consumer = machine.Attach("consumer");
                    return (() => machine.Pages.FreeMany(consumer, many), consumer);
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
