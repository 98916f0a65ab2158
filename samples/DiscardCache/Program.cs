// A cache in memory that somebody else takes away whenever he likes, and that never returns wrong data; checks itself, exit code 0 if so.
//
//     dotnet run -c Release --project samples/DiscardCache [reads]          1,000,000 by default, under each of two hosts
//
// Three readers look at every byte of what they read. One more looks at pages that he has given back already, and shows what would happen.
using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Mm.Core;
using Mm.Core.Discard;
using Mm.Core.Physical;

namespace DiscardCache;

internal static class Program
{
    private const int Readers = 3;
    private const int FilePages = 3072;
    private const long MemoryBytes = 8 << 20;

    public static int Main(string[] arguments)
    {
        var reads = arguments.Length == 0 ? 1_000_000 : int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var isRight = Run("a host that writes rubbish over what it takes", reads, static machine => new ScribblingHost(machine));
        isRight &= Run("a host that punches holes into the memory", reads, static machine => new PunchHoleHost(machine.Pages, machine.Memory));
        return isRight ? 0 : 1;
    }

    private static bool Run(string what, int reads, Func<Machine, HostPages> make)
    {
        using var machine = Machine.Create(new MachineOptions { Name = "cache", CpuCount = Math.Max(2, Environment.ProcessorCount), MemoryBytes = MemoryBytes });
        Setup? made = null;
        machine.Do("setup", task => made = new Setup(task, make(machine), FilePages));
        var setup = made!;
        var start = Stopwatch.GetTimestamp();
        var pressure = new Pressure(setup, machine);
        var results = new Reader[Readers + 1];
        var reading = Readers;
        for (var i = 0; i < results.Length; i++)
        {
            var reader = results[i] = new Reader(setup, seed: i, isCareless: i == Readers);
            machine.Start("reader" + i, task =>
            {
                try
                {
                    reader.Run(task, reader.IsCareless ? reads / 20 : reads / Readers);
                }
                finally
                {
                    if (!reader.IsCareless && Interlocked.Decrement(ref reading) == 0) pressure.Stop();
                }
            });
        }

        machine.Start("host", pressure.Run);
        machine.Run();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var (checkedReads, wrong) = (0L, 0L);
        foreach (var reader in results.AsSpan(0, Readers)) (checkedReads, wrong) = (checkedReads + reader.Reads, wrong + reader.Wrong);
        Console.WriteLine(what);
        Print("reads, every byte checked", checkedReads, $"in {seconds:f1} s");
        Print("found in the cache", setup.File.Hits, $"and others by an address that showed them");
        Print("read from the file", setup.File.Reads, $"{FilePages} pages of the file share memory for {MemoryBytes / Pfn.PageSize}");
        Print("pages taken by the host", pressure.Taken, $"{setup.File.DroppedPages} of them cached, {pressure.Refused} tries were refused");
        Print("wrong", wrong, $"");
        Print("wrong to who looks too late", results[Readers].Wrong, $"of {results[Readers].Reads}");

        var lost = 0;
        machine.Do("check", task => lost = setup.End(task));
        var isRight = wrong == 0 && lost == 0 && machine.Traps.Count == 0;
        if (!isRight) Console.WriteLine($"  {lost} pages did not come back, {machine.Traps.Count} rules were broken.");
        return isRight;
    }

    private static void Print(string what, long count, FormattableString note) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-30}{count,12:N0}  ") + note.ToString(CultureInfo.InvariantCulture));
}
