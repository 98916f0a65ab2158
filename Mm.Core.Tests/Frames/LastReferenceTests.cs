using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Frames;
using Mm.Core.Physical;
using Mm.Core.Tests.Allocation;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;
using Xunit.Abstractions;

namespace Mm.Core.Tests.Frames;

/// <summary>
/// One page, CPUs that put and allocate it, and others that ask for it by its number: all interleavings of their steps, with stores that
/// wait in the CPU that made them. The page is free where one word says so; who frees it twice, or has a reference to a free page, fails.
/// </summary>
public class LastReferenceTests(ITestOutputHelper output)
{
    private const uint Exposed = LastReference<ExploredAtomics>.Exposed;

    /// <summary>How the code under test is got wrong.</summary>
    public enum Fault
    {
        None,
        NoBarrier,
        NoWait,
        PutsAnywhere,
        Unmarked,
    }

    private static readonly string[] Written =
    [
        "put | get put",
        "put | get put | get put",
        "put allocate put | get put",
        "put allocate put | get put get put",
        "expose put allocate put | get put",
        "put | get get put put",
        "put allocate expose put | get put | get put",
        "get put put | get put",
    ];

    public static TheoryData<string> Programs() => [.. Written];

    [Theory]
    [MemberData(nameof(Programs))]
    public void LastPut_AndThoseWhoAskForThePageByItsNumber_InAllInterleavings_AgreeWhetherItIsFree(string program)
    {
        var explorer = Explore(program, Fault.None);
        output.WriteLine($"{program}: {explorer.States} states, {explorer.Steps} steps, {explorer.Ends} ends");
        Assert.True(explorer.Ends > 0 && !explorer.WasCut);
    }

    [Theory]
    [InlineData(Fault.NoBarrier)]
    [InlineData(Fault.NoWait)]
    [InlineData(Fault.PutsAnywhere)]
    [InlineData(Fault.Unmarked)]
    public void LastPut_WithOneStepLeftOut_IsFoundOut(Fault fault)
    {
        var failure = Assert.Throws<ExplorationException>(() =>
        {
            foreach (var program in Written) Explore(program, fault);
        });
        output.WriteLine(failure.Message);
        Assert.Contains("page", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_LookedUpByTheirNumbersWhileOthersFreeThem_AreEachSomebodysOrFree()
    {
        var until = Environment.TickCount64 + (1000 * (int.TryParse(Environment.GetEnvironmentVariable("MM_SOAK_SECONDS"), out var seconds) ? seconds : 1));
        using var machine = Machine.Create(new MachineOptions
        {
            CpuCount = 2,
            Pages = new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 4096)], MinFreePages = 16 },
        });
        var (pages, table) = (machine.Pages, machine.Pages.Pages);
        var users = new int[4096];
        var inUse = new uint[2];
        long taken = 0;
        for (var t = 1; t <= 2; t++)
        {
            var me = t;
            inUse[me - 1] = table.First.Number;
            machine.Start("user" + t, task =>
            {
                var random = new Random(me);
                while (Environment.TickCount64 < until)
                {
                    if (pages.Allocate(task, Gfp.NoWait) is not { } page) continue;
                    Assert.Equal(0, Interlocked.Exchange(ref users[page.Number - table.First.Number], me));
                    Volatile.Write(ref inUse[me - 1], page.Number);
                    for (var i = random.Next(20); i > 0; i--) Thread.SpinWait(1);
                    Assert.Equal(me, Interlocked.Exchange(ref users[page.Number - table.First.Number], 0));
                    if (random.Next(2) == 0) pages.Free(task, page);
                    else table.Put(task, page);
                }
            });
        }

