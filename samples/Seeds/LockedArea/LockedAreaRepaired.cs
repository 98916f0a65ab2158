// What the thread found: Andi Kleen's eager sync fills in the page tables when the area is made, Keir Fraser drops
// lock and unlock, and nothing is left to forget. That is VmAreas.Reserve.
// Morton's option (a), touch first, then go atomic and look again without faulting, is TryUse.
// A fault on a kernel address turned out to be harmless in any context, "apart from the fact that it required an email
// dialogue to work this out": KernelMemory.Probe is where that knowledge belongs, in one line that the compiler reads.
using Mm.Contexts;
using Seeds.Kernel;

namespace Seeds.LockedArea.Repaired;

/// <summary>A range of kernel addresses, built from scattered pages.</summary>
public sealed class VmArea(ulong start, ulong size)
{
    public const ulong PageSize = 4096;

    public ulong Start => start;

    public ulong Size => size;
}

public static class KernelMemory
{
    /// <summary>Touches a kernel address. A missing entry is copied from the master page table.</summary>
    [Never<Fault>, Never<Sleep>, Trusted("the repair of a vmalloc mapping takes no lock, and is done before the test for atomic context")]
    public static void Probe(ulong address) => _ = address;

    /// <summary>Links the page tables of a range into every address space.</summary>
    [Might<Sleep>, Trusted("primitive: allocates page tables")]
    public static void SyncMappings(ulong start, ulong size) => _ = start + size;
}

public static class VmAreas
{
    public static VmArea? Reserve(ulong start, ulong size)
    {
        if (Slab.Allocate(32, GfpFlags.Kernel) == null) return null;
        KernelMemory.SyncMappings(start, size);
        return new VmArea(start, size);
    }

    /// <summary>The function of the thread, with its effect on the caller written down.</summary>
    [Enters<PreemptOff>]
    public static void Lock(VmArea area)
    {
        Preempt.Disable();
        for (ulong offset = 0; offset < area.Size; offset += VmArea.PageSize)
            KernelMemory.Probe(area.Start + offset);
    }

    [Leaves<PreemptOff>]
    public static void Unlock(VmArea area)
    {
        KernelMemory.Probe(area.Start);
        Preempt.Enable();
    }
}

public static class Rings
{
    public static bool TryUse(VmArea area)
    {
        UserMemory.Read(area.Start);
        using (Preempt.Guard())
            return UserMemory.TryRead(area.Start, out _);
    }

    public static bool Connect(VmArea ring, bool ready)
    {
        VmAreas.Lock(ring);
        bool connected = ready && ring.Size != 0;
        VmAreas.Unlock(ring);
        return connected;
    }
}
