// Tokens for threads that are no tasks: a pool thread of .NET borrows one for the time of a call, and puts it back.
// Context: outside of the machine; borrowing may wait for a CPU, so never inside a section of the same machine. Locks: none; each token
//          is taken and put back with one word. Costs: one interlocked operation for a loan. A lent CPU that nobody uses is taken at once.
// Invariants: B1 a token is lent to one thread at a time; B2 it comes back in no section. Lifetime: tokens last as long as the machine.
using System;
using System.Runtime.InteropServices;
using System.Threading;
using Mm.Contexts;

namespace Mm.Core.Contexts;

/// <summary>A task that the calling thread borrows, and gives back with the end of the guard: it cannot be carried over an await.</summary>
public readonly ref struct BorrowedTask
{
    private readonly TaskLoans.Loan _loan;

    internal BorrowedTask(TaskLoans.Loan loan) => _loan = loan;

    /// <summary>The token.</summary>
    public MachineTask Task => _loan.Task;

    /// <summary>Gives the token back. The task must be in no section and hold no lock.</summary>
    /// <exception cref="InvalidOperationException">It is, or does: the token is lent no more.</exception>
    [Trusted("primitive")]
    public void Dispose() => _loan.PutBack();
}

/// <summary>As many tokens as the machine has CPUs.</summary>
[Trusted("the host's side of the machine")]
internal sealed class TaskLoans
{
    private readonly Machine _machine;
    private readonly Loan[] _loans;

    public TaskLoans(Machine machine)
    {
        _machine = machine;
        _loans = new Loan[machine.CpuCount];
        for (var i = 0; i < _loans.Length; i++) _loans[i] = new Loan(machine.Scheduler.CreateLent("borrowed/" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>A token of its own for the calling thread: near to its processor, and with a CPU, if there is one.</summary>
    public Loan Take()
    {
        var first = _machine.Schedule is null ? (int)((uint)Thread.GetCurrentProcessorId() % (uint)_loans.Length) : 0;
        var loan = _loans[first];
        return loan.HasCpu && loan.TryTake() ? loan : TakeAny(first);
    }

    private Loan TakeAny(int first)
    {
        for (var spins = 0; ;)
        {
            for (var i = 0; i < _loans.Length; i++)
            {
                var loan = _loans[(first + i) % _loans.Length];
                if (loan.HasCpu && loan.TryTake()) return loan;
            }

            for (var i = 0; i < _loans.Length; i++)
            {
                var loan = _loans[(first + i) % _loans.Length];
                if (loan.TryTake()) return loan;
            }

            _machine.Scheduler.Pause(_loans[first].Task, ref spins);
        }
    }

    /// <summary>One token. Two cache lines, so that those who borrow different ones do not meet.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal sealed class Loan(MachineTask task)
    {
        [FieldOffset(0)] private readonly MachineTask _task = task;
        [FieldOffset(8)] private int _isLent;

        public MachineTask Task => _task;

        public bool HasCpu => _task.RawCpuIndex >= 0;

        public bool TryTake() => Volatile.Read(ref _isLent) == 0 && Interlocked.Exchange(ref _isLent, 1) == 0;

        public void PutBack()
        {
            if (!_task.Preemptible || _task.RcuDepth != 0 || _task.Locks.Count != 0)
                throw new InvalidOperationException($"The borrowed task {_task.Name} comes back in a section, an RCU reader, or with a lock held: {Diagnostics.TrapTexts.TaskLeak(_task)}");
            if (Volatile.Read(ref _isLent) == 0) throw new ObjectDisposedException(nameof(BorrowedTask), "The borrowed task was given back already.");
            Volatile.Write(ref _isLent, 0);
        }
    }
}
