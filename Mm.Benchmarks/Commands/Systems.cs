using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Benchmarks.Memory;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Locking;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Vmalloc;

namespace Mm.Benchmarks.Commands;

/// <summary>What the systems above the page allocator cost: questions about frames, faults, kernel ranges, holders, discarded pages.</summary>
internal static class Systems
{
    private const int Questions = 4096;

    public static int Run(CommandLine options)
    {
        if (Environment.GetEnvironmentVariable("DOTNET_TieredPGO") is null) return Commands.Memory.Again(("DOTNET_TieredPGO", "1"));
        if (options.Has("unchecked")) AppContext.SetSwitch(RuntimeChecks.SwitchName, false);
        if (PeerLibrary.Load() is { } why)
        {
            Console.Error.WriteLine(why);
            return 1;
        }

        var rounds = options.Number("rounds", 20);
        var only = options.Text("only", "");
        Console.WriteLine($"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}, checks {(RuntimeChecks.Enabled ? "on" : "off")}; best of {rounds} rounds in turns; processor time of the thread");
        foreach (var (name, run) in (IEnumerable<(string, Action<int>)>)
        [
            ("pfn", PfnValid),
            ("normal", NormalPage),
            ("fault", Faults),
            ("ranges", Ranges),
            ("holders", Holders),
            ("discard", Discard),
        ])
        {
            if (name.Contains(only, StringComparison.Ordinal)) run(rounds);
        }

        return 0;
    }

    private static void PfnValid(int rounds)
    {
        using var stage = new SystemsStage();
        var pfns = SystemsStage.Questions(Questions);
        var numbers = Array.ConvertAll(pfns, static pfn => pfn.Number);
        var sparse = new AskedSparse((SparseModel)stage.Model);
        var byInterface = new AskedByInterface(stage.Model);
        var list = new AskedList((SegmentListModel)SystemsStage.NewModel("list", stage.Task));
        var flat = new AskedFlat((FlatModel)SystemsStage.NewModel("flat", stage.Task));
        var locked = new AskedUnderLock(new LockedSegments(stage.Machine));
        var inFlat = Array.ConvertAll(pfns, static pfn => new Pfn(pfn.Number & 0x1ffff));

        var throughput = new Contest("pfn_valid of a random frame in 64 segments", "ns");
        throughput.Add("sparse", () => FrameQuestions.Throughput(sparse, stage.Task, pfns, 20));
        throughput.Add("sparse, by its interface", () => FrameQuestions.Throughput(byInterface, stage.Task, pfns, 20));
        throughput.Add("list of segments", () => FrameQuestions.Throughput(list, stage.Task, pfns, 20));
        throughput.Add("flat", () => FrameQuestions.Throughput(flat, stage.Task, inFlat, 20));
        throughput.Add("a locked list, C#", () => FrameQuestions.Throughput(locked, stage.Task, pfns, 2));
        throughput.Add("a locked list, C", () => PeerLibrary.loop_pfn_valid(numbers, Questions, 2 * Questions, 1));
        throughput.Run(rounds);

        // Half of the answers are no, so that no guess of the processor's hides the way from question to answer.
        var half = SystemsStage.HalfMissing(Questions);
        var halfInFlat = Array.ConvertAll(half, static pfn => new Pfn((pfn.Number & 0xffff) | ((pfn.Number & 0x10000) << 4)));
        var dependent = new Contest("Each question hanging on the answer before, half of the frames not there", "ns");
        dependent.Add("sparse", () => FrameQuestions.Dependent(sparse, stage.Task, half, 20));
        dependent.Add("list of segments", () => FrameQuestions.Dependent(list, stage.Task, half, 20));
        dependent.Add("the loop alone: the answer is a bit of the number", () => FrameQuestions.Dependent(default(AskedOfTheNumber), stage.Task, half, 20));
        dependent.Add("flat", () => FrameQuestions.Dependent(flat, stage.Task, halfInFlat, 20));
        dependent.Run(rounds);

        using var two = Core.Machine.Create(new Core.MachineOptions { CpuCount = 2 });
        AskedSparse sparseOfTwo;
        using (var setup = two.Attach("setup")) sparseOfTwo = new AskedSparse((SparseModel)SystemsStage.NewModel("sparse", setup));
        var lockedOfTwo = new AskedUnderLock(new LockedSegments(two));
        // Long enough that the two do run at once, and are not just taken in turns.
        var readers = new Contest("pfn_valid with two readers at once, the slower one", "ns");
        readers.Add("sparse", () => FrameQuestions.Two(sparseOfTwo, two, pfns, 2000));
        readers.Add("a locked list, C#", () => FrameQuestions.Two(lockedOfTwo, two, pfns, 60));
        readers.Add("a locked list, C", () => PeerLibrary.loop_pfn_valid(numbers, Questions, 60 * Questions, 2));
        readers.Run(rounds);
    }

