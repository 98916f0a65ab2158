// One span over memory that lies in single pages all over the place: what vmalloc is for, as .NET sees it.
//
//     dotnet run -c Release [MiB]          64 by default; every scattered page is a mapping of its own to the host
//
// 1 GiB takes 262,144 mappings, and Linux gives a process 65,530 unless told otherwise: sysctl vm.max_map_count=300000.
// Exit code 0: the span shows every page in its place, and every page is free again. 1: something is missing.
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Vmalloc;

namespace ContiguousView;

internal static class Program
{
    private const int MappingsOfTheProcess = 4096;

    public static int Main(string[] arguments)
    {
        var mebibytes = arguments.Length == 0 ? 64 : int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var pages = mebibytes * ((1 << 20) / Pfn.PageSize);
        if (MaximalMappings() is { } most && pages + MappingsOfTheProcess > most)
        {
            Console.WriteLine($"{mebibytes} MiB of single pages take {pages} mappings; this host gives a process {most}. Try fewer, or: sysctl vm.max_map_count={pages + (2 * MappingsOfTheProcess)}");
            return 1;
        }

        using var machine = Machine.Create(new MachineOptions { MemoryBytes = (long)(2 * pages + 4096) * Pfn.PageSize });
        var isRight = false;
        machine.Do("view", task => isRight = Run(task, pages));
        machine.Do("check", static task => task.Machine.Pages.DrainAll(task));
        var zone = machine.Pages.Zones[0];
        var lost = zone.ManagedPages - zone.Allocator.FreePages;
        Console.WriteLine($"{lost} pages lost, {machine.Traps.Count} rules broken.");
        return isRight && lost == 0 && machine.Traps.Count == 0 ? 0 : 1;
    }

    private static bool Run(MachineTask task, int pages)
    {
        var machine = task.Machine;
        var all = new FrameRange(machine.Pages.Pages.First, machine.Memory.FrameCount);
        var model = new FlatModel(machine, all);
        model.Initialise(task, all);
        model.MakeReady(task);
        var memory = new VirtualMemory(task, new VirtualMemoryOptions { Pages = machine.Pages, Memory = machine.Memory, Model = model });
        var ranges = new KernelRanges(task, memory, pages + 1);
        var frames = Scatter(task, pages);

        var start = Stopwatch.GetTimestamp();
        var range = ranges.Map(task, frames) ?? throw new OutOfMemoryException("There is no memory for the tables.");
        Console.WriteLine($"{pages} scattered pages are one span of {range.Bytes.Length} bytes, after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms.");

        // Written through the frames, one by one; read through the span, as a whole.
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < pages; i++)
        {
            var bytes = machine.Memory.Frames(frames[i].Plus(-(int)all.First.Number));
            new Random(i).NextBytes(bytes);
            expected.AppendData(bytes);
        }

        var isSame = SHA256.HashData(range.Bytes).AsSpan().SequenceEqual(expected.GetHashAndReset());
        Console.WriteLine(isSame ? "The span has every page in its place." : "The span does not show the pages.");
        range.Bytes[^1] ^= 0xff;
        isSame &= machine.Memory.Frames(frames[^1].Plus(-(int)all.First.Number))[^1] == range.Bytes[^1];

        ranges.Unmap(task, range);
        foreach (var frame in frames) machine.Pages.Free(task, frame);
        ranges.Dispose(task);
        memory.Dispose(task);
        machine.Rcu.Barrier(task);
        return isSame;
    }

    // Every other page of twice as many, in no order: no two that follow each other.
    private static Pfn[] Scatter(MachineTask task, int pages)
    {
        var allocator = task.Machine.Pages;
        var taken = new Pfn[2 * pages];
        var count = allocator.AllocateMany(task, Gfp.Kernel, taken);
        Array.Sort(taken, 0, count);
        var frames = new Pfn[pages];
        for (var i = 0; i < count; i++)
        {
            if (i % 2 == 0 && i / 2 < pages) frames[i / 2] = taken[i];
            else allocator.Free(task, taken[i]);
        }

        if (count < (2 * pages) - 1) throw new OutOfMemoryException($"There were {count} pages of {2 * pages}.");
        new Random(1).Shuffle(frames);
        return frames;
    }

    private static int? MaximalMappings()
    {
        const string Path = "/proc/sys/vm/max_map_count";
        return File.Exists(Path) && int.TryParse(File.ReadAllText(Path), CultureInfo.InvariantCulture, out var most) ? most : null;
    }
}
