using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Frames;
using Mm.Core.Holders;
using Mm.Core.Hotplug;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Contexts;

/// <summary>Every cell of the matrix is tried: where it allows, nothing is reported; where it forbids, exactly its report.</summary>
public partial class ForbiddenCellTests
{
    private static readonly Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> Calls = new()
    {
        ["preempt-off"] = static (_, _) => static task => { task.PreemptDisable(); task.PreemptEnable(); },
        ["preempt-on"] = static (_, _) => static task => { task.PreemptDisable(); task.PreemptEnable(); },
        ["preempt-guard"] = static (_, _) => static task => { using (task.PreemptOff()) { } },
        ["per-cpu-get"] = static (machine, _) => new PerCpu<string>(machine, static _ => "").GetAndPut,
        ["per-cpu-put"] = static (machine, _) => new PerCpu<string>(machine, static _ => "").GetAndPut,
        ["per-cpu-this"] = static (machine, _) => { var values = new PerCpu<string>(machine, static _ => ""); return task => values.This(task); },
        ["cpu-number"] = static (_, _) => static task => _ = task.CpuIndex,
        ["irq-off"] = static (_, _) => static task => { var flags = task.IrqSave(); task.IrqDisable(); task.IrqRestore(flags); },
        ["irq-on"] = static (_, _) => static task => { var flags = task.IrqSave(); task.IrqEnable(); _ = task.IrqSave(); task.IrqRestore(flags); },
        ["irq-save"] = static (_, _) => static task => task.IrqRestore(task.IrqSave()),
        ["irq-restore"] = static (_, _) => static task => task.IrqRestore(task.IrqSave()),
        ["irq-guard"] = static (_, _) => static task => { using (task.IrqsOff()) { } },
        ["spin-lock"] = static (machine, task) => { var l = Used(machine, task); return t => { l.Acquire(t); l.Release(t); }; },
        ["spin-guard"] = static (machine, task) => { var l = Used(machine, task); return t => { using (l.Lock(t)) { } }; },
        ["spin-lock-irq"] = static (machine, task) => { var l = Used(machine, task); return t => { l.AcquireIrq(t); l.ReleaseIrq(t); }; },
        ["spin-lock-irqsave"] = static (machine, task) => { var l = Used(machine, task); return t => l.ReleaseIrqRestore(t, l.AcquireIrqSave(t)); },
        ["seq-write"] = static (machine, task) =>
        {
            var l = new SeqLock(machine, "test");
            using (l.Write(task)) { }
            return t => { using (l.Write(t)) { } };
        },
        ["spin-lock-bh"] = static (machine, task) => { var l = new SpinLock(machine, "test"); return t => { l.AcquireBottomHalf(t); l.ReleaseBottomHalf(t); }; },
        ["spin-trylock"] = static (machine, task) => { var l = Used(machine, task); return t => { Assert.True(l.TryAcquire(t)); l.Release(t); }; },
        ["spin-lock-of-interrupts"] = static (machine, task) => { var l = Used(machine, task); Situation.In("Ih", task, here => { using (l.Lock(here)) { } }); return t => { using (l.Lock(t)) { } }; },
        ["mutex-lock"] = static (machine, _) => { var l = new Mutex(machine, "test"); return t => { l.Acquire(t); l.Release(t); }; },
        ["rwsem-read"] = static (machine, _) => { var l = new RwSemaphore(machine, "test"); return t => { l.AcquireRead(t); l.ReleaseRead(t); }; },
        ["rwsem-write"] = static (machine, _) => { var l = new RwSemaphore(machine, "test"); return t => { l.AcquireWrite(t); l.ReleaseWrite(t); }; },
        ["completion-wait"] = static (machine, task) => { var c = new Completion(machine, "test"); c.CompleteAll(task); return t => c.Wait(t); },
        ["queue-wait"] = static (machine, _) => { var q = new WaitQueue(machine, "test"); return t => q.Wait(t, static () => true); },
        ["mutex-trylock"] = static (machine, _) => { var l = new Mutex(machine, "test"); return t => { if (l.TryAcquire(t)) l.Release(t); }; },
        ["mutex-unlock"] = static (machine, task) => { var l = new Mutex(machine, "test"); l.Acquire(task); return l.Release; },
        ["schedule"] = static (_, _) => static task => task.Schedule(),
        ["cond-resched"] = static (_, _) => static task => task.ConditionalReschedule(),
        ["msleep"] = static (_, _) => static task => task.SleepFor(TimeSpan.FromMilliseconds(1)),
        ["call-one"] = static (machine, _) => task => machine.CrossCalls.Call(task, 0, static (_, _) => { }),
        ["call-others"] = static (machine, _) => task => machine.CrossCalls.CallOthers(task, static (_, _) => { }),
        ["call-each"] = static (machine, _) => task => machine.CrossCalls.CallEach(task, static (_, _) => { }),
        ["synchronize"] = static (machine, _) => machine.Rcu.Synchronize,
        ["call-rcu"] = static (machine, _) => task => machine.Rcu.Call(task, static _ => { }),
        ["rcu-read"] = static (machine, _) => task => { using (machine.Rcu.Read(task)) { } },
        ["might-sleep"] = static (_, _) => static task => task.MightSleep(),
        ["cant-sleep"] = static (_, _) => static task => task.CantSleep(),
        ["page-where"] = static (machine, _) => { var table = Pages(machine); return _ => Assert.Equal(0, table.OrderOf(table.HeadOf(Page)) + table.ZoneOf(Page)); },
        ["page-get"] = static (machine, _) => { var table = Pages(machine); return _ => table.Get(Page); },
        ["page-try-get"] = static (machine, _) => { var table = Pages(machine); return _ => Assert.True(table.TryGet(Page)); },
        ["page-put"] = static (machine, _) => { var table = Pages(machine); return task => table.Put(task, Page); },
        ["page-put-test"] = static (machine, _) => { var table = Pages(machine); return task => Assert.True(table.PutAndTest(task, Page)); },
        ["page-freeze"] = static (machine, _) => { var table = Pages(machine); return task => { Assert.True(table.TryFreeze(task, Page, 1)); table.Unfreeze(task, Page, 1); }; },
        ["page-flags"] = static (machine, _) => { var table = Pages(machine); return _ => { table.Set(Page, PageFlags.Dirty); table.Clear(Page, PageFlags.Dirty); }; },
        ["page-flags-plain"] = static (machine, _) => { var table = Pages(machine); return task => table.SetUnpublished(task, Page, PageFlags.Dirty); },
        ["page-lock"] = static (machine, _) => { var table = Pages(machine); return task => { table.Lock(task, Page); table.Unlock(task, Page); }; },
        ["page-trylock"] = static (machine, _) => { var table = Pages(machine); return task => Assert.True(table.TryLock(task, Page)); },
        ["page-unlock"] = static (machine, task) => { var table = Pages(machine); table.Lock(task, Page); return t => table.Unlock(t, Page); },
        ["alloc-blocking"] = static (_, task) => { var pages = Allocator(task); return t => Assert.NotNull(pages.Allocate(t, Gfp.Kernel)); },
        ["alloc-atomic"] = static (_, task) => { var pages = Allocator(task); return t => Assert.NotNull(pages.Allocate(t, Gfp.Atomic)); },
        ["alloc-nofail"] = static (_, task) => { var pages = Allocator(task); return t => Assert.NotNull(pages.Allocate(t, Gfp.Kernel | Gfp.NoFail)); },
        ["free"] = static (_, task) => { var pages = Allocator(task); var page = pages.Allocate(task, Gfp.Kernel)!.Value; return t => pages.Free(t, page); },
        ["drain-local"] = static (_, task) => { var pages = Allocator(task); return t => { t.PreemptDisable(); try { pages.DrainLocal(t); } finally { t.PreemptEnable(); } }; },
        ["drain-all"] = static (_, task) => Allocator(task).DrainAll,
        ["watermark"] = static (_, task) => { var pages = Allocator(task); return _ => Assert.True(pages.Zones[0].IsAbove(0, Watermark.Min)); },
        ["split"] = static (_, task) => { var pages = Allocator(task); var page = pages.Allocate(task, Gfp.Kernel, 1)!.Value; return t => pages.Split(t, page, 1); },
        ["pool-rent"] = static (_, task) => { var pool = Pool(task); return t => Assert.Equal(0, pool.Rent(t).Order); },
        ["pool-try-rent"] = static (_, task) => { var pool = Pool(task); return t => Assert.True(pool.TryRent(t, 1, out PageBuffer? _)); },
        ["pool-return"] = static (_, task) => { var buffer = Pool(task).Rent(task); return t => buffer.Return(t); },
        ["owner-register"] = static (_, task) => { var pages = Allocator(task); return t => pages.Owners.Register(t, "x", static (_, _, _) => PageFate.Taken); },
        ["owner-unregister"] = static (_, task) => { var pages = Allocator(task); var owner = pages.Owners.Register(task, "x", static (_, _, _) => PageFate.Taken); return t => pages.Owners.Unregister(t, owner); },
        ["owner-set"] = static (_, task) => { var (pages, page, owner) = Owned(task, set: false); return t => pages.Owners.SetOwner(t, page, owner); },
        ["owner-clear"] = static (_, task) => { var (pages, page, owner) = Owned(task); return t => pages.Owners.ClearOwner(t, page, owner); },
        ["owner-of"] = static (_, task) => { var (pages, page, owner) = Owned(task); return _ => Assert.Same(owner, pages.Owners.OwnerOf(page)); },
        ["owner-last-put"] = static (_, task) => { var (pages, page, _) = Owned(task); return t => pages.Pages.Put(t, page); },
        ["page-put-many"] = static (_, task) => { var (pages, page, _) = Owned(task); return t => pages.FreeMany(t, [page]); },
        ["caches-off"] = static (_, task) => { var pages = Allocator(task); return t => { pages.DisableCaches(t, pages.Zones[0]); pages.EnableCaches(t, pages.Zones[0]); }; },
        ["caches-on"] = static (_, task) => { var pages = Allocator(task); pages.DisableCaches(task, pages.Zones[0]); return t => pages.EnableCaches(t, pages.Zones[0]); },
        ["block-isolation"] = static (_, task) => { var buddy = Isolation(task); return t => { Assert.True(buddy.TryIsolate(t, Block)); buddy.EndIsolation(t, Block); }; },
        ["hold-set"] = static (_, task) => { var (pages, page, _) = Owned(task); var holder = pages.Holders.Register("x"); return t => Assert.True(pages.Holders.SetHold(t, page, holder).Succeeded); },
        ["hold-unset"] = static (_, task) => { var (pages, page, _) = Owned(task); var hold = pages.Holders.SetHold(task, page, pages.Holders.Register("x")).Token; return t => Assert.Equal(UnsetResult.Removed, pages.Holders.UnsetHold(t, hold)); },
        ["hold-lookup"] = static (_, task) => { var (pages, page, _) = Owned(task); return _ => Assert.Null(pages.Holders.HolderOf(page)); },
        ["hold-release"] = static (_, task) => { var (pages, page, _) = Owned(task); return t => Assert.Equal(ReleaseOutcome.NoHolder, pages.Holders.Release(t, page)); },
        ["memory-notifiers"] = static (machine, task) => { var hotplug = new MemoryHotplug(machine, Allocator(task)); return t => hotplug.AddNotifier(t, static (_, _, _) => true); },
        ["bytes"] = static (machine, _) => _ => Assert.Equal(Pfn.PageSize, machine.Pages.BytesOf(machine.Pages.Pages.First).Length),
        ["page-move"] = static (machine, task) => { var hotplug = new MemoryHotplug(machine, Allocator(task)); return t => Assert.False(hotplug.TryMove(t, Page)); },
        ["memory-offline"] = static (machine, task) => { var hotplug = new MemoryHotplug(machine, Allocator(task)); return t => Assert.Equal(OfflineOutcome.InvalidRange, hotplug.Offline(t, new FrameRange(Page, 1)).Outcome); },
        ["memory-online"] = static (machine, task) => { var hotplug = new MemoryHotplug(machine, Allocator(task)); return t => Assert.False(hotplug.Online(t, new FrameRange(Page, 1))); },
        ["memory-online-get"] = static (machine, task) => { var hotplug = new MemoryHotplug(machine, Allocator(task)); return t => { hotplug.GetOnlineMemory(t); hotplug.PutOnlineMemory(t); }; },
        ["page-counts"] = static (machine, _) => { var table = Pages(machine); return _ => Assert.Equal((1, 0), (table.ReferenceCount(Page), table.MapCount(Page))); },
    };