    private static void NormalPage(int rounds)
    {
        const int N = 40_000;
        var contest = new Contest("vm_normal_page: the page behind an entry", "ns");
        using var withBit = new SystemsStage();
        using var without = new SystemsStage(specialBit: false);
        contest.Add("a counted page, entries with the bit", () => Ask(withBit, 0, N));
        contest.Add("a bare frame, entries with the bit", () => Ask(withBit, 1, N));
        contest.Add("a counted page, asking the model", () => Ask(without, 0, N));
        contest.Run(rounds);

        static double Ask(SystemsStage stage, int page, int n)
        {
            var (map, task) = (stage.Map, stage.Task);
            var area = map.Areas.Count != 0 ? map.Areas[0] : Mixed(stage);
            var at = SystemsStage.At.PlusPages(page);
            var entry = map.EntryOf(task, at);
            var found = 0;
            task.PreemptDisable();
            var start = PeerLibrary.thread_seconds();
            for (var i = 0; i < n; i++) found += map.NormalPage(task, area, at, entry) is null ? 0 : 1;
            var seconds = PeerLibrary.thread_seconds() - start;
            task.PreemptEnable();
            if (found != (page == 0 ? n : 0)) throw new InvalidOperationException($"{found} of {n} entries have a page.");
            return seconds * 1e9 / n;
        }
    }

    private static Vma Mixed(SystemsStage stage)
    {
        var area = stage.Map.Map(stage.Task, new AreaRequest { Pages = 2, At = SystemsStage.At, Flags = VmFlags.Read | VmFlags.Shared | VmFlags.MixedMap });
        using (stage.Map.Lock.Read(stage.Task))
        {
            if (stage.Map.InsertPage(stage.Task, area, SystemsStage.At, stage.Pages.Allocate(stage.Task, Gfp.Kernel)!.Value) != MapResult.None
                || stage.Map.InsertMixed(stage.Task, area, SystemsStage.At.PlusPages(1), new Pfn(0x30000)) != FaultResult.NoPage)
                throw new InvalidOperationException("The mixed map could not be filled.");
        }

        return area;
    }

    private static void Faults(int rounds)
    {
        const int Pages = 64;
        const int Times = 64;
        using var stage = new SystemsStage();
        var (map, task) = (stage.Map, stage.Task);
        var pages = new PagesInMemory(stage, Pages);
        var anonymous = new AreaRequest { Pages = Pages, At = SystemsStage.At };
        var file = anonymous with { Flags = VmFlags.Read | VmFlags.Write | VmFlags.Shared, Operations = pages };
        var minor = new double[3];

        var write = new Contest("A fault on fresh memory: walk, allocate, clear, map", "ns");
        write.Add("Mm", () => Touch(anonymous, AccessKind.Write));
        write.Add("Mm, one mmap lock for 64 faults", () => Touch(anonymous, AccessKind.Write, isLocked: true));
        write.Add("this host's kernel, a minor fault", () => Minor(0));
        write.Add("clearing a page, C#", () => Clear());
        write.Run(rounds);

        var read = new Contest("A fault that clears nothing", "ns");
        read.Add("Mm, a write to a page of a file in memory", () => Touch(file, AccessKind.Write));
        read.Add("this host's kernel, the same in a memfd", () => Minor(2));
        read.Add("Mm, a read: the zero page", () => Touch(anonymous, AccessKind.Read));
        read.Add("this host's kernel, a read: the zero page", () => Minor(1));
        read.Add("Mm, an entry that another has just made", () => Touch(anonymous, AccessKind.Read, isThere: true));
        read.Run(rounds);

        double Touch(AreaRequest request, AccessKind access, bool isLocked = false, bool isThere = false)
        {
            var seconds = 0.0;
            var area = map.Map(task, request);
            for (var time = 0; time < Times; time++)
            {
                for (var i = 0; i < Pages && isThere; i++) Check(map.Fault(task, area.Start.PlusPages(i), AccessKind.Read));
                if (isLocked)
                {
                    using (map.Lock.Read(task))
                    {
                        var start = PeerLibrary.thread_seconds();
                        for (var i = 0; i < Pages; i++) Check(map.HandleFault(task, area.Start.PlusPages(i), access));
                        seconds += PeerLibrary.thread_seconds() - start;
                    }
                }
                else
                {
                    var start = PeerLibrary.thread_seconds();
                    for (var i = 0; i < Pages; i++) Check(map.Fault(task, area.Start.PlusPages(i), access));
                    seconds += PeerLibrary.thread_seconds() - start;
                }

                // The tables stay, as those of the kernel do where madvise gives the pages back.
                using (map.Lock.Write(task)) map.ZapRange(task, area, area.Start, area.End);
            }

            map.Unmap(task, SystemsStage.At, Pages);
            return seconds * 1e9 / (Pages * Times);
        }

        double Minor(int which)
        {
            PeerLibrary.loop_minor_faults(Pages, Times, minor);
            return minor[which];
        }

        // What of a fault is the page itself.
        double Clear()
        {
            var start = PeerLibrary.thread_seconds();
            for (var i = 0; i < Pages * Times; i++) stage.Pages.BytesOf(new Pfn(0x8000 + (uint)(i % Pages))).Clear();
            return (PeerLibrary.thread_seconds() - start) * 1e9 / (Pages * Times);
        }
    }

