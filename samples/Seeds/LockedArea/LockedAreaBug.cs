// 2007, linux-kernel, "Allocate and free vmalloc areas": Jeremy Fitzhardinge's lock_vm_area() switches preemption off,
// then touches each page of the area so that the fault handler fills in the page tables of the current process.
// Andrew Morton: that cannot work with preemption compiled in, the handler sees in_atomic() and gives up.
// The function also returns with preemption off, which neither its name nor its signature says.
using Seeds.Kernel;

namespace Seeds.LockedArea.Bug;

/// <summary>A range of kernel addresses, built from scattered pages.</summary>
public sealed class VmArea(ulong start, ulong size)
{
    public const ulong PageSize = 4096;

    public ulong Start => start;

    public ulong Size => size;
}

public static class VmAreas
{
    /// <summary>Makes the area accessible in the address space that is loaded, until it is unlocked.</summary>
    public static void Lock(VmArea area)
    {
        Preempt.Disable();
        for (ulong offset = 0; offset < area.Size; offset += VmArea.PageSize)
            UserMemory.Read(area.Start + offset); // MM1002
    } // MM2001

    public static void Unlock(VmArea area)
    {
        Preempt.Enable(); // MM2002
    }
}

public static class Rings
{
    /// <summary>The same touch, two calls below the one who switched preemption off.</summary>
    public static void Map(VmArea ring)
    {
        using (Preempt.Guard())
            TouchAll(ring); // MM1002
    }

    private static void TouchAll(VmArea area)
    {
        for (ulong offset = 0; offset < area.Size; offset += VmArea.PageSize)
            TouchPage(area.Start + offset);
    }

    private static void TouchPage(ulong address) => UserMemory.Read(address);

    /// <summary>The early return forgets to unlock. Nothing in the name of Lock warned its author.</summary>
    public static bool Connect(VmArea ring, bool ready)
    {
        Preempt.Disable();
        if (!ready) return false; // MM2001
        Preempt.Enable();
        return ring.Size != 0;
    }
}
