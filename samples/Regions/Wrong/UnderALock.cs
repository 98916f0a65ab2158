// Waiting with a lock in hand makes everybody who needs it wait too, and is the first half of a deadlock.
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Regions.Wrong;

public sealed class UnderALock
{
    private readonly object _gate = new();
    private int _count;

    public void Sleep()
    {
        lock (_gate)
        {
            _count++;
            Thread.Sleep(1); // MM1005
        }
    }

    public void WaitForATask(Task<int> task)
    {
        lock (_gate)
        {
            _count += task.Result; // MM1005
        }
    }

    public string ReadAFile(string path)
    {
        lock (_gate)
        {
            return File.ReadAllText(path); // MM1005
        }
    }

    public void CallAHelper()
    {
        lock (_gate)
        {
            TwoCallsAway.Settle(); // MM1005
        }
    }
}
