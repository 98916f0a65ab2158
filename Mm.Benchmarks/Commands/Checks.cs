using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading;
using Mm.Benchmarks.Measuring;
using Mm.Benchmarks.Memory;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;

namespace Mm.Benchmarks.Commands;

/// <summary>
/// What the checks at run time cost: the same work in processes with and without them, in turns; and how many bytes of machine code the
/// compiler made of it, which does not hang on how busy the machine is.
/// </summary>
internal static partial class Checks
{
    private const string Child = "checks-child";
    private const int N = 20_000;

    public static int Run(CommandLine options)
    {
        var rounds = options.Number("rounds", 7);
        Dictionary<string, double> on = [], off = [];
        Dictionary<string, int> sizeOn = [], sizeOff = [];
        for (var round = 0; round < rounds; round++)
        {
            Measure(options, isOn: true, on, sizeOn);
            Measure(options, isOn: false, off, sizeOff);
        }

        Console.WriteLine($"Best of {rounds} processes each, in turns; processor time");
        Console.WriteLine();
        var times = new MarkdownTable("", "checks on, ns", "off, ns");
        foreach (var (name, ns) in on) times.Row(name, Round(ns), Round(off[name]));
        Console.WriteLine();
        var sizes = new MarkdownTable("machine code", "checks on, bytes", "off, bytes");
        foreach (var (name, bytes) in sizeOn.OrderBy(static pair => pair.Key, StringComparer.Ordinal)) sizes.Row(name, bytes, sizeOff.TryGetValue(name, out var other) ? other : "inlined");
        return 0;
    }

    public static int RunChild(CommandLine options)
    {
        if (options.Has("unchecked")) AppContext.SetSwitch(RuntimeChecks.SwitchName, false);
        if (PeerLibrary.Load() is { } why) throw new InvalidOperationException(why);
        using var machine = Machine.Create(new MachineOptions { CpuCount = 2, MemoryBytes = 64 << 20 });
        using var task = machine.Attach("benchmark");
        var spin = new Mm.Core.Locking.SpinLock(machine, "benchmark");
        (string Name, Action Run)[] work =
        [
            ("a loop that adds", () => Add(task, N)),
            ("the loop with might_sleep()", () => AddAndMightSleep(task, N)),
            ("preemption off and on", () => Preempt(task, N)),
            ("a spin lock, taken and released", () => Lock(spin, task, N)),
            ("a page, allocated and freed", () => Pages(machine.Pages, task, N)),
            ("a page, allocated and put", () => Put(machine.Pages, task, N)),
        ];
        var best = Enumerable.Repeat(double.MaxValue, work.Length).ToArray();
        const int Warm = 60;
        for (var round = 0; round < Warm + 40; round++)
        {
            // Past the thirty calls after which a method is compiled anew, and past the tenth of a second until that begins.
            if (round < Warm && round % 15 == 14) Thread.Sleep(200);
            for (var i = 0; i < work.Length; i++)
            {
                var start = PeerLibrary.thread_seconds();
                work[i].Run();
                if (round >= Warm) best[i] = Math.Min(best[i], (PeerLibrary.thread_seconds() - start) * 1e9 / N);
            }
        }

        for (var i = 0; i < work.Length; i++) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work[i].Name}\t{best[i]}"));
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Add(MachineTask task, int n)
    {
        long sum = task.Id;
        for (var i = 0; i < n; i++) sum += i ^ sum;
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long AddAndMightSleep(MachineTask task, int n)
    {
        long sum = task.Id;
        for (var i = 0; i < n; i++)
        {
            sum += i ^ sum;
            task.MightSleep();
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Preempt(MachineTask task, int n)
    {
        for (var i = 0; i < n; i++)
        {
            task.PreemptDisable();
            task.PreemptEnable();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lock(Mm.Core.Locking.SpinLock spin, MachineTask task, int n)
    {
        for (var i = 0; i < n; i++)
        {
            spin.Acquire(task);
            spin.Release(task);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Pages(PageAllocator pages, MachineTask task, int n)
    {
        for (var i = 0; i < n; i++)
        {
            if (pages.Allocate(task, Gfp.NoWait) is { } page) pages.Free(task, page);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Put(PageAllocator pages, MachineTask task, int n)
    {
        for (var i = 0; i < n; i++)
        {
            if (pages.Allocate(task, Gfp.NoWait) is { } page) pages.Pages.Put(task, page);
        }
    }

    private static void Measure(CommandLine options, bool isOn, Dictionary<string, double> times, Dictionary<string, int> sizes)
    {
        var listing = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(Checks).Assembly.Location);
            start.ArgumentList.Add(Child);
            if (!isOn) start.ArgumentList.Add("--unchecked");
            start.Environment["DOTNET_TieredPGO"] = options.Has("no-pgo") ? "0" : "1";
            start.Environment["DOTNET_JitStdOutFile"] = listing;
            start.Environment["DOTNET_JitDisasmSummary"] = "1";
            using var child = Process.Start(start)!;
            while (child.StandardOutput.ReadLine() is { } line)
            {
                var parts = line.Split('\t');
                if (parts.Length != 2) continue;
                var ns = double.Parse(parts[1], CultureInfo.InvariantCulture);
                times[parts[0]] = times.TryGetValue(parts[0], out var before) ? Math.Min(before, ns) : ns;
            }

            child.WaitForExit();
            foreach (var line in File.ReadLines(listing))
            {
                // The last, most optimized form of a method counts; a form that replaces a running loop does not.
                var match = Compiled().Match(line);
                if (match.Success) sizes[match.Groups["name"].Value] = int.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture);
            }
        }
        finally
        {
            File.Delete(listing);
        }
    }

    private static string Round(double ns) => ns.ToString("0.00", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"JIT compiled (?:Mm\.Core\.\w+\.|Mm\.Benchmarks\.Commands\.)(?<name>(?:Checks:(?:Add|AddAndMightSleep|Preempt|Lock|Pages|Put)|PageAllocator:(?:Allocate|Free|Release)|FrameTable:Put|TreeAllocator:(?:TryAllocate|Free)|SpinLock:(?:Acquire|Release))\().* \[Tier1[^,]*(?<!OSR[^,]*), IL size=\d+, code size=(?<size>\d+)")]
    private static partial Regex Compiled();
}
