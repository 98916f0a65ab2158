using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace Mm.Benchmarks.Memory;

/// <summary>Peers/peers.c, built when it is needed. Its loops are in C, so that no peer pays for a call from .NET.</summary>
internal static partial class PeerLibrary
{
    private const string Name = "mm-peers";

    /// <summary>What C calls struct peer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Peer
    {
        public nint Buddy;
        public nint Allocate;
        public nint Release;
    }

    /// <summary>Builds and loads the library; says why not, if it cannot.</summary>
    public static string? Load()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "peers.c");
        var library = Path.Combine(AppContext.BaseDirectory, "libmm-peers.so");
        foreach (var compiler in (string[])["gcc", "clang", "cc"])
        {
            try
            {
                using var build = Process.Start(compiler, ["-O2", "-shared", "-fPIC", "-pthread", "-o", library, source]);
                build.WaitForExit();
                if (build.ExitCode != 0) continue;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                continue;
            }

            NativeLibrary.SetDllImportResolver(typeof(PeerLibrary).Assembly, (name, _, _) => name == Name ? NativeLibrary.Load(library) : 0);
            return null;
        }

        return "no C compiler (gcc, clang or cc) built Peers/peers.c";
    }

    /// <summary>A malloc of the system or of a library, or null if that is not installed.</summary>
    public static Peer? Malloc(string[] libraries, string allocate, string release)
    {
        foreach (var library in libraries)
        {
            if (!NativeLibrary.TryLoad(library, out var handle)) continue;
            if (NativeLibrary.TryGetExport(handle, allocate, out var get) && NativeLibrary.TryGetExport(handle, release, out var put)) return new Peer { Allocate = get, Release = put };
        }

        return null;
    }

    /// <summary>Processor time of the calling thread.</summary>
    [LibraryImport(Name)]
    public static partial double thread_seconds();

    [LibraryImport(Name)]
    public static partial nint buddy_new(int frames, int cpus);

    [LibraryImport(Name)]
    public static partial void buddy_delete(nint buddy);

    [LibraryImport(Name)]
    public static partial double loop_pair(in Peer peer, int cpu, int order, int n);

    [LibraryImport(Name)]
    public static partial double loop_several(in Peer peer, int several, int n);

    [LibraryImport(Name)]
    public static partial double loop_stack(int n, int depth);

    [LibraryImport(Name)]
    public static partial void loop_bulk(in Peer peer, int n, int[] order, int ahead, [Out] double[] result);

    [LibraryImport(Name)]
    public static partial double loop_two(in Peer peer, int order, int n);

    [LibraryImport(Name)]
    public static partial double loop_cross(in Peer peer, int n);

    [LibraryImport(Name)]
    public static partial double loop_mixed(in Peer peer, int frames, int percent, int n);

    [LibraryImport(Name)]
    public static partial void loop_fragment(in Peer peer, int frames, int rounds, [Out] int[] whole);

    [LibraryImport(Name)]
    public static partial int loop_churn(in Peer peer, int frames, int peak, int rounds);

    [LibraryImport(Name)]
    public static partial void loop_minor_faults(int pages, int times, [Out] double[] result);

    [LibraryImport(Name)]
    public static partial double loop_map(int pages, int n);

    [LibraryImport(Name)]
    public static partial double loop_pfn_valid(uint[] pfns, int count, int n, int threads);
}