    private static void Check(FaultResult result)
    {
        if ((result & FaultResult.Error) != 0) throw new InvalidOperationException($"A fault ended in {result}.");
    }

    private static void Ranges(int rounds)
    {
        const int N = 200;
        using var stage = new SystemsStage();
        var ranges = new KernelRanges(stage.Task, stage.Virtual, pages: 1 << 16);
        var frames = Enumerable.Range(0, 64).Select(_ => stage.Pages.Allocate(stage.Task, Gfp.Kernel)!.Value).ToArray();
        var contest = new Contest("A range of kernel addresses, made and ended", "ns");
        contest.Add("addresses and tables, 8 pages", () => Each(N, () => ranges.Release(stage.Task, ranges.Reserve(stage.Task, 8)!)));
        contest.Add("vmap and vunmap, 1 page", () => Each(N, () => ranges.Unmap(stage.Task, ranges.Map(stage.Task, frames.AsSpan(0, 1))!)));
        contest.Add("vmap and vunmap, 64 pages", () => Each(N, () => ranges.Unmap(stage.Task, ranges.Map(stage.Task, frames)!)));
        contest.Add("vmalloc and vfree, 8 pages", () => Each(N, () => ranges.Free(stage.Task, ranges.Allocate(stage.Task, 8)!)));
        contest.Add("the host's mmap and munmap, 8 pages", () => PeerLibrary.loop_map(8, N));
        contest.Run(rounds);

        var clock = new Contest("The same by the clock, with what is waited for", "ns");
        clock.Add("vmap and vunmap, 64 pages", () => ByTheClock(N, () => ranges.Unmap(stage.Task, ranges.Map(stage.Task, frames)!)));
        clock.Add("vmalloc and vfree, 8 pages", () => ByTheClock(N, () => ranges.Free(stage.Task, ranges.Allocate(stage.Task, 8)!)));
        clock.Run(Math.Min(rounds, 5));
        foreach (var frame in frames) stage.Pages.Free(stage.Task, frame);
        ranges.Dispose(stage.Task);
    }

    private static void Holders(int rounds)
    {
        const int N = 20_000;
        using var stage = new SystemsStage();
        var (task, holders) = (stage.Task, stage.Pages.Holders);
        var owner = holders.Register("driver", static (_, _) => ReleaseAnswer.Released);
        var pages = Enumerable.Range(0, 512).Select(_ => stage.Pages.Allocate(task, Gfp.Kernel)!.Value).ToArray();
        var tokens = pages.Select(page => holders.SetHold(task, page, owner).Token).ToArray();
        var tree = pages.ToDictionary(static page => page, _ => owner);
        var posted = new ReadWriteSpinLock(stage.Machine, "zone->page_holder_lock");
        var spare = stage.Pages.Allocate(task, Gfp.Kernel)!.Value;
        var contest = new Contest("Who holds a page?", "ns");
        contest.Add("Mm, a lookup", () => Each(N, i => holders.HolderOf(pages[i & 511]) is not null));
        contest.Add("a tree under a reader's lock, as posted", () => Each(N, i =>
        {
            using (posted.ReadIrqSave(task)) return tree.ContainsKey(pages[i & 511]);
        }));
        contest.Add("Mm, a hold set and ended", () => Each(N, _ => holders.UnsetHold(task, holders.SetHold(task, spare, owner).Token) == UnsetResult.Removed));
        contest.Run(rounds);
        foreach (var token in tokens) _ = holders.UnsetHold(task, token);
        foreach (var page in pages) stage.Pages.Free(task, page);
        stage.Pages.Free(task, spare);
    }

