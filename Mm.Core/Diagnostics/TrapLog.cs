// The list of broken rules of one machine.
// Context: any, NMI included; never sleeps. Locks: one of the host's, held for a few instructions, invisible to the machine.
// Invariants: L1 every trap is logged before it is thrown. Lifetime: as long as its machine.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using Mm.Contexts;
using Mm.Core.Contexts;

namespace Mm.Core.Diagnostics;

/// <summary>What a trap does besides being logged.</summary>
public enum TrapPolicy
{
    /// <summary>It throws a <see cref="TrapException"/> in the code that broke the rule, before that code has had any effect.</summary>
    Throw,

    /// <summary>It is logged only, and the code goes on as the kernel would. What cannot go on throws all the same.</summary>
    Record,
}

/// <summary>The broken rules of one machine, oldest first.</summary>
[Trusted("reports are written by the host, outside of the machine's contexts")]
public sealed class TrapLog
{
    private readonly System.Threading.Lock _gate = new();
    private readonly List<Trap> _traps = [];
    private readonly TimeSpan _reportInterval;
    private readonly TimeProvider _time;
    private long _lastSleepReport;
    private bool _hasSleepReport;

    internal TrapLog(TrapPolicy policy, TimeSpan reportInterval, TimeProvider time)
    {
        Policy = policy;
        _reportInterval = reportInterval;
        _time = time;
    }

    /// <summary>What a trap does besides being logged.</summary>
    public TrapPolicy Policy { get; }

    /// <summary>How many traps there have been.</summary>
    public int Count
    {
        get { lock (_gate) return _traps.Count; }
    }

    /// <summary>A copy of the log, oldest first.</summary>
    public IReadOnlyList<Trap> Snapshot()
    {
        lock (_gate) return _traps.ToArray();
    }

    /// <summary>Empties the log and returns what was in it.</summary>
    public IReadOnlyList<Trap> Clear()
    {
        lock (_gate)
        {
            var all = _traps.ToArray();
            _traps.Clear();
            return all;
        }
    }

    /// <summary>
    /// Forgets when the last report of a sleep was. The kernel reports at most one a second, and so does
    /// <see cref="TrapPolicy.Record"/>; without this the second test of a run would see nothing.
    /// </summary>
    public void ResetRateLimit()
    {
        lock (_gate) _hasSleepReport = false;
    }

    /// <summary>True, and the time is noted, if a report of a sleep may be written now.</summary>
    internal bool MayReportSleep()
    {
        if (Policy == TrapPolicy.Throw) return true;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_hasSleepReport && _time.GetElapsedTime(_lastSleepReport, now) < _reportInterval) return false;
            _hasSleepReport = true;
            _lastSleepReport = now;
            return true;
        }
    }

    /// <summary>Logs a trap, and throws it if that is the policy.</summary>
    /// <param name="task">The task that was running, or null.</param>
    /// <param name="kind">Which rule was broken.</param>
    /// <param name="text">The report without its call trace.</param>
    internal void Report(MachineTask? task, TrapKind kind, string text)
    {
        var trap = Add(task, kind, text);
        if (Policy == TrapPolicy.Throw) throw new TrapException(trap);
    }

    /// <summary>Logs a trap of code that somebody else waits for, and returns what that one is to be told.</summary>
    internal TrapException Log(MachineTask? task, TrapKind kind, string text) => new(Add(task, kind, text));

    /// <summary>Logs a trap and throws it whatever the policy: the code cannot go on.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal void ReportFatal(MachineTask? task, TrapKind kind, string text) => throw new TrapException(Add(task, kind, text));

    private Trap Add(MachineTask? task, TrapKind kind, string text)
    {
        var trap = new Trap(kind, text, ReadCallTrace(), task?.RawCpuIndex ?? -1, task?.Id ?? 0);
        lock (_gate) _traps.Add(trap);
        return trap;
    }

    private static string[] ReadCallTrace()
    {
        var frames = new StackTrace(fNeedFileInfo: false).GetFrames();
        var lines = new List<string>(frames.Length);
        foreach (var frame in frames)
        {
            var method = frame.GetMethod();
            if (method?.DeclaringType is not { } type || type == typeof(TrapLog)) continue;
            lines.Add($" {type.FullName}.{method.Name}");
        }

        return lines.ToArray();
    }
}
