using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Random operations on two address spaces that show a file, and a host that takes what it may: G6 to G10, G14 and G16.</summary>
public class DiscardFaultModelTests
{
    private const int Pages = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Operations_AtRandom_ReadWhatTheModelSays_AndLoseNoPage(int seed)
    {
        var random = new Random(seed);
        using var machine = Situation.NewMachine(2);
        using var task = machine.Attach("test");
        using var hosted = new HostedWorld(task, pages: Pages, frames: 192);
        var model = Enumerable.Range(1, Pages).Select(static n => (byte)n).ToArray();
        var own = new Dictionary<int, byte>();
        hosted.Show(task, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        var other = new MemoryMap(task, hosted.World.Virtual);
        hosted.Show(task, VmFlags.Read | VmFlags.Write, other);
        var bytes = new byte[1];
        var states = new HashSet<string>();
        for (var step = 0; step < 2500; step++)
        {
            var index = random.Next(Pages);
            var at = World.At.PlusPages(index);
            var value = (byte)random.Next(1, 256);
            switch (random.Next(12))
            {
                case 0 or 1:
                    Assert.Equal(model[index], hosted.World.Read(at));
                    break;
                case 2:
                    Assert.Equal(0, other.CopyFromUser(task, at, bytes));
                    Assert.Equal(own.GetValueOrDefault(index, model[index]), bytes[0]);
                    break;
                case 3:
                    Assert.Equal(FaultResult.None, hosted.File.Read(task, index, 0, bytes));
                    Assert.Equal(model[index], bytes[0]);
                    break;
                case 4:
                    hosted.World.Write(at, value);
                    model[index] = value;
                    break;
                case 5:
                    Assert.Equal(FaultResult.None, hosted.File.Write(task, index, 0, [value]));
                    model[index] = value;
                    break;
                case 6 when random.Next(4) == 0:
                    Assert.Equal(0, other.CopyToUser(task, at, [value]));
                    own[index] = value;
                    break;
                case 7:
                    if (random.Next(3) != 0) break;
                    Assert.True(hosted.File.WriteBack(task));
                    break;
                case 8 when random.Next(3) == 0:
                    // What was not written back goes with the page.
                    hosted.File.Truncate(task, index);
                    model[index] = hosted.Disk[index];
                    break;
                case 9 when random.Next(4) == 0:
                    hosted.World.Map.Unmap(task, World.At, Pages);
                    hosted.Show(task, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
                    break;
                case 10 when random.Next(4) == 0:
                    _ = hosted.States.Queue.Reap(task);
                    break;
                default:
                    var pte = hosted.World.Entry(at);
                    if (pte.IsPresent) _ = random.Next(3) == 0 ? hosted.Host.TrySwap(task, pte.Pfn) : hosted.Host.TryDiscard(task, pte.Pfn);
                    break;
            }

            foreach (var area in hosted.World.Map.Areas)
            {
                for (var i = 0; i < area.PageCount; i++)
                {
                    var pte = hosted.World.Entry(area.Start.PlusPages(i));
                    if (pte.IsPresent) states.Add(hosted.StateOf(pte.Pfn));
                }
            }

            if (step % 20 == 0) hosted.AssertValid(task);
        }

        hosted.AssertNothingLeaks(task, other);
        machine.AssertClean();
        Assert.Equal(["Pr", "Sp", "Sr", "Vr", "Vz"], states.Order(StringComparer.Ordinal));
        Assert.True(hosted.File.DroppedPages > 20, $"{hosted.File.DroppedPages} pages were dropped");
    }
}