    private static void Discard(int rounds)
    {
        const int Batch = 1024;
        using var stage = new SystemsStage();
        var (task, frames) = (stage.Task, stage.Pages.Pages);
        var host = new SimulatedHost(frames.First, frames.Count);
        var states = new PageStates(task, stage.Pages, host);
        var cache = states.Register(new BareCache(states, frames));
        var contest = new Contest("A discarded page", "ns a page");
        contest.Add("offered to the host and taken back", () => OfferAndTakeBack());
        contest.Add("its last put, to the queue", () => Reap().Put);
        contest.Add("reaped, 1,024 at a time", () => Reap().Reap);
        contest.Add("reaped, one at a time", () => ReapOne());
        contest.Run(rounds);

        double OfferAndTakeBack()
        {
            var page = Cached();
            var start = PeerLibrary.thread_seconds();
            for (var i = 0; i < Batch; i++)
            {
                if (!states.MakeVolatile(task, page, 1) || !states.MakeStable(task, page)) throw new InvalidOperationException("Nobody drops pages here.");
            }

            var seconds = PeerLibrary.thread_seconds() - start;
            if (states.TryBeginRemoval(task, page)) frames.Put(task, page);
            return seconds * 1e9 / Batch;
        }

        (double Put, double Reap) Reap()
        {
            var pages = new Pfn[Batch];
            for (var i = 0; i < Batch; i++) pages[i] = Dropped();
            var start = PeerLibrary.thread_seconds();
            foreach (var page in pages) frames.Put(task, page);
            var put = PeerLibrary.thread_seconds() - start;
            start = PeerLibrary.thread_seconds();
            var freed = states.Queue.Reap(task);
            var reap = PeerLibrary.thread_seconds() - start;
            if (freed != Batch) throw new InvalidOperationException($"{freed} of {Batch} pages were freed.");
            return (put * 1e9 / Batch, reap * 1e9 / Batch);
        }

        double ReapOne()
        {
            var seconds = 0.0;
            for (var i = 0; i < 64; i++)
            {
                frames.Put(task, Dropped());
                var start = PeerLibrary.thread_seconds();
                _ = states.Queue.Reap(task);
                seconds += PeerLibrary.thread_seconds() - start;
            }

            return seconds * 1e9 / 64;
        }

        Pfn Cached()
        {
            var page = stage.Pages.Allocate(task, Gfp.Kernel)!.Value;
            frames.Set(page, PageFlags.UpToDate);
            states.AddToCache(page, cache);
            return page;
        }

        Pfn Dropped()
        {
            var page = Cached();
            if (!states.MakeVolatile(task, page, 1) || !host.TryDiscard(task, page) || !states.TryBeginRemoval(task, page)) throw new InvalidOperationException("The page was not dropped.");
            return page;
        }
    }

    private static double Each(int n, Action work)
    {
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i++) work();
        return (PeerLibrary.thread_seconds() - start) * 1e9 / n;
    }

    private static double Each(int n, Func<int, bool> work)
    {
        var right = 0;
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i++) right += work(i) ? 1 : 0;
        var seconds = PeerLibrary.thread_seconds() - start;
        return right == n ? seconds * 1e9 / n : throw new InvalidOperationException($"{right} of {n} answers were right.");
    }

    private static double ByTheClock(int n, Action work)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var i = 0; i < n; i++) work();
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds / n;
    }

    /// <summary>A file whose pages are in memory: a fault finds them by their number.</summary>
    private sealed class PagesInMemory(SystemsStage stage, int count) : IVmOperations
    {
        private readonly Pfn[] _pages = Enumerable.Range(0, count).Select(_ => stage.Pages.Allocate(stage.Task, Gfp.Kernel)!.Value).ToArray();

        public FaultResult Fault(MachineTask task, ref VmFault fault)
        {
            var page = _pages[fault.PageOffset];
            stage.Pages.Pages.Get(page);
            fault.Page = page;
            return FaultResult.None;
        }
    }
}
