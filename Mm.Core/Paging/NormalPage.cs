// Whether there is a counted page behind an entry: the question that the thread on VM_MIXEDMAP is about. mm/memory.c:vm_normal_page, 6.1.
//
//   entries have the bit:  not special → page · find_special_page → what it says · PFNMAP, MIXEDMAP, zero page → none · else bad
//   they have not:         MIXEDMAP → page if pfn_valid · PFNMAP: linear → none, shared → none, private → page · zero page → none · else page
//
// Context: under the pte lock (matrix row 83). Locks: none, and none may sleep here. Invariants: NP1 an entry has the same answer as
// long as it stands: what was counted when it was made is counted back when it goes.
using System.Runtime.CompilerServices;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

public sealed partial class MemoryMap
{
    /// <summary>The counted page behind a present entry, or null.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="area">The area of the entry.</param>
    /// <param name="address">Its address.</param>
    /// <param name="pte">The entry; present.</param>
    /// <remarks>Report of what cannot be: <c>BUG: Bad page map in process</c>; the answer is then null.</remarks>
    [Requires<PreemptOff>, ForbiddenIn<SoftIrq>, ForbiddenIn<HardIrq>]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Pfn? NormalPage(MachineTask task, Vma area, VirtualAddress address, Pte pte)
    {
        System.ArgumentNullException.ThrowIfNull(area);
        if (RuntimeChecks.Enabled && task.InInterrupt) TrapTexts.ReportWarning(task, "WARN_ON_ONCE(in_interrupt())");
        if (!_memory.HasSpecialBit) return NormalPageByArea(task, area, address, pte);
        if (pte.IsOrdinary && _memory.IsAtMostHighest(pte.Pfn)) return pte.Pfn;
        if (!pte.IsSpecial) return CheckedPage(task, area, address, pte);
        if (area.Operations is { FindsSpecialPages: true } operations) return operations.FindSpecialPage(area, address);
        if ((area.Flags & (VmFlags.PfnMap | VmFlags.MixedMap)) != 0 || pte.Pfn == _memory.ZeroPage) return null;
        ReportBadEntry(task, area, address, pte);
        return null;
    }

    private Pfn? NormalPageByArea(MachineTask task, Vma area, VirtualAddress address, Pte pte)
    {
        if ((area.Flags & VmFlags.MixedMap) != 0) return pte.IoSpace == 0 && _memory.Options.Model.PfnValid(task, pte.Pfn) ? pte.Pfn : null;
        if ((area.Flags & VmFlags.PfnMap) != 0)
        {
            if (pte.IoSpace != 0 || pte.Pfn.Number == area.PageOffsetOf(address) || !area.IsCopyOnWrite) return null;
        }
        else if (pte.Pfn == _memory.ZeroPage)
        {
            return null;
        }

        return CheckedPage(task, area, address, pte);
    }

    private Pfn? CheckedPage(MachineTask task, Vma area, VirtualAddress address, Pte pte)
    {
        if (pte.IoSpace == 0 && _memory.IsAtMostHighest(pte.Pfn)) return pte.Pfn;
        ReportBadEntry(task, area, address, pte);
        return null;
    }

    // mm/memory.c:print_bad_pte.
    [Trusted("a report, written by the host")]
    private void ReportBadEntry(MachineTask task, Vma area, VirtualAddress address, Pte pte)
    {
        var above = 0UL;
        var table = _tables.Root;
        for (var level = PageTables.TopLevel; level > 0; level--)
        {
            above = _memory.Access.Entry(table, address.Index(level));
            if ((above & Pte.PresentBit) == 0) break;
            table = new Pte(above).Pfn;
        }

        var text = TrapTexts.Format($"BUG: Bad page map in process {task.Name}  pte:{pte.Bits:x8} pmd:{above:x8}\n")
            + TrapTexts.Format($"addr:{address} vm_flags:{(int)area.Flags:x8} anon_vma:{(area.HasAnonymous ? 1 : 0):x16} mapping:{0:x16} index:{area.PageOffsetOf(address):x}\n")
            + TrapTexts.Format($"file:{area.Operations?.GetType().Name ?? "(null)"} fault:{(area.Operations is null ? "0x0" : "Fault")}");
        _machine.Traps.Report(task, TrapKind.BadPageMap, text);
    }
}
