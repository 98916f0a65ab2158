// What the documentation of SpinLock asks one not to do while holding it, in six methods.
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Regions.Wrong;

public sealed class UnderASpinLock
{
    private readonly object _gate = new();
    private SpinLock _spin = new(enableThreadOwnerTracking: false);
    private int _count;

    public void Sleep()
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            Thread.Sleep(1); // MM1001
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }

    public void TakeAMonitor()
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            lock (_gate) // MM1001
            {
                _count++;
            }
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }

    public void WaitForATask(Task<int> task)
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            _count += task.Result; // MM1001
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }

    public string ReadAFile(string path)
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            return File.ReadAllText(path); // MM1001
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }

    public void CallAHelper()
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            TwoCallsAway.Settle(); // MM1001
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }

    public int[] Allocate()
    {
        bool taken = false;
        try
        {
            _spin.Enter(ref taken);
            return new int[_count]; // MM1004
        }
        finally
        {
            if (taken) _spin.Exit();
        }
    }
}
