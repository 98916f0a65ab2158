// The session leaves its epoch to wait, and comes back.
using System.Threading.Tasks;

namespace DotNet.Storage.EpochRepaired;

public sealed class KeyValueSession(Epochs epochs, Log log, Task flushed)
{
    public long Upsert(long size)
    {
        epochs.Resume();
        long at = log.Append(size);
        if (at > 1 << 20)
        {
            epochs.Suspend();
            flushed.Wait();
            epochs.Resume();
        }

        epochs.Suspend();
        return at;
    }

    public long Peek()
    {
        epochs.Resume();
        try
        {
            return log.Append(0);
        }
        finally
        {
            epochs.Suspend();
        }
    }
}