    private static Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> AllCalls { get; } = new(Calls.Concat(PagingCalls()).Concat(DiscardCalls()));

    private static Dictionary<string, Func<Machine, MachineTask, Action<MachineTask>>> OtherCalls { get; } = MemberCalls();

    public static IEnumerable<object[]> Cells() =>
        from row in MatrixRow.All
        from member in row.Members.DefaultIfEmpty("-")
        from column in MatrixRow.Columns
        where row.Cells[column] != "c"
        where member == row.Members.FirstOrDefault("-") || !Joint.Contains(row.Call)
        select new object[] { row.Call, member, column };

    [Theory]
    [MemberData(nameof(Cells))]
    public void Call_InEachContext_IsReportedWhereTheMatrixForbidsIt(string call, string member, string column)
    {
        var row = MatrixRow.All.Single(r => r.Call == call);
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw, memory: 64 * Pfn.PageSize);
        using var task = machine.Attach("test");
        var action = InvokerOf(row, member)(machine, task);
        machine.AssertClean();
        var held = task.Locks.Count;
        Situation.AssertUnchanged(task, () => _ = Record.Exception(() => Situation.In(column, task, action)), locks: row.Cells[column] is "y" ? -held : 0);
        task.Locks.Clear();
        var traps = machine.Traps.Clear();
        var cell = row.Cells[column];
        if (cell == "y")
        {
            Assert.Empty(traps);
            return;
        }

