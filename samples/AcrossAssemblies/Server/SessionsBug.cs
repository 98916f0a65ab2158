// Two assembly borders lie between the spin lock that is held here and the semaphore that waits.
using System.Threading;
using Tables;

namespace Server;

public sealed class SessionsBug
{
    private readonly Table _table = new();
    private SpinLock _lock = new(enableThreadOwnerTracking: false);
    private int _last;

    public void Touch(int session)
    {
        bool taken = false;
        _lock.Enter(ref taken);
        try
        {
            _last = session;
            _table.Insert(session); // MM1001
        }
        finally
        {
            if (taken) _lock.Exit();
        }
    }

    public bool TouchSoon(int session)
    {
        bool taken = false;
        _lock.Enter(ref taken);
        try
        {
            _last = session;
            return _table.TryInsert(session, milliseconds: 50); // MM1001
        }
        finally
        {
            if (taken) _lock.Exit();
        }
    }

    public int Last => _last;
}
