// The end of every free: one funnel, in which the last put of an owned page goes to its owner.
//
//   Free ─┐                    ┌─ an owner? ─► sane? ─► his callback ─► Taken · ToAllocator ─┐
//   Put  ─┼─► count 0 ─► Release ─ none     ─► sane? ─► the zone's allocator  ◄──────────────┘
//   bulk ─┘                                     └─► quarantine
//
// Context: any but NMI. Locks: none is held here. Invariants: OD1 exactly one of owner, allocator and quarantine gets the page;
// OD2 callbacks that put pages nest eight deep; what is put deeper waits in a chain on the task, and comes next.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Holders;
using Mm.Core.Owners;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    private const int DeepestLastPut = 8;

    /// <summary>Who owns which pages.</summary>
    public OwnerRegistry Owners { get; }

    /// <summary>Who holds which pages outside of the memory manager.</summary>
    public HolderRegistry Holders { get; }

    [Never<Sleep>, Might<SpinOnLock>]
    private void ReleaseToOwner(MachineTask task, Pfn page, int order)
    {
        if (task.LastPutDepth >= DeepestLastPut && (task.LateLastPutsOf ?? this) == this)
        {
            task.LateLastPutsOf = this;
            Pages.Descriptors.Cold(Pages.IndexOf(page)).Next = task.FirstLateLastPut;
            task.FirstLateLastPut = Pages.IndexOf(page);
            return;
        }

        task.LastPutDepth++;
        try
        {
            Dispatch(task, page, order);
        }
        finally
        {
            try
            {
                while (task.LastPutDepth == DeepestLastPut && task.LateLastPutsOf == this && TakeLate(task) is { } late)
                    Dispatch(task, late, Pages.OrderOf(late));
            }
            finally
            {
                task.LastPutDepth--;
            }
        }
    }

    private Pfn? TakeLate(MachineTask task)
    {
        var index = task.FirstLateLastPut;
        if (index < 0)
        {
            task.LateLastPutsOf = null;
            return null;
        }

        task.FirstLateLastPut = Pages.Descriptors.Cold(index).Next;
        return Pages.PfnAt(index);
    }

    [Never<Sleep>, Might<SpinOnLock>]
    private void Dispatch(MachineTask task, Pfn page, int order)
    {
        var id = Pages.OwnOwnerId(page);
        if (Owners.Find(id) is not { } owner)
        {
            Pages.QuarantineLost(task, page, order, "no owner has the number of the page");
            return;
        }

        var pages = 1 << order;
        owner.BeginCall();
        try
        {
            if (!IsSane(task, page, order, owner)) return;
            switch (owner.OnLastPut(task, page, order))
            {
                case PageFate.Taken:
                    break;
                case PageFate.ToAllocator:
                    Pages.CheckOwner(page, id);
                    Pages.ForgetOwner(page);
                    owner.CountGivenUp(pages);
                    Owners.Remove(task, owner, pages);
                    Release(task, page, order);
                    break;
                default:
                    GiveUp(task, page, order, owner, "the owner does not say what became of the page");
                    break;
            }
        }
        finally
        {
            owner.EndCall();
            Owners.NoteEnd(task, owner);
        }
    }

    [Never<Sleep>, Might<SpinOnLock>]
    private bool IsSane(MachineTask task, Pfn page, int order, PageOwner owner)
    {
        var isSane = false;
        try
        {
            isSane = Pages.CheckAtLastPut(task, page, order);
        }
        finally
        {
            // The report may throw; the page is the owner's no longer all the same.
            if (!isSane) Lose(task, page, order, owner);
        }

        return isSane;
    }

    [Never<Sleep>, Might<SpinOnLock>]
    private void GiveUp(MachineTask task, Pfn page, int order, PageOwner owner, string reason)
    {
        Lose(task, page, order, owner);
        Pages.QuarantineLost(task, page, order, reason);
    }

    [Might<SpinOnLock>]
    private void Lose(MachineTask task, Pfn page, int order, PageOwner owner)
    {
        Pages.ForgetOwner(page);
        owner.CountQuarantined(1 << order);
        Owners.Remove(task, owner, 1 << order);
    }
}
