// The lowest of three assemblies. Nobody has annotated anything here: what Append does is inferred, and the build records it.
using System.Collections.Generic;
using System.Threading;

namespace Storage;

public sealed class Journal
{
    private readonly SemaphoreSlim _room = new(64);
    private readonly Queue<string> _entries = new();

    /// <summary>Waits until there is room.</summary>
    public void Append(string entry) => AppendWithin(entry, Timeout.Infinite);

    /// <summary>Waits for so long at most; with 0 not at all.</summary>
    public bool TryAppend(string entry, int milliseconds) => AppendWithin(entry, milliseconds);

    private bool AppendWithin(string entry, int milliseconds)
    {
        if (!_room.Wait(milliseconds))
            return false;
        _entries.Enqueue(entry);
        return true;
    }
}
