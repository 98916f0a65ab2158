// The checks of a page that is freed or handed out, the reports, and the quarantine.
// Context: any but NMI; never sleeps. A page that fails is kept for ever and given to nobody: a broken page costs a page, not the machine.
// Texts: mm/page_alloc.c:bad_page and mm/debug.c:__dump_page of Linux 6.1.
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Threading;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Frames;

public sealed partial class FrameTable
{
    private int _quarantined;

    /// <summary>How many pages are in quarantine.</summary>
    public int QuarantinedCount => Volatile.Read(ref _quarantined);

    /// <summary>Checks a page that is about to be free, and clears the flags that a free page must not have.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page; its last reference is gone.</param>
    /// <returns>False if its state is broken: it was reported and put in quarantine, and must not be used again.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool CheckAtFree(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        if (WhyBad(page, PageFlags.CheckedAtFree, "PAGE_FLAGS_CHECK_AT_FREE flag(s) set") is { } reason)
        {
            Quarantine(task, page, reason);
            return false;
        }

        Hot(IndexOf(page)).Flags &= ~ClearedAtFree;
        return true;
    }

    /// <summary>Checks a page that is about to be handed out.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="page">The page, without references.</param>
    /// <returns>False if its state is broken: it was reported and put in quarantine, and must not be used.</returns>
    [MustCheck, ForbiddenIn<Nmi>]
    public bool CheckAtAllocation(MachineTask task, Pfn page)
    {
        CheckNotNmi(task);
        if (WhyBad(page, PageFlags.CheckedAtAllocation, "PAGE_FLAGS_CHECK_AT_PREP flag set") is not { } reason) return true;
        Quarantine(task, page, reason);
        return false;
    }

    /// <summary>Gives a page that was checked its first reference.</summary>
    /// <param name="page">The page, without references.</param>
    /// <exception cref="TrapException">Somebody refers to it: nothing has changed.</exception>
    internal void Publish(Pfn page) => Publish(page, ref Hot(IndexOf(page)));

    /// <summary>Refuses a block that has another order than whoever frees it says.</summary>
    internal void CheckOrder(Pfn page, int order)
    {
        if (Volatile.Read(ref Hot(IndexOf(page)).References) <= 0) ReportBug(page, "VM_BUG_ON_PAGE(page_ref_count(page) == 0)");
        if ((Hot(IndexOf(page)).Flags & (uint)PageFlags.Tail) != 0) ReportBug(page, "VM_BUG_ON_PAGE(PageTail(page))");
        if (BlockOrderAt(IndexOf(page)) != order) ReportBug(page, "VM_BUG_ON_PAGE(compound_order(page) != order)");
    }

    /// <summary>Refuses to split what is one page.</summary>
    internal void CheckSplit(Pfn page)
    {
        if ((Hot(IndexOf(page)).Flags & (uint)PageFlags.Head) != 0) ReportBug(page, "VM_BUG_ON_PAGE(PageCompound(page))");
    }

    /// <summary>Refuses a free that an allocator found to be none.</summary>
    [DoesNotReturn]
    internal void RefuseFree(Pfn page, string condition) => ReportBug(page, condition);

    /// <summary>A block that is not compound is several pages from now on; others may refer to its first one.</summary>
    internal void ForgetOrder(Pfn page) => Interlocked.And(ref Hot(IndexOf(page)).Flags, ~HasOrder);

    private string? WhyBad(Pfn page, PageFlags forbidden, string reasonOfFlags, byte owner = 0)
    {
        ref var hot = ref Hot(IndexOf(page));
        ref var cold = ref Cold(page);
        string? reason = null;
        if (cold.MapCountOrType != -1) reason = "nonzero mapcount";
        if (cold.Mapping != 0) reason = "non-NULL mapping";
        if (cold.Owner != owner) reason = "page has an owner";
        if (hot.References != 0) reason = "nonzero _refcount";
        if ((hot.Flags & (uint)(forbidden | PageFlags.Quarantined)) != 0) reason = reasonOfFlags;
        return reason;
    }

    [Trusted("a report, written by the host")]
    private void Quarantine(MachineTask task, Pfn page, string reason)
    {
        var text = TrapTexts.Format($"BUG: Bad page state in process {task.Name}  pfn:{page}\n{Describe(page, reason)}");
        var before = Interlocked.Or(ref Hot(IndexOf(page)).Flags, (uint)PageFlags.Quarantined);
        if ((before & (uint)PageFlags.Quarantined) == 0) Interlocked.Increment(ref _quarantined);
        _machine.Traps.Report(task, TrapKind.BadPageState, text);
    }

    [DoesNotReturn, Trusted("a report, written by the host")]
    private void ReportBug(Pfn page, string condition) =>
        _machine.Traps.ReportFatal(null, TrapKind.PageMisuse, Describe(page, condition));

    [Trusted("a report, written by the host")]
    private string Describe(Pfn page, string reason)
    {
        ref var hot = ref Hot(IndexOf(page));
        ref var cold = ref Cold(page);
        var names = new List<string>();
        for (var bits = hot.Flags & FlagMask; bits != 0; bits &= bits - 1)
            names.Add(((PageFlags)(1u << BitOperations.TrailingZeroCount(bits))).ToString().ToLowerInvariant());
        names.Add(FormattableString.Invariant($"zone={ZoneOf(hot.Flags)}"));
        var text = TrapTexts.Format($"page:{page} refcount:{hot.References} mapcount:{MapCount(page)} mapping:{cold.Mapping:x16} index:0x{cold.Index:x} pfn:0x{page.Number:x}\n");
        if (OrderOf(page) != 0) text += TrapTexts.Format($"head:{HeadOf(page)} order:{OrderOf(page)}\n");
        text += TrapTexts.Format($"flags: 0x{hot.Flags & FlagMask:x}({string.Join('|', names)})\n");
        if (TypeOf(page) != PageType.None) text += TrapTexts.Format($"page_type: {TypeOf(page).ToString().ToLowerInvariant()}\n");
        return text + "page dumped because: " + reason;
    }
}
