// A pool of packet buffers: an allocator of its own above the page allocator. Buffers are given out with one reference; whoever has the
// last one puts it, knowing nothing of the pool, and the buffer is back here.
using System;
using Mm.Contexts;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Owners;
using Mm.Core.Physical;

namespace PacketPool;

internal sealed class BufferPool
{
    private readonly PageAllocator _pages;
    private readonly PageOwner _owner;
    private readonly SpinLock _lock;
    private readonly Pfn[] _home;
    private int _count;

    public BufferPool(MachineTask task, PageAllocator pages, int buffers)
    {
        _pages = pages;
        _lock = new SpinLock(task.Machine, "packet_pool");
        _home = new Pfn[buffers];
        _owner = pages.Owners.Register(task, "packet pool", ComeHome);
        for (var i = 0; i < buffers; i++)
        {
            var page = pages.Allocate(task, Gfp.Kernel) ?? throw new InvalidOperationException($"There are pages for {i} of {buffers} buffers only.");
            pages.Owners.SetOwner(task, page, _owner);
            pages.Pages.Put(task, page);
        }
    }

    /// <summary>How many buffers are here.</summary>
    public int AtHome => _count;

    /// <summary>How many times a buffer came home.</summary>
    public long Returns => _owner.LastPuts;

    /// <summary>Takes a buffer, with one reference.</summary>
    public bool TryTake(MachineTask task, out Pfn buffer)
    {
        using (_lock.LockIrqSave(task))
        {
            if (_count == 0)
            {
                buffer = default;
                return false;
            }

            buffer = _home[--_count];
        }

        _pages.Owners.Revive(task, buffer, _owner);
        return true;
    }

    /// <summary>Gives all buffers back to the page allocator. They must be at home.</summary>
    public void Close(MachineTask task)
    {
        while (TryTake(task, out var buffer))
        {
            _pages.Owners.ClearOwner(task, buffer, _owner);
            _pages.Free(task, buffer);
        }

        _pages.Owners.Unregister(task, _owner);
    }

    // Runs wherever the last put was. The lock is taken with interrupts off, as it must be for that.
    [Never<Sleep>]
    private PageFate ComeHome(MachineTask task, Pfn page, int order)
    {
        using (_lock.LockIrqSave(task)) _home[_count++] = page;
        return PageFate.Taken;
    }
}
