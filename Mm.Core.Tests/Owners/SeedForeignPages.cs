using System;
using System.Collections.Generic;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Mm.Core.Physical;

namespace Mm.Core.Tests.Owners;

/// <summary>What the hook of the 2004 patch returns.</summary>
internal enum HookResult
{
    /// <summary>Generic code goes on.</summary>
    Continue,

    /// <summary>The architecture has the page; generic code returns at once.</summary>
    Consumed,
}

/// <summary>
/// The patch "arch_free_page return value" (linux-kernel, November 2004) as it was posted, with the macros of the Xen tree beside it: a
/// flag that the architecture has for itself, the destructor's address in page->mapping, and a hook at the start of both free paths.
/// The pages behind it are those of a real allocator. A test double: what the errata of this design are, it shows.
/// </summary>
internal sealed class SeedForeignPages(PageAllocator pages)
{
    private const PageFlags PgArch1 = PageFlags.Architecture;
    private readonly Dictionary<long, Action<Pfn>> _code = [];

    /// <summary>The code of the kernel: what stands at which address.</summary>
    public IDictionary<long, Action<Pfn>> Code => _code;

    /// <summary>The statistic pgfree.</summary>
    public long PgFree { get; private set; }

    /// <summary>Takes the place of <c>arch_free_page</c>; by default the Xen macro.</summary>
    public Func<Pfn, int, HookResult>? Hook { get; init; }

    public void SetPageForeign(Pfn page, long destructor)
    {
        pages.Pages.Set(page, PgArch1);
        pages.Pages.SetMapping(page, destructor);
    }

    public void ClearPageForeign(Pfn page)
    {
        pages.Pages.Clear(page, PgArch1);
        pages.Pages.SetMapping(page, 0);
    }

    public bool PageForeign(Pfn page) => (pages.Pages.Flags(page) & PgArch1) != 0;

    /// <summary>include/linux/mm.h: bit 0 of mapping says "anonymous".</summary>
    public bool PageAnon(Pfn page) => (Mapping(page) & 1) != 0;

    public HookResult ArchFreePage(Pfn page, int order)
    {
        if (Hook is { } hook) return hook(page, order);
        if (!PageForeign(page)) return HookResult.Continue;
        _code[Mapping(page)](page);
        return HookResult.Consumed;
    }

    /// <summary>put_page and free_hot_cold_page, for single pages.</summary>
    public void PutPage(MachineTask task, Pfn page)
    {
        if (!pages.Pages.PutAndTest(task, page)) return;
        if (ArchFreePage(page, 0) == HookResult.Consumed) return;
        PgFree++;
        pages.Release(task, page, 0);
    }

    /// <summary>__free_pages and __free_pages_ok, for order 1 and more.</summary>
    public void FreePages(MachineTask task, Pfn page, int order)
    {
        if (!pages.Pages.PutAndTest(task, page)) return;
        if (ArchFreePage(page, order) == HookResult.Consumed) return;
        PgFree += 1 << order;
        pages.Release(task, page, order);
    }

    /// <summary>A later free path, of many pages at once, whose author did not know of the hook.</summary>
    public void ReleasePages(MachineTask task, IEnumerable<Pfn> many)
    {
        foreach (var page in many)
        {
            if (!pages.Pages.PutAndTest(task, page)) continue;
            PgFree++;
            pages.Release(task, page, 0);
        }
    }

    private long Mapping(Pfn page) => pages.Pages.Descriptors.Cold(pages.Pages.IndexOf(page)).Mapping;
}
