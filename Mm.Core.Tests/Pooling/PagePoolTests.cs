using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Pooling;

public class PagePoolTests
{
    private static Machine NewMachine(int cpus = 2, long memory = 4 << 20) => Situation.NewMachine(cpus, memory: memory);

    private static void AssertAllFree(Machine machine)
    {
        using var task = machine.Attach("test");
        machine.Pages.DrainAll(task);
        Assert.Empty(machine.Pages.Validate());
        Assert.Equal(machine.Pages.Zones[0].ManagedPages, machine.Pages.Zones[0].Allocator.FreePages);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(8192, 2)]
    [InlineData(12289, 4)]
    [InlineData(1 << 20, 256)]
    public void Rent_GivesWholePagesThatFollowEachOther(int bytes, int pages)
    {
        using var machine = NewMachine();
        using var pool = new PagePool(machine);
        using (var owner = pool.Rent(bytes))
        {
            Assert.Equal(pages * Pfn.PageSize, owner.Memory.Length);
            owner.Memory.Span.Fill(7);
            var page = ((PageBuffer)owner).Page;
            Assert.Equal(7, machine.Memory.Frames(page.Plus(pages - 1))[4095]);
            Assert.Equal((1L, (long)pages * Pfn.PageSize), (pool.RentedBuffers, pool.RentedBytes));
        }

        Assert.Equal((0L, 0L), (pool.RentedBuffers, pool.RentedBytes));
        AssertAllFree(machine);
    }

