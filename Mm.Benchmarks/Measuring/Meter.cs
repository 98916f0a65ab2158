using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace Mm.Benchmarks.Measuring;

/// <summary>What one run took: processor time of the whole process (all threads), time on the clock, bytes allocated.</summary>
internal readonly record struct Reading(double Cpu, double Wall, long Bytes)
{
    /// <summary>The best of each: noise only ever adds.</summary>
    public Reading Best(Reading other) => new(Math.Min(Cpu, other.Cpu), Math.Min(Wall, other.Wall), Math.Min(Bytes, other.Bytes));
}

/// <summary>A small measuring loop.</summary>
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

    /// <summary>Runs all in turns, so that a slow minute of the machine hits each of them alike; for each, what every round took.</summary>
    public static async Task<Reading[][]> RoundsAsync(int rounds, params Func<Task>[] work)
    {
        var readings = work.Select(_ => new Reading[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < work.Length; i++) readings[i][round] = await OnceAsync(work[i]);
        }

        return readings;
    }

    /// <summary>The same, of which the best of each is kept.</summary>
    public static async Task<Reading[]> InTurnsAsync(int rounds, params Func<Task>[] work) =>
        (await RoundsAsync(rounds, work)).Select(Best).ToArray();

    public static Reading Best(Reading[] readings) => readings.Aggregate((best, reading) => best.Best(reading));
}

/// <summary>The middle of what was measured, and the half around it.</summary>
internal readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    public static Quartiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double part) => sorted[(int)Math.Round((sorted.Length - 1) * part)];
        return new Quartiles(At(0.25), At(0.5), At(0.75));
    }
}
