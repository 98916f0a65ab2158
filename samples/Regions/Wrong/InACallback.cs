// An audio device calls back on its own thread, every few milliseconds, and takes no excuse.
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Regions.Wrong;

public static class InACallback
{
    private static readonly object s_gate = new();
    private static Task<int> s_task = Task.FromResult(1);
    private static string s_text = "";
    private static int[] s_block = new int[64];

    [UnmanagedCallersOnly]
    public static void Sleep() => Thread.Sleep(1); // MM1005

    [UnmanagedCallersOnly]
    public static void TakeAMonitor()
    {
        lock (s_gate) // MM1005
        {
            s_block[0]++;
        }
    }

    [UnmanagedCallersOnly]
    public static int WaitForATask() => s_task.Result; // MM1004

    [UnmanagedCallersOnly]
    public static void ReadAFile() => s_text = File.ReadAllText("settings"); // MM1004

    [UnmanagedCallersOnly]
    public static void CallAHelper() => TwoCallsAway.Settle(); // MM1005

    [UnmanagedCallersOnly]
    public static void Allocate() => s_block = TwoCallsAway.Room(64); // MM1004
}
