using System;
using System.Runtime.InteropServices;

namespace Mm.Core.Tests.Physical;

/// <summary>Asks the host, not the code under test, whether something is mapped: reads or writes the own process from outside.</summary>
internal static unsafe partial class Probe
{
    public const int Fault = 14;

    public static int Read(nint address) => Try(address, write: false);

    public static int Write(nint address) => Try(address, write: true);

    private static int Try(nint address, bool write)
    {
        byte value = 0;
        var local = new Vector { Base = &value, Length = 1 };
        var remote = new Vector { Base = (void*)address, Length = 1 };
        if (write && process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0) != 1) return Marshal.GetLastPInvokeError();
        var done = write
            ? process_vm_writev(Environment.ProcessId, &local, 1, &remote, 1, 0)
            : process_vm_readv(Environment.ProcessId, &local, 1, &remote, 1, 0);
        return done == 1 ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, Vector* local, ulong locals, Vector* remote, ulong remotes, ulong flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_writev(int process, Vector* local, ulong locals, Vector* remote, ulong remotes, ulong flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public void* Base;
        public ulong Length;
    }
}
