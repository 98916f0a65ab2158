using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Benchmarks.Memory;

/// <summary>The loops of peers.c in C#, compiled for each source. All results are nanoseconds for one allocation and one free, or as said.</summary>
internal static class Loops
{
    public const int Handful = 256;

    public static double Pair<T>(T source, int order, int n)
        where T : struct, ISource
    {
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i += Handful) PairHandful(source, order);
        return Nanoseconds(start) / Whole(n);
    }

    /// <summary>As many blocks as there is room for, and then all of them back, the first one first.</summary>
    public static double Several<T>(T source, nint[] blocks, int n)
        where T : struct, ISource
    {
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i += blocks.Length) SeveralOnce(source, blocks);
        return Nanoseconds(start) / ((n + blocks.Length - 1) / blocks.Length * blocks.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SeveralOnce<T>(T source, nint[] blocks)
        where T : struct, ISource
    {
        TakeAll(source, blocks);
        GiveAll(source, blocks);
    }

    private static int Whole(int n) => (n + Handful - 1) / Handful * Handful;

    // Methods of their own, called often: so they are compiled as what a program calls often, and not replaced on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PairHandful<T>(T source, int order)
        where T : struct, ISource
    {
        for (var i = 0; i < Handful; i++) source.Give(source.Take(order), order);
    }

    /// <summary>Two threads at once, the slower one. Each makes its source itself.</summary>
    public static double Two<T>(Func<int, (T Source, IDisposable? End)> make, int order, int n)
        where T : struct, ISource
    {
        using var start = new Barrier(2);
        var slowest = new double[2];
        var threads = new Thread[2];
        for (var t = 0; t < 2; t++)
        {
            var index = t;
            threads[t] = new Thread(() =>
            {
                var (source, end) = make(index);
                using (end)
                {
                    Pair(source, order, 1000);
                    start.SignalAndWait();
                    var clock = Stopwatch.GetTimestamp();
                    Pair(source, order, n);
                    slowest[index] = Stopwatch.GetElapsedTime(clock).TotalNanoseconds / n;
                }
            });
            threads[t].Start();
        }

        foreach (var thread in threads) thread.Join();
        return Math.Max(slowest[0], slowest[1]);
    }

    /// <summary>Single pages, all of them, then back in the given order: nanoseconds a page for each half.</summary>
    public static (double Take, double Give) Bulk<T>(T source, nint[] all, int[] order)
        where T : struct, ISource
    {
        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < all.Length; i += Handful) TakeAll(source, all.AsSpan(i, Math.Min(Handful, all.Length - i)));
        var taken = Nanoseconds(start);
        start = PeerLibrary.thread_seconds();
        for (var i = 0; i < all.Length; i += Handful) GiveChosen(source, all, order.AsSpan(i, Math.Min(Handful, all.Length - i)));
        return (taken / all.Length, Nanoseconds(start) / all.Length);
    }

    /// <summary>The same by the interface for many pages, a batch at a time.</summary>
    public static (double Take, double Give) Many(PageAllocator pages, MachineTask task, Pfn[] all, int[] order)
    {
        var start = PeerLibrary.thread_seconds();
        if (pages.AllocateMany(task, Gfp.NoWait, all) != all.Length) throw new InvalidOperationException("There are not enough pages.");
        var taken = Nanoseconds(start);
        Span<Pfn> batch = stackalloc Pfn[Handful];
        start = PeerLibrary.thread_seconds();
        for (var i = 0; i < all.Length; i += batch.Length)
        {
            var count = Math.Min(batch.Length, all.Length - i);
            for (var j = 0; j < count; j++) batch[j] = all[order[i + j]];
            pages.FreeMany(task, batch[..count]);
        }

        return (taken / all.Length, Nanoseconds(start) / all.Length);
    }

    /// <summary>One thread allocates a handful, another frees it, in turns; what each waits for the other does not count.</summary>
    public static double Cross(Action take, Func<(Action Give, IDisposable? End)> makeConsumer, int turns)
    {
        using var turn = new Barrier(2);
        double theirs = 0, mine = 0;
        var consumer = new Thread(() =>
        {
            var (give, end) = makeConsumer();
            using (end)
            {
                for (var t = 0; t < turns; t++)
                {
                    turn.SignalAndWait();
                    var start = PeerLibrary.thread_seconds();
                    give();
                    theirs += Nanoseconds(start);
                    turn.SignalAndWait();
                }
            }
        });
        consumer.Start();
        for (var t = 0; t < turns; t++)
        {
            var start = PeerLibrary.thread_seconds();
            take();
            mine += Nanoseconds(start);
            turn.SignalAndWait();
            turn.SignalAndWait();
        }

        consumer.Join();
        return (mine + theirs - (2 * turns * ClockCost())) / ((double)turns * Handful);
    }

    // What the clock takes itself: some hundred nanoseconds, as long as forty pages.
    private static double ClockCost()
    {
        var least = double.MaxValue;
        for (var i = 0; i < 1000; i++) least = Math.Min(least, Nanoseconds(PeerLibrary.thread_seconds()));
        return least;
    }

    public static void TakeAll<T>(T source, Span<nint> blocks)
        where T : struct, ISource
    {
        for (var i = 0; i < blocks.Length; i++) blocks[i] = source.Take(0);
    }

    private static void GiveChosen<T>(T source, nint[] blocks, ReadOnlySpan<int> which)
        where T : struct, ISource
    {
        foreach (var i in which) source.Give(blocks[i], 0);
    }

    public static void GiveAll<T>(T source, nint[] blocks)
        where T : struct, ISource
    {
        for (var i = 0; i < blocks.Length; i++) source.Give(blocks[i], 0);
    }

    /// <summary>Fills to a share of the frames with mixed orders, then replaces random blocks.</summary>
    public static double Mixed<T>(T source, int frames, int percent, int n)
        where T : struct, ISource
    {
        var blocks = new nint[frames];
        var orders = new byte[frames];
        var state = 88172645463325252ul;
        var (count, used, limit) = (0, 0L, (long)frames * percent / 100);
        while (used < limit)
        {
            var order = Pick(Next(ref state));
            var block = source.Take(order);
            if (block == 0) break;
            blocks[count] = block;
            orders[count++] = (byte)order;
            used += 1 << order;
        }

        var start = PeerLibrary.thread_seconds();
        for (var i = 0; i < n; i += Handful) ExchangeHandful(source, blocks, orders, count, limit, ref used, ref state);
        var result = Nanoseconds(start) / Whole(n);
        for (var i = 0; i < count; i++)
        {
            if (blocks[i] != 0) source.Give(blocks[i], orders[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ExchangeHandful<T>(T source, nint[] blocks, byte[] orders, int count, long limit, ref long used, ref ulong state)
        where T : struct, ISource
    {
        for (var i = 0; i < Handful; i++)
        {
            var at = (int)(Next(ref state) % (ulong)count);
            var order = Pick(Next(ref state));
            if (blocks[at] != 0)
            {
                source.Give(blocks[at], orders[at]);
                used -= 1 << orders[at];
                blocks[at] = 0;
            }

            if (used + (1 << order) > limit || (blocks[at] = source.Take(order)) == 0) continue;
            orders[at] = (byte)order;
            used += 1 << order;
        }
    }

    /// <summary>Lets the pages in use swing between a quarter and a half of all: whole blocks of order 9 at the half and at the quarter.</summary>
    public static (int AtHalf, int AtQuarter) Fragment<T>(T source, int frames, int rounds, Func<int> countWhole)
        where T : struct, ISource
    {
        var blocks = new nint[frames / 2];
        var state = 88172645463325252ul;
        var (count, atHalf) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            while (count < blocks.Length) blocks[count++] = source.Take(0);
            if (round == rounds - 1) atHalf = countWhole();
            GiveRandom(source, blocks, ref count, frames / 4, ref state);
        }

        var atQuarter = countWhole();
        while (count > 0) source.Give(blocks[--count], 0);
        return (atHalf, atQuarter);
    }

    /// <summary>Takes pages up to the peak, gives random ones back down to the half, and then exchanges a random tenth of what it has, again and again.</summary>
    /// <returns>Whole blocks of order 9 at the end.</returns>
    public static int Churn<T>(T source, int frames, int peak, int rounds, Func<int> countWhole)
        where T : struct, ISource
    {
        var blocks = new nint[frames];
        var state = 88172645463325252ul;
        var count = 0;
        while (count < peak && source.Take(0) is not 0 and var page) blocks[count++] = page;
        GiveRandom(source, blocks, ref count, frames / 2, ref state);
        for (var round = 0; round < rounds; round++)
        {
            GiveRandom(source, blocks, ref count, frames / 20 * 9, ref state);
            while (count < frames / 2) blocks[count++] = source.Take(0);
        }

        var whole = countWhole();
        GiveRandom(source, blocks, ref count, 0, ref state);
        return whole;
    }

    private static void GiveRandom<T>(T source, nint[] blocks, ref int count, int rest, ref ulong state)
        where T : struct, ISource
    {
        while (count > rest)
        {
            var at = (int)(Next(ref state) % (ulong)count);
            source.Give(blocks[at], 0);
            blocks[at] = blocks[--count];
        }
    }

    // Work of one thread counts its processor time: what it waits for others on a busy machine does not count. Work of two is on the clock.
    private static double Nanoseconds(double start) => (PeerLibrary.thread_seconds() - start) * 1e9;

    private static ulong Next(ref ulong state)
    {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    }

    // Order 0 in 62 of 100, 1 in 15, 2 in 10, 3 in 5, and 4 to 7 in 2 each.
    private static int Pick(ulong random)
    {
        var x = (int)(random % 100);
        return x < 62 ? 0 : x < 77 ? 1 : x < 87 ? 2 : x < 92 ? 3 : 4 + ((x - 92) / 2);
    }
}
