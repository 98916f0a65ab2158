// A sender for many threads. The queue is short, so it is guarded by a SpinLock, and the socket is written to while it is held:
// when the peer is slow, every thread of the process spins.
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace DotNet.Sender.Bug;

public sealed class MessageSender(Stream socket)
{
    private readonly Queue<byte[]> _waiting = new(capacity: 64);
    private readonly SpinLock _queueLock = new(enableThreadOwnerTracking: false); // MM2011

    public void Send(byte[] message)
    {
        bool taken = false;
        try
        {
            _queueLock.Enter(ref taken);
            _waiting.Enqueue(message); // MM1004
            Flush(); // MM1001
        }
        finally
        {
            if (taken) _queueLock.Exit();
        }
    }

    private void Flush()
    {
        while (_waiting.TryDequeue(out byte[]? message)) Write(message);
    }

    private void Write(byte[] message) => socket.Write(message, 0, message.Length);
}
