using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Text.Json;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Diagnostics;

public class MachineDumpTests
{
    // Two zones, a compound page of four and a locked page in use, and no caches that would hide free blocks.
    private static Machine NewMachine(out MachineTask task)
    {
        var machine = Machine.Create(new MachineOptions
        {
            CpuCount = 1,
            Name = "dumped",
            Pages = new PageAllocatorOptions { First = new Pfn(0x1000), Zones = [(ZoneKind.Dma, 1024), (ZoneKind.Normal, 2048)], MinFreePages = 48, Allocator = ZoneAllocatorKind.Buddy },
        });
        task = machine.Attach("test");
        machine.Pages.DrainAll(task);
        foreach (var zone in machine.Pages.Zones) zone.Allocator.SetCacheLimits(0, 1);
        _ = machine.Pages.Allocate(task, Gfp.Kernel | Gfp.Compound, 2);
        machine.Pages.Pages.Lock(task, machine.Pages.Allocate(task, Gfp.Kernel)!.Value);
        return machine;
    }

    [Fact]
    public void BuddyInfo_IsTheKernelsTable()
    {
        using var machine = NewMachine(out var task);
        using (task)
        {
            Assert.Equal(
                """
                Node 0, zone      Dma      0      0      0      0      0      0      0      0      0      0      1 
                Node 0, zone   Normal      1      1      0      1      1      1      1      1      1      1      1 

                """.ReplaceLineEndings("\n"),
                machine.DumpBuddyInfo());
        }
    }

    [Fact]
    public void ZoneInfo_IsTheKernelsList()
    {
        using var machine = NewMachine(out var task);
        using (task)
        {
            Assert.Equal(
                """
                Node 0, zone      Dma
                  pages free     1024
                        min      16
                        low      20
                        high     24
                        spanned  1024
                        present  1024
                        managed  1024
                        protection: (0, 8, 0)
                  pagesets
                              count: 0
                              batch: 1
                  start_pfn:           4096
                Node 0, zone   Normal
                  pages free     2043
                        min      32
                        low      40
                        high     48
                        spanned  2048
                        present  2048
                        managed  2048
                        protection: (0, 0, 0)
                  pagesets
                              count: 0
                              batch: 1
                  start_pfn:           5120

                """.ReplaceLineEndings("\n"),
                machine.DumpZoneInfo());
        }
    }

    [Fact]
    public void PageTypeInfo_CountsThePagesByState()
    {
        using var machine = NewMachine(out var task);
        using (task)
        {
            Assert.Equal(
                """
                Page block order: 9
                Pages per block:  512

                Number of pages by state             Free        InUse  Quarantined     Compound       Locked       Mapped       Tables   FreeBlocks 
                Node 0, zone      Dma                1024            0            0            0            0            0            0            2 
                Node 0, zone   Normal                2043            5            0            4            1            0            0            3 

                """.ReplaceLineEndings("\n"),
                machine.DumpPageTypeInfo());
        }
    }

    [Fact]
    public void Json_SaysTheSame()
    {
        using var machine = NewMachine(out var task);
        using (task)
        {
            var text = machine.DumpJson();
            Assert.StartsWith("{\n  \"allocations\": 2,\n  \"frees\": 0,\n  \"quarantined\": 0,\n  \"zones\": [\n    {\n      \"name\": \"Dma\",\n      \"startPfn\": 4096,\n", text, System.StringComparison.Ordinal);
            using var json = JsonDocument.Parse(text);
            var zone = json.RootElement.GetProperty("zones")[1];
            Assert.Equal([1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1], zone.GetProperty("freeBlocks").EnumerateArray().Select(static n => n.GetInt32()));
            Assert.Equal([0, 8, 0], json.RootElement.GetProperty("zones")[0].GetProperty("protection").EnumerateArray().Select(static n => n.GetInt32()));
            Assert.Equal((2043, 5, 4, 3), (zone.GetProperty("free").GetInt32(), zone.GetProperty("pages").GetProperty("inUse").GetInt32(), zone.GetProperty("pages").GetProperty("compound").GetInt32(), zone.GetProperty("pages").GetProperty("freeBlocks").GetInt32()));
        }
    }

    [Fact]
    public void Metrics_AreReadFromTheCountersOfTheMachine()
    {
        using var machine = NewMachine(out var task);
        using (task)
        {
            using var pool = new PagePool(machine);
            using var owner = pool.Rent(10000);
            var seen = new Dictionary<string, long>();
            using var listener = new MeterListener();
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Mm.Core" && instrument.Meter.Tags!.Any(static t => t is { Key: "mm.machine", Value: "dumped" })) self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[instrument.Name + (tags.Length == 0 ? "" : "/" + tags[0].Value)] = value);
            listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
            listener.Start();
            listener.RecordObservableInstruments();
            Assert.Equal((2048L, 2039L, 0L), (seen["mm.pages.managed/Normal"], seen["mm.pages.free/Normal"], seen["mm.pages.cached/Normal"]));
            Assert.Equal((3L, 0L, 0L, 0L), (seen["mm.allocations"], seen["mm.frees"], seen["mm.pages.quarantined"], seen["mm.traps"]));
            Assert.Equal((1L, 16384L, 0L), (seen["mm.pool.buffers"], seen["mm.pool.bytes"], seen["mm.pool.lost"]));
            listener.Dispose();
            machine.AssertClean();
        }
    }
}
