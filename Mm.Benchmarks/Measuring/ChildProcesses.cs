using System;
using System.Runtime.InteropServices;

namespace Mm.Benchmarks.Measuring;

/// <summary>Processor time of the processes that this one has started and waited for.</summary>
internal static partial class ChildProcesses
{
    private const int Children = -1;

    /// <summary>User and system time of all that have ended, so far.</summary>
    /// <exception cref="PlatformNotSupportedException">Not on Linux: elsewhere a process that has ended is asked itself, or not at all.</exception>
    public static TimeSpan CpuTime
    {
        get
        {
            if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The processor time of child processes is read with getrusage(2), which is done on Linux only.");
            if (GetResourceUsage(Children, out var usage) != 0) throw new InvalidOperationException($"getrusage(2) failed with error {Marshal.GetLastPInvokeError()}.");
            return TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds) + TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetResourceUsage(int who, out Usage usage);

    // struct rusage: two timevals, then fourteen longs that nobody here reads.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Usage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
        public fixed long Rest[14];
    }
}
