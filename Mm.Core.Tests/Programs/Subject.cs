using System;
using System.Collections.Generic;
using Mm.Core.Contexts;
using Xunit;

namespace Mm.Core.Tests.Programs;

/// <summary>What programs run on, with the model beside it: a fresh one for each program. Its <c>ToString</c> says in C# how it is made.</summary>
internal abstract class Subject<TDo> : IDisposable
    where TDo : struct, Enum
{
    /// <summary>Does an operation, and what the model says of it.</summary>
    public abstract void Do(Operation<TDo> operation);

    /// <summary>The invariants, after each operation.</summary>
    public abstract void Check();

    /// <summary>After the last operation: all is given back, and nothing is missing.</summary>
    public virtual void End()
    {
    }

    public abstract void Dispose();

    /// <summary>What holds of every machine between two calls.</summary>
    protected static void AssertAtRest(Machine machine, params ReadOnlySpan<MachineTask> tasks)
    {
        foreach (var task in tasks)
        {
            var context = (task.PreemptCount, task.IrqsDisabled, task.RcuDepth, task.Locks.Count);
            Assert.True(context == (0, false, 0, 0), $"G11 a call left {task.Name} with another context: {context}");
        }

        AssertNone(machine.Traps.Clear(), static trap => "G12 nobody expects: " + trap.Text);
        AssertNone(machine.LockOrder.Validate());
    }

    protected static void AssertNone<T>(IReadOnlyList<T> broken, Func<T, string>? text = null) =>
        Assert.True(broken.Count == 0, broken.Count == 0 ? "" : text?.Invoke(broken[0]) ?? string.Join('\n', broken));

    protected static T At<T>(IReadOnlyList<T> some, int index) => some[index % some.Count];
}
