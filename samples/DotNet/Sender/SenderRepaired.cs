// The lock guards the ring and nothing else: what is taken out under the lock is written behind it. The room is made beforehand,
// and the field is not readonly, so that everybody takes the same lock.
using System.IO;
using System.Threading;

namespace DotNet.Sender.Repaired;

public sealed class MessageSender(Stream socket)
{
    private readonly byte[]?[] _waiting = new byte[]?[64];
    private readonly object _turn = new();
    private SpinLock _queueLock = new(enableThreadOwnerTracking: false);
    private int _first;
    private int _count;

    public bool TrySend(byte[] message)
    {
        bool taken = false;
        try
        {
            _queueLock.Enter(ref taken);
            if (_count == _waiting.Length) return false;
            _waiting[(_first + _count++) % _waiting.Length] = message;
        }
        finally
        {
            if (taken) _queueLock.Exit();
        }

        return true;
    }

    /// <summary>For the one thread that writes.</summary>
    public void Flush()
    {
        while (Take() is { } message) socket.Write(message, 0, message.Length);
    }

    public int CountOfWriters()
    {
        lock (_turn) return _count;
    }

    private byte[]? Take()
    {
        bool taken = false;
        try
        {
            _queueLock.Enter(ref taken);
            if (_count == 0) return null;
            byte[]? message = _waiting[_first];
            _waiting[_first] = null;
            _first = (_first + 1) % _waiting.Length;
            _count--;
            return message;
        }
        finally
        {
            if (taken) _queueLock.Exit();
        }
    }
}
