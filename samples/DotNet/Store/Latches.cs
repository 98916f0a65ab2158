// A latch as storage engines have them: a word, and a loop. storage.contexts.txt says what it is.
using System.Threading;

namespace DotNet.Storage;

public sealed class PageLatch
{
    private int _taken;

    public void Enter()
    {
        while (!TryEnter()) Thread.SpinWait(20);
    }

    public bool TryEnter() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public void Exit() => Volatile.Write(ref _taken, 0);
}

public sealed class Page
{
    public PageLatch Latch { get; } = new();

    public byte[] Bytes { get; } = new byte[4096];

    public bool IsDirty { get; set; }
}