        Assert.NotEmpty(traps);
        Assert.StartsWith(HeadlineOf(cell), traps[0].Headline, StringComparison.Ordinal);
        if (cell is "WARN" or "BUG" && row.Condition.Length != 0) Assert.Contains(row.Condition, string.Join('\n', traps.Select(static t => t.Text)), StringComparison.Ordinal);
    }

    public static IEnumerable<object[]> ConditionalCells() =>
        from row in MatrixRow.All
        from column in MatrixRow.Columns
        where row.Cells[column] == "c"
        select new object[] { row.Call, column };

    // What a cell with a condition says to a call that fulfils it: nothing, but for the sign-off, which a task with bottom halves off is not.
    [Theory]
    [MemberData(nameof(ConditionalCells))]
    public void Call_InAConditionalContext_IsAllowedIfItsConditionHolds(string call, string column)
    {
        using var machine = Situation.NewMachine(traps: TrapPolicy.Throw, memory: 64 * Pfn.PageSize);
        using var task = machine.Attach("test");
        var action = AllCalls[call](machine, task);
        _ = Record.Exception(() => Situation.In(column, task, action));
        task.Locks.Clear();
        if (call == "discard-sign-off") Assert.Contains("WARN_ON_ONCE(!in_hardirq() || in_nmi())", machine.TakeSingle().Text, StringComparison.Ordinal);
        else machine.AssertClean();
    }

    [Theory]
    [InlineData("spin-lock", "Ih", "WARNING: inconsistent lock state")]
    [InlineData("drain-local", "T", "BUG: using smp_processor_id() in preemptible")]
    [InlineData("owner-clear", "Ih", "page:")]
    [InlineData("discard-fault-pin", "T", "WARNING: CPU: 0 PID: ")]
    public void Call_InAConditionalContext_IsReportedIfItsConditionFails(string call, string column, string headline)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        Action<MachineTask> action;
        switch (call)
        {
            case "spin-lock":
                var l = new SpinLock(machine, "test");
                using (l.Lock(task)) { }
                action = t => { l.Acquire(t); l.Release(t); };
                break;
            case "drain-local":
                action = Allocator(task).DrainLocal;
                break;
            case "owner-clear":
                var (pages, page, owner) = Owned(task);
                pages.Pages.Get(page);
                action = t => pages.Owners.ClearOwner(t, page, owner);
                break;
            default:
                action = AllCalls[call](machine, task);
                break;
        }

        _ = Record.Exception(() => Situation.In(column, task, action));
        Assert.StartsWith(headline, machine.Traps.Clear()[0].Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_AllRowsOfTheMatrix_AreTried() =>
        Assert.Equal(MatrixRow.All.Select(static r => r.Call).Order(), AllCalls.Keys.Order());

    [Fact]
    public void Invokers_OfMembersThatTheMatrixDoesNotHave_AreNotKept() =>
        Assert.Empty(OtherCalls.Keys.Except(MatrixRow.All.SelectMany(static r => r.Members.Skip(1).Select(m => $"{r.Call} {m}"))));

    // The call of a row is that of its first member.
    private static Func<Machine, MachineTask, Action<MachineTask>> InvokerOf(MatrixRow row, string member)
    {
        if (member == row.Members.FirstOrDefault("-")) return AllCalls[row.Call];
        Assert.True(OtherCalls.TryGetValue($"{row.Call} {member}", out var invoker), $"{member} of row {row.Call} has nothing that calls it");
        return invoker!;
    }

    private static string HeadlineOf(string cell) => cell switch
    {
        "SL" => "BUG: sleeping function called from invalid context at ",
        "SCHED" => "BUG: scheduling while atomic: ",
        "CPU" => "BUG: using ",
        "LOCK" => "WARNING: inconsistent lock state",
        "WARN" => "WARNING: CPU: 0 PID: ",
        "BUG" => "kernel BUG: ",
        "AT" => "BUG: assuming atomic context at ",
        _ => throw new InvalidOperationException($"The matrix has no report {cell}."),
    };

    private static readonly Pfn Page = new(3);

    private static PageAllocator Allocator(MachineTask task) => new(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 64)] });

    private static PagePool Pool(MachineTask task) => new(task.Machine);

    private static (PageAllocator Pages, Pfn Page, PageOwner Owner) Owned(MachineTask task, bool set = true)
    {
        var pages = Allocator(task);
        var owner = pages.Owners.Register(task, "x", static (_, _, _) => PageFate.Taken);
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        if (set) pages.Owners.SetOwner(task, page, owner);
        return (pages, page, owner);
    }

    private static readonly FrameRange Block = new(new Pfn(512), 512);

    private static BuddyAllocator Isolation(MachineTask task) =>
        (BuddyAllocator)new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 1024)], Allocator = ZoneAllocatorKind.Buddy }).Zones[0].Allocator;

    private static FrameTable Pages(Machine machine)
    {
        var table = new FrameTable(machine, new Pfn(0), 8, static (_, _, _) => { });
        table.Publish(Page);
        return table;
    }

    private static SpinLock Used(Machine machine, MachineTask task)
    {
        var l = new SpinLock(machine, "test");
        using (l.LockIrqSave(task)) { }
        return l;
    }
}

internal static class CallExtensions
{
    public static void GetAndPut(this PerCpu<string> values, MachineTask task)
    {
        values.Get(task);
        values.Put(task);
    }
}