    [Fact]
    public void Rent_OfMoreThanThereIs_SaysHowMuchThereIs()
    {
        using var machine = NewMachine(memory: 1 << 20);
        using var pool = new PagePool(machine);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(-2));
        var failure = Assert.Throws<OutOfPagesException>(() => pool.Rent(4 << 20));
        Assert.Equal(10, failure.Order);
        Assert.Contains("zone Normal has 256 pages free and 0 cached of 256, and keeps 32.", failure.Message, StringComparison.Ordinal);
        var all = new List<IMemoryOwner<byte>>();
        Assert.IsType<OutOfPagesException>(Record.Exception(() => RentForever(pool, all)));
        Assert.InRange(all.Count, 200, 224);
        foreach (var owner in all) owner.Dispose();
        AssertAllFree(machine);
    }

    private static void RentForever(PagePool pool, List<IMemoryOwner<byte>> all)
    {
        while (true) all.Add(pool.Rent());
    }

    [Fact]
    public void Buffer_UsedAfterDispose_IsRefusedEverywhere()
    {
        using var machine = NewMachine();
        using var pool = new PagePool(machine);
        using var task = machine.Attach("test");
        var owner = pool.Rent();
        var memory = owner.Memory;
        var buffer = (PageBuffer)owner;
        owner.Dispose();
        Assert.Throws<ObjectDisposedException>(owner.Dispose);
        Assert.Throws<ObjectDisposedException>(() => buffer.Return(task));
        Assert.Throws<ObjectDisposedException>(() => owner.Memory.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Throws<ObjectDisposedException>(() => buffer.Page);
        Assert.Throws<ObjectDisposedException>(() => buffer.Order);
        Assert.Equal(0, pool.RentedBuffers);
        machine.Pages.DrainAll(task);
        Assert.Equal(1024, machine.Pages.Zones[0].Allocator.FreePages);
    }

    [Fact]
    public void Owner_IsNotSomebodyElsesAtOnce_SoThatALateDisposeIsFound()
    {
        using var machine = NewMachine(cpus: 1);
        using var pool = new PagePool(machine);
        using var task = machine.Attach("test");
        var warm = new PageBuffer[32];
        for (var i = 0; i < warm.Length; i++) warm[i] = pool.Rent(task);
        foreach (var buffer in warm) buffer.Return(task);
        var late = pool.Rent(task);
        late.Return(task);
        using var next = pool.Rent(task);
        Assert.NotSame(late, next);
        Assert.Throws<ObjectDisposedException>(() => late.Return(task));
        next.Memory.Span[0] = 1;
    }

    [Fact]
    public void Pin_KeepsThePagesBeyondTheirOwner()
    {
        using var machine = NewMachine();
        using var pool = new PagePool(machine);
        var owner = pool.Rent(8192);
        owner.Memory.Span[5000] = 50;
        var handle = owner.Memory.Slice(5000).Pin();
        owner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => owner.Memory.Length);
        Assert.Equal(1, pool.RentedBuffers);
        Assert.Equal(50, Pointed.First(handle));
        handle.Dispose();
        Assert.Equal(0, pool.RentedBuffers);
        Assert.Throws<InvalidOperationException>(((PageBuffer)owner).Unpin);
        AssertAllFree(machine);
    }

    [Fact]
    public void Pool_Disposed_RentsNothing_AndTakesBackWhatItRented()
    {
        using var machine = NewMachine();
        var pool = new PagePool(machine);
        var owner = pool.Rent();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
        owner.Dispose();
        AssertAllFree(machine);
        using var bare = Machine.Create();
        Assert.Throws<InvalidOperationException>(() => new PagePool(bare));
    }

    [Fact]
    public void Lost_OwnersAreCounted_AndTheirPagesComeBackWhenAskedFor()
    {
        using var machine = NewMachine();
        using var pool = new PagePool(machine);
        using var task = machine.Attach("test");
        Lose(pool, task);
        for (var i = 0; i < 10 && pool.LostBuffers < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal((3L, 3L), (pool.LostBuffers, pool.RentedBuffers));
        Assert.Equal(3, pool.FreeLost(task));
        Assert.Equal((0L, 0L), (pool.LostBuffers, pool.RentedBuffers));
        machine.Pages.DrainAll(task);
        Assert.Equal(1024, machine.Pages.Zones[0].Allocator.FreePages);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(PagePool pool, MachineTask task)
    {
        for (var i = 0; i < 3; i++) _ = pool.Rent(task);
    }

    [Fact]
    public async Task Pool_UsedByManyThreadsThatAreNoTasks_LosesNothing()
    {
        using var machine = NewMachine(memory: 8 << 20);
        using var pool = new PagePool(machine);
        var workers = new Task[8];
        for (var w = 0; w < workers.Length; w++)
        {
            var seed = w;
            workers[w] = Task.Factory.StartNew(
                () =>
                {
                    var random = new Random(seed);
                    var held = new Queue<(IMemoryOwner<byte> Owner, byte Mark)>();
                    for (var i = 0; i < 2000; i++)
                    {
                        var owner = pool.Rent(random.Next(1, 20000));
                        var mark = (byte)random.Next(256);
                        owner.Memory.Span.Fill(mark);
                        held.Enqueue((owner, mark));
                        if (held.Count < 16) continue;
                        Check(held.Dequeue());
                    }

                    while (held.Count != 0) Check(held.Dequeue());
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        await Task.WhenAll(workers);
        Assert.Equal((0L, 0L), (pool.RentedBuffers, pool.RentedBytes));
        AssertAllFree(machine);
    }

    private static void Check((IMemoryOwner<byte> Owner, byte Mark) held)
    {
        Assert.Equal(-1, held.Owner.Memory.Span.IndexOfAnyExcept(held.Mark));
        held.Owner.Dispose();
    }

    [Fact]
    public async Task Pipe_OverPages_CarriesBytesFromThreadToThread()
    {
        using var machine = NewMachine();
        using var pool = new PagePool(machine);
        var pipe = new Pipe(new PipeOptions(pool, minimumSegmentSize: 4096));
        const int Total = 300_000;
        var writing = Task.Run(async () =>
        {
            for (var sent = 0; sent < Total;)
            {
                var memory = pipe.Writer.GetMemory(1000);
                var count = Math.Min(Math.Min(memory.Length, 3000), Total - sent);
                for (var i = 0; i < count; i++) memory.Span[i] = (byte)(sent + i);
                pipe.Writer.Advance(count);
                sent += count;
                await pipe.Writer.FlushAsync();
            }

            await pipe.Writer.CompleteAsync();
        });
        var received = 0;
        while (true)
        {
            var result = await pipe.Reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                for (var i = 0; i < segment.Length; i++) Assert.Equal((byte)(received + i), segment.Span[i]);
                received += segment.Length;
            }

            pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        await pipe.Reader.CompleteAsync();
        await writing;
        Assert.Equal(Total, received);
        Assert.Equal(0, pool.RentedBuffers);
        AssertAllFree(machine);
    }

    [Fact]
    public void Rent_AndReturn_AllocateNothingOnceWarm()
    {
        using var machine = NewMachine(cpus: 1);
        using var pool = new PagePool(machine);
        for (var round = 0; round < 200; round++) pool.Rent().Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1000; round++) pool.Rent().Dispose();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, pool.RentedBuffers);
    }

    [Fact]
    public void Rents_OfATaskWithManyCpus_UnderASeed_LoseNothing()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using var machine = Machine.Create(new MachineOptions { CpuCount = 2, Seed = seed, MemoryBytes = 1 << 20 });
            using var pool = new PagePool(machine);
            PageBuffer? handed = null;
            machine.Start("renter", task =>
            {
                for (var i = 0; i < 4; i++)
                {
                    var buffer = pool.Rent(task, 5000);
                    if (Interlocked.CompareExchange(ref handed, buffer, null) is not null) buffer.Return(task);
                }
            });
            machine.Start("returner", task =>
            {
                for (var i = 0; i < 4; i++)
                {
                    Interlocked.Exchange(ref handed, null)?.Return(task);
                    task.Point();
                }
            });
            machine.Run();
            machine.Do("end", task =>
            {
                handed?.Return(task);
                machine.Pages.DrainAll(task);
            });
            Assert.Equal(0, pool.RentedBuffers);
            Assert.Equal(256, machine.Pages.Zones[0].Allocator.FreePages);
        }
    }
}

internal static unsafe class Pointed
{
    public static byte First(MemoryHandle handle) => *(byte*)handle.Pointer;
}