        machine.Start("walker", task =>
        {
            var random = new Random(3);
            while (Environment.TickCount64 < until)
            {
                var page = new Pfn(Volatile.Read(ref inUse[random.Next(2)]));
                if (!table.TryGet(page)) continue;
                taken++;
                Assert.InRange(table.ReferenceCount(page), 1, 2);
                table.Put(task, page);
            }
        });
        machine.Run();
        Assert.True(taken > 0);
        machine.Do("check", task =>
        {
            pages.DrainAll(task);
            Assert.Equal(4096, pages.Zones[0].Allocator.FreePages);
        });
        Assert.Empty(pages.Validate());
        machine.AssertClean();
        output.WriteLine($"{taken} references taken by number");
    }

    private static Explorer Explore(string text, Fault fault)
    {
        // A CPU of each thread, of which only the words of the gate are there; the page; whether it is free.
        var bytes = new byte[40];
        ref CpuFrames Cpu(int thread) => ref Unsafe.As<byte, CpuFrames>(ref bytes[8 * thread]);
        ref HotPage Page() => ref Unsafe.As<byte, HotPage>(ref bytes[24]);
        ref uint Free() => ref Unsafe.As<byte, uint>(ref bytes[32]);
        Page().Count = 1;
        var explorer = new Explorer(bytes.ToArray(), () => bytes, 3_000_000)
        {
            WithStoreBuffers = true,
            Mutation = fault == Fault.NoBarrier ? Mutation.BarrierIsDropped : Mutation.None,
        };
        var threads = text.Split(" | ");
        var programs = threads.Select((words, thread) => words.Split(' ').Select(word => Operation(word, thread)).ToArray()).ToArray();

        // What a thread owns is its references, each with a number of its own.
        explorer.Run(programs, [.. threads.Select((_, i) => i == 0 ? new[] { (0u, 0) } : [])], ended =>
        {
            var owned = (uint)ended.Sum(static t => t.Owned.Length);
            if (Page().Count != owned) throw new ExplorationException($"the page has {Page().Count} references, and {owned} are in use");
            if ((Free() == 1) != (owned == 0)) throw new ExplorationException(owned == 0 ? "nobody has the page, and it is not free" : "the page is free and in use");
        });
        return explorer;

        ExploredOperation Operation(string name, int thread) => new(name, Gives: false, (owned, _) => name switch
        {
            "put" => owned.Length == 0 ? owned : Put(thread, owned),
            "get" => Get() ? [.. owned, Reference(thread, owned.Length)] : owned,
            "allocate" => Allocate() ? [.. owned, Reference(thread, owned.Length)] : owned,
            "expose" => owned.Length == 0 ? owned : Expose(owned),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        });

        (uint, int)[] Put(int thread, (uint, int)[] owned)
        {
            if (!TryPutPlain(thread) && ExploredAtomics.Add(ref Page().Count, uint.MaxValue) == 0) BecomeFree();
            return owned[..^1];
        }

        // As the allocator has it: the page goes on while the CPU is still at its stacks.
        bool TryPutPlain(int thread)
        {
            if (fault == Fault.PutsAnywhere)
            {
                if (!LastReference<ExploredAtomics>.TryPut(ref Page(), Exposed)) return false;
                BecomeFree();
                return true;
            }

            if (!CpuGate<ExploredAtomics>.TryEnter(ref Cpu(thread))) return false;
            var isPut = LastReference<ExploredAtomics>.TryPut(ref Page(), Exposed);
            if (isPut) BecomeFree();
            CpuGate<ExploredAtomics>.Leave(ref Cpu(thread));
            return isPut;
        }

        void BecomeFree()
        {
            if (!ExploredAtomics.TrySwap(ref Free(), 0, 1)) throw new ExplorationException("the page is freed twice");
        }

        bool Allocate()
        {
            if (!ExploredAtomics.TrySwap(ref Free(), 1, 0)) return false;
            if (ExploredAtomics.Read(ref Page().Count) != 0) throw new ExplorationException("the page is handed out while somebody refers to it");
            ExploredAtomics.Write(ref Page().Count, 1);
            return true;
        }

        (uint, int)[] Expose((uint, int)[] owned)
        {
            while (true)
            {
                var flags = ExploredAtomics.Read(ref Page().Flags);
                if (ExploredAtomics.TrySwap(ref Page().Flags, flags, flags | Exposed)) return owned;
            }
        }

        // FrameTable.TryGet, with waits that let others go on.
        bool Get()
        {
            while (true)
            {
                switch (LastReference<ExploredAtomics>.TryGet(ref Page()))
                {
                    case Asked.Taken: return IsInUse();
                    case Asked.Gone: return false;
                    case Asked.Busy:
                        Explorer.WaitForOthers();
                        break;
                    default:
                        Await();
                        if (fault == Fault.Unmarked ? true : LastReference<ExploredAtomics>.TryRedeem(ref Page())) return IsInUse();
                        break;
                }
            }
        }

        void Await()
        {
            ExploredAtomics.BarrierEverywhere();
            for (var cpu = 0; cpu < threads.Length && fault != Fault.NoWait; cpu++)
            {
                if (!CpuGate<ExploredAtomics>.HasLeft(ref Cpu(cpu))) Explorer.WaitForOthers();
            }
        }

        bool IsInUse() => ExploredAtomics.Read(ref Free()) == 0 ? true : throw new ExplorationException("a reference to a page that is free");
    }

    private static (uint Frame, int Order) Reference(int thread, int number) => ((uint)((thread * 8) + number + 1), 0);
}
