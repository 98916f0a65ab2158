// A session that waits for a flush inside of its epoch, and one that reads the log outside of any.
using System.Threading.Tasks;

namespace DotNet.Storage.EpochBug;

public sealed class KeyValueSession(Epochs epochs, Log log, Task flushed)
{
    public long Upsert(long size)
    {
        epochs.Resume();
        long at = log.Append(size);
        if (at > 1 << 20) WaitForFlush(); // MM1001
        epochs.Suspend();
        return at;
    }

    public long Peek() => log.Append(0); // MM1008

    private void WaitForFlush() => flushed.Wait();
}
