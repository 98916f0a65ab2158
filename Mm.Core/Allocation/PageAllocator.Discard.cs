// A host above the allocator: what is free is unused to it, what is handed out stable, and what it has dropped waits before it is free.
// Context: that of allocation and free. Under a host they all go the long way.
using System;
using System.Threading;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;

namespace Mm.Core.Allocation;

public sealed partial class PageAllocator
{
    private PageStates? _states;
    private PageReporting? _reporting;
    private bool _isUnderHost;

    /// <summary>What the pages are to the host that the allocator is under, if it is under one.</summary>
    public PageStates? States => _states;

    internal void UseStates(PageStates states)
    {
        if (Interlocked.CompareExchange(ref _states, states, null) is not null)
            throw new InvalidOperationException("The allocator has a host already; an allocator is under one host as long as it lives.");
        GoTheLongWay();
    }

    internal void UseReporting(PageReporting reporting)
    {
        if (Interlocked.CompareExchange(ref _reporting, reporting, null) is not null)
            throw new InvalidOperationException("The free blocks of the allocator are reported already; an allocator has one reporting as long as it lives.");
        GoTheLongWay();
    }

    private void GoTheLongWay()
    {
        Volatile.Write(ref _isUnderHost, true);
        CloseTheShortWay();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void PrepareUnderHost(MachineTask task, Pfn page, int order)
    {
        _states?.SetStable(task, page, order);
        _reporting?.NoteAllocated(page, order);
    }
}
