// Reads through addresses that may not be mapped.
using Mm.Contexts;

namespace Seeds.Kernel;

public static class UserMemory
{
    /// <summary>Reads a byte. Where nothing is mapped, the page-fault handler runs, and it may wait for a disk.</summary>
    [Might<Fault>, Might<Sleep>, Trusted("primitive: the page-fault handler")]
    public static byte Read(ulong address) => (byte)address;

    /// <summary>Reads a byte, or says at once that nothing is mapped there.</summary>
    [Never<Fault>, Never<Sleep>, Trusted("primitive: the fault goes to the exception table")]
    public static bool TryRead(ulong address, out byte value)
    {
        value = (byte)address;
        return address != 0;
    }
}
