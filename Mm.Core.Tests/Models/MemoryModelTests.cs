using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Models;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;
using SpinLock = Mm.Core.Locking.SpinLock;

namespace Mm.Core.Tests.Models;

public class MemoryModelTests
{
    private static readonly FrameRange Linear = new(new Pfn(0), 0x8000);
    private static readonly FrameRange Boot = new(new Pfn(0), 0x6000);
    private static readonly Segment Shared = new("DCSS", new FrameRange(new Pfn(0x20000), 1024), HasPages: true);

    private static MemoryModel New(string kind, Machine machine) => kind switch
    {
        "flat" => new FlatModel(machine, Linear),
        "sparse" => new SparseModel(machine, Linear),
        _ => new SegmentListModel(machine, Linear),
    };

    private static MemoryModel Ready(string kind, MachineTask task)
    {
        var model = New(kind, task.Machine);
        model.Initialise(task, Boot);
        model.MakeReady(task);
        return model;
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("sparse")]
    [InlineData("list")]
    public void S4_04_E4_3_Questions_BeforeTheDataExist_TrapAndThenAnswerForBoot(string kind)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = New(kind, machine);
        var trap = Assert.Throws<TrapException>(() => model.PfnValid(task, new Pfn(1))).Trap;
        Assert.Equal("kernel BUG: pfn_valid() before the memory model is initialised", trap.Text);
        Assert.Throws<TrapException>(() => model.PfnIsOnline(task, new Pfn(1)));
        Assert.Throws<TrapException>(() => model.PfnInLinearMap(task, new Pfn(1)));
        Assert.Throws<TrapException>(() => model.PfnIsRam(task, new Pfn(1)));
        Assert.Throws<TrapException>(() => model.SegmentOf(task, new Pfn(1)));
        model.Initialise(task, Boot);
        Assert.Equal(ModelPhase.Early, model.Phase);
        Assert.True(model.PfnValid(task, new Pfn(0x5fff)));
        Assert.False(model.PfnValid(task, Shared.Frames.First));
        Assert.Equal(SegmentError.WrongPhase, Assert.Throws<SegmentException>(() => model.Attach(task, Shared)).Error);
        Assert.Throws<InvalidOperationException>(() => model.Initialise(task, Boot));
        model.MakeReady(task);
        Assert.Throws<InvalidOperationException>(() => model.MakeReady(task));
    }

    [Theory]
    [InlineData("sparse")]
    [InlineData("list")]
    public void Segment_AttachedAndDetached_IsValidMeanwhile(string kind)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = Ready(kind, task);
        model.Attach(task, Shared);
        Assert.Equal([false, true, true, false], new[] { 0x1ffff, 0x20000, 0x203ff, 0x20400 }.Select(pfn => model.PfnValid(task, new Pfn((uint)pfn))));
        Assert.Same(Shared, model.SegmentOf(task, new Pfn(0x20001)));
        Assert.Equal(new Pfn(0x203ff), kind == "list" ? model.Highest : new Pfn(Math.Min(model.Highest.Number, 0x203ff)));
        var offline = model.SetOnline(task, Shared, false);
        Assert.True(model.PfnValid(task, new Pfn(0x20001)));
        Assert.False(model.PfnIsOnline(task, new Pfn(0x20001)));
        model.Detach(task, offline);
        Assert.False(model.PfnValid(task, new Pfn(0x20001)));
        Assert.Null(model.SegmentOf(task, new Pfn(0x20001)));
        Assert.Equal(SegmentError.NotAttached, Assert.Throws<SegmentException>(() => model.Detach(task, offline)).Error);
        machine.AssertClean();
    }

    [Fact]
    public void E4_2_Questions_AreFive_AndNoneAnswersAnother()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = Ready("list", task);
        var pageless = new Segment("xip", new FrameRange(new Pfn(0x7000), 64), HasPages: false);
        model.Attach(task, pageless);
        var offline = new Segment("spare", new FrameRange(new Pfn(0x9000), 64), HasPages: true) { IsOnline = false };
        model.Attach(task, offline);
        Assert.Equal("valid online linear ram", Answers(0x10));
        Assert.Equal("linear segment", Answers(0x7001));
        Assert.Equal("valid segment", Answers(0x9001));
        Assert.Equal("linear", Answers(0x6500));
        Assert.Equal("", Answers(0xffffffff));

        string Answers(uint number)
        {
            var pfn = new Pfn(number);
            return string.Join(' ', new[]
            {
                model.PfnValid(task, pfn) ? "valid" : null, model.PfnIsOnline(task, pfn) ? "online" : null, model.PfnInLinearMap(task, pfn) ? "linear" : null,
                model.PfnIsRam(task, pfn) ? "ram" : null, model.SegmentOf(task, pfn) is not null ? "segment" : null,
            }.Where(static a => a is not null));
        }
    }

    [Theory]
    [InlineData("flat", 0x5fff, 1, false, SegmentError.Overlap)]
    [InlineData("flat", 0x20000, 1024, true, SegmentError.Unsupported)]
    [InlineData("sparse", 0x7e00, 512, true, SegmentError.Overlap)]
    [InlineData("sparse", 0x20200, 512, true, SegmentError.Overlap)]
    [InlineData("sparse", 0x21001, 512, true, SegmentError.NotAligned)]
    [InlineData("sparse", 0x2000000, 512, true, SegmentError.OutOfRange)]
    [InlineData("list", 0x203ff, 1, false, SegmentError.Overlap)]
    [InlineData("list", 0x1ffff, 2, true, SegmentError.Overlap)]
    [InlineData("list", 0x5f00, 1000, true, SegmentError.Overlap)]
    public void S4_06_Attach_WhatDoesNotFit_IsATypedErrorAndChangesNothing(string kind, uint first, int count, bool hasPages, SegmentError expected)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = Ready(kind, task);
        if (kind != "flat") model.Attach(task, Shared);
        var before = model.Segments.ToArray();
        var failure = Assert.Throws<SegmentException>(() => model.Attach(task, new Segment("new", new FrameRange(new Pfn(first), count), hasPages)));
        Assert.Equal(expected, failure.Error);
        Assert.Equal(before, model.Segments);
        Assert.Equal(0, task.Locks.Count);
    }

    [Fact]
    public void S4_10_EarlySection_ItsHolesAreValidAndOnline_ButNotRam()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = Ready("sparse", task);
        var hole = new Pfn(0x7000);
        Assert.True(model.PfnValid(task, hole));
        Assert.True(model.PfnIsOnline(task, hole));
        Assert.False(model.PfnIsRam(task, hole));
        var flat = New("flat", machine);
        flat.Initialise(task, new FrameRange(new Pfn(0x100), 16), new FrameRange(new Pfn(0x200), 16));
        Assert.True(flat.PfnValid(task, new Pfn(0x180)));
        Assert.False(flat.PfnIsRam(task, new Pfn(0x180)));
        Assert.False(flat.PfnValid(task, new Pfn(0x210)));
    }

    [Fact]
    public void Sparse_AnAddressWithMoreBitsThanAFrameNumber_IsNotValid()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = (SparseModel)Ready("sparse", task);
        Assert.True(model.AddressValid(task, new PhysicalAddress(0x1000)));
        Assert.False(model.AddressValid(task, new PhysicalAddress(0x1000 + (1UL << 44))));
    }

    [Theory]
    [InlineData("sparse")]
    [InlineData("list")]
    public void S4_08_Detach_WhileAReaderIsBetweenItsLooks_KeepsWhatItLooksAt(string kind)
    {
        for (var seed = 0UL; seed < 40; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed });
            MemoryModel model;
            using (var setup = machine.Attach("setup"))
            {
                model = Ready(kind, setup);
                model.Attach(setup, Shared);
            }

            var isFreed = false;
            machine.Start("reader", task =>
            {
                for (var i = 0; i < 4; i++)
                {
                    using (machine.Rcu.Read(task))
                    {
                        task.Point();
                        if (!model.PfnValid(task, new Pfn(0x20001))) continue;
                        task.Point();
                        Assert.False(isFreed);
                        task.Point();
                        Assert.False(isFreed);
                    }
                }
            });
            machine.Start("writer", task =>
            {
                model.Detach(task, Shared, _ => isFreed = true);
                Assert.True(isFreed);
            });
            machine.Run();
            machine.AssertClean();
        }
    }

    [Fact]
    public void E4_4_E4_6_ASpinLockInstead_IsTakenByEveryQuestion_WalksTheList_AndIsNoLockForInterrupts()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var experiment = new SpinSegmentList(machine);
        var model = Ready("sparse", task);
        for (var i = 0u; i < 64; i++)
        {
            var segment = new Segment("s" + i, new FrameRange(new Pfn(0x20000 + (i * 1024)), 1024), HasPages: true);
            experiment.Attach(task, segment);
            model.Attach(task, segment);
        }

        for (var i = 0u; i < 64; i++) Assert.True(experiment.PfnInSharedMemory(task, new Pfn(0x20000 + (i * 1024))));
        Assert.Equal((64, 64 * 65 / 2), (experiment.Acquires, experiment.Looks));
        machine.AssertClean();

        // Taken with interrupts on by every fault: an interrupt that asks can spin on what it has interrupted.
        Situation.In("Ih", task, here => _ = experiment.PfnInSharedMemory(here, new Pfn(0x20000)));
        Assert.Equal("WARNING: inconsistent lock state", machine.TakeSingle().Headline);

        foreach (var column in (string[])["P", "S", "Id", "Ih", "N"])
            Situation.In(column, task, here => Situation.AssertUnchanged(here, () => Assert.True(model.PfnValid(here, new Pfn(0x20000 + (63 * 1024))))));
        machine.AssertClean();
    }

    [Theory]
    [InlineData("sparse")]
    [InlineData("list")]
    public void E4_4_Readers_WhileSegmentsComeAndGo_NeverSeeAnythingBetween(string kind)
    {
        using var machine = Situation.NewMachine(cpus: 2);
        MemoryModel model;
        using (var setup = machine.Attach("setup")) model = Ready(kind, setup);
        var stop = false;
        machine.Start("writer", task =>
        {
            for (var i = 0; i < 10; i++)
            {
                model.Attach(task, Shared);
                model.Detach(task, Shared);
            }

            Volatile.Write(ref stop, true);
        });
        machine.Start("reader", task =>
        {
            do
            {
                using (task.IrqsOff())
                {
                    var segment = model.SegmentOf(task, new Pfn(0x20001));
                    Assert.True(segment is null || ReferenceEquals(segment, Shared));
                    _ = model.PfnValid(task, new Pfn(0x20001));
                    Assert.True(model.PfnValid(task, new Pfn(5)));
                }

                task.ConditionalReschedule();
            }
            while (!Volatile.Read(ref stop));
        });
        machine.Run();
        machine.AssertClean();
    }

    [Fact]
    public void E4_5_TheExperimentsTest_IsInvertedAndFindsNothing()
    {
        // As posted: a segment matches if it begins at or behind the address and its last byte lies before it.
        static bool AsPosted(Segment s, ulong pfn) => s.Frames.First.Number >= pfn && s.Frames.First.Number + (ulong)s.Frames.Count - 1 < pfn;
        static bool Corrected(Segment s, ulong pfn) => s.Frames.First.Number <= pfn && pfn <= s.Frames.First.Number + (ulong)s.Frames.Count - 1;

        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var model = Ready("list", task);
        model.Attach(task, Shared);
        for (var pfn = 0x1fff0u; pfn < 0x20410; pfn++)
        {
            Assert.False(AsPosted(Shared, pfn));
            Assert.Equal(Corrected(Shared, pfn), model.PfnValid(task, new Pfn(pfn)));
        }
    }

    [Fact]
    public void E4_6_SegmentList_OfAnyLength_AnswersAsAWalkOfItWould()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var random = new Random(46);
        var model = Ready("list", task);
        var all = new List<Segment>();
        for (var i = 0; i < 200; i++)
        {
            var segment = new Segment("s" + i, new FrameRange(new Pfn(0x10000 + (uint)random.Next(20_000)), random.Next(1, 60)), random.Next(4) != 0);
            if (all.Any(s => s.Overlaps(segment.Frames)))
            {
                Assert.Equal(SegmentError.Overlap, Assert.Throws<SegmentException>(() => model.Attach(task, segment)).Error);
                if (random.Next(8) != 0) continue;
                var gone = all[random.Next(all.Count)];
                model.Detach(task, gone);
                all.Remove(gone);
                continue;
            }

            model.Attach(task, segment);
            all.Add(segment);
        }

        for (var pfn = 0xfff0u; pfn < 0x10000 + 20_100; pfn++)
        {
            var expected = all.Find(s => s.Frames.First.Number <= pfn && pfn < s.Frames.First.Number + s.Frames.Count);
            Assert.Same(expected, model.SegmentOf(task, new Pfn(pfn)));
            Assert.Equal(expected is { HasPages: true }, model.PfnValid(task, new Pfn(pfn)));
        }
    }

    [Fact]
    public void E4_1_PfnValid_WithAMutex_UnderThePageTableLock_IsTheKernelsTrap()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var experiment = new MutexSegmentList(machine, Ready("list", task));
        experiment.Attach(task, Shared);
        var pageTableLock = new SpinLock(machine, "pte_lock");
        using (pageTableLock.Lock(task)) Assert.True(experiment.PfnValid(task, new Pfn(0x20001)));
        var trap = machine.TakeSingle();
        Assert.StartsWith("BUG: sleeping function called from invalid context at ", trap.Headline, StringComparison.Ordinal);
        Assert.Contains("in_atomic(): 1, irqs_disabled(): 0, non_block: 0", trap.Text, StringComparison.Ordinal);
        Assert.Contains("1 lock held by test/1:", trap.Text, StringComparison.Ordinal);
        var model = Ready("list", task);
        model.Attach(task, Shared);
        using (pageTableLock.Lock(task)) Assert.True(model.PfnValid(task, new Pfn(0x20001)));
        machine.AssertClean();
    }
}
