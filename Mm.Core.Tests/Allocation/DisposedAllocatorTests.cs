using System;
using Mm.Core.Allocation;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Allocation;

/// <summary>Whose descriptors are gone has no pages, whatever its CPUs had at hand.</summary>
public class DisposedAllocatorTests
{
    [Theory]
    [InlineData(ZoneAllocatorKind.Tree, false)]
    [InlineData(ZoneAllocatorKind.Tree, true)]
    [InlineData(ZoneAllocatorKind.Buddy, false)]
    [InlineData(ZoneAllocatorKind.Buddy, true)]
    public void Allocator_ThatIsDisposedOf_SaysSo(ZoneAllocatorKind kind, bool onlyItsTable)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var pages = new PageAllocator(task, new PageAllocatorOptions { First = new Pfn(0x10_0000), Zones = [(ZoneKind.Normal, 4096)], Allocator = kind });
        var page = pages.Allocate(task, Gfp.Kernel)!.Value;
        var block = pages.Allocate(task, Gfp.Kernel, 3)!.Value;
        pages.Free(task, pages.Allocate(task, Gfp.Kernel)!.Value);
        if (onlyItsTable) pages.Pages.Dispose();
        pages.Dispose();
        Refuses(() => _ = pages.Allocate(task, Gfp.Kernel));
        Refuses(() => _ = pages.Allocate(task, Gfp.NoWait));
        Refuses(() => _ = pages.Allocate(task, Gfp.NoWait, 3));
        Refuses(() => _ = pages.Allocate(task, Gfp.NoWait, 9));
        Refuses(() => _ = pages.AllocateMany(task, Gfp.NoWait, new Pfn[8]));
        Refuses(() => pages.Free(task, page));
        Refuses(() => pages.Free(task, block, 3));
        Refuses(() => pages.FreeMany(task, [page]));
        Refuses(() => pages.Pages.Put(task, page));
        Refuses(() => pages.Pages.Get(page));
        Refuses(() => pages.DrainAll(task));
        Assert.Equal((0, false), (task.PreemptCount, task.IrqsDisabled));

        void Refuses(Action use) => Assert.Throws<ObjectDisposedException>(use);
    }
}
