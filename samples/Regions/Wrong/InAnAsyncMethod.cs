// A thread of the pool that waits is one fewer for those who would end its wait.
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Regions.Wrong;

public static class InAnAsyncMethod
{
    public static async Task SleepAsync()
    {
        await Task.Yield();
        Thread.Sleep(1); // MM1005
    }

    public static async Task<int> WaitForATaskAsync(Task<int> task)
    {
        await Task.Yield();
        return task.Result; // MM1005
    }

    public static async Task<string> ReadAFileAsync(string path)
    {
        await Task.Yield();
        return File.ReadAllText(path); // MM1005
    }

    public static async Task CallAHelperAsync()
    {
        await Task.Yield();
        TwoCallsAway.Settle(); // MM1005
    }
}
