// The same after the repair: what waits is done outside the lock, or does not wait.
using System.Threading;
using Tables;

namespace Server;

public sealed class SessionsRepaired
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
        }
        finally
        {
            if (taken) _lock.Exit();
        }

        _table.Insert(session);
    }

    public bool TouchSoon(int session)
    {
        bool taken = false;
        _lock.Enter(ref taken);
        try
        {
            _last = session;
            return _table.TryInsert(session, milliseconds: 0);
        }
        finally
        {
            if (taken) _lock.Exit();
        }
    }

    public int Last => _last;
}
