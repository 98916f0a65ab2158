// Epoch protection: what was reachable when a thread resumed is not freed before it suspends. A thread that stays inside stops
// all reclamation. storage.contexts.txt says which two members enter and leave.
using System.Threading;
using Mm.Contexts;

namespace DotNet.Storage;

/// <summary>Between Resume and Suspend.</summary>
[Forbids<Sleep>]
public readonly struct InEpoch : IContext;

public sealed class Epochs
{
    private readonly ThreadLocal<int> _entered = new();

    public void Resume() => _entered.Value = 1;

    public void Suspend() => _entered.Value = 0;
}

public sealed class Log
{
    private long _tail;

    [Requires<InEpoch>]
    public long Append(long size) => Interlocked.Add(ref _tail, size);
}
