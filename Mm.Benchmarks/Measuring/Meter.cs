using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Mm.Benchmarks.Measuring;

/// <summary>What one run took: processor time of the whole process (all threads), time on the clock, bytes allocated.</summary>
internal readonly record struct Reading(double Cpu, double Wall, long Bytes)
{
    public static readonly Reading Worst = new(double.MaxValue, double.MaxValue, long.MaxValue);

    /// <summary>The best of each: noise only ever adds.</summary>
    public Reading Best(Reading other) => new(Math.Min(Cpu, other.Cpu), Math.Min(Wall, other.Wall), Math.Min(Bytes, other.Bytes));
}

/// <summary>A small honest measuring loop: everything is run once for warmth, then in turns, and the best of each is kept.</summary>
internal static class Meter
{
    public static async Task<Reading> OnceAsync(Func<Task> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await work();
        clock.Stop();
        process.Refresh();
        return new Reading((process.TotalProcessorTime - cpu).TotalSeconds, clock.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - bytes);
    }

    /// <summary>Runs all in turns, so that a slow minute of the machine hits each of them alike.</summary>
    public static async Task<Reading[]> InTurnsAsync(int runs, params Func<Task>[] work)
    {
        var best = new Reading[work.Length];
        Array.Fill(best, Reading.Worst);
        for (var run = 0; run < runs; run++)
        {
            for (var i = 0; i < work.Length; i++) best[i] = best[i].Best(await OnceAsync(work[i]));
        }

        return best;
    }
}
