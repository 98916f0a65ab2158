using System.Linq;
using Mm.Core.Contexts;
using Mm.Core.Locking;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Locking;

/// <summary>Locks with readers and a writer: what was taken one way is not released the other way.</summary>
public class ReaderWriterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadersWriterLocks_ReleasedTheOtherWay_AreReportedAndStayHeld(bool read)
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var spin = new ReadWriteSpinLock(machine, "spin");
        var sleeping = new RwSemaphore(machine, "sleeping");
        if (read) spin.AcquireRead(task);
        else spin.AcquireWrite(task);
        Situation.AssertUnchanged(task, () => Release(spin, task, !read));
        Assert.Equal(["WARNING: bad unlock balance detected!", "BUG: rwlock wrong owner on CPU#0, test/1"], machine.Traps.Clear().Select(static t => t.Headline));
        Assert.Equal((true, !read), (spin.IsLocked, spin.IsWriteLocked));
        Release(spin, task, read);
        Assert.False(spin.IsLocked);

        if (read) sleeping.AcquireRead(task);
        else sleeping.AcquireWrite(task);
        Situation.AssertUnchanged(task, () => Release(sleeping, task, !read));
        Assert.Equal("WARNING: bad unlock balance detected!", machine.TakeSingle().Headline);
        Assert.Equal((true, !read), (sleeping.IsLocked, sleeping.IsWriteLocked));
        Release(sleeping, task, read);
        Assert.Equal((false, 0, 0), (sleeping.IsLocked, task.Locks.Count, task.PreemptCount));
        machine.AssertClean();
    }

    [Fact]
    public void RwSemaphore_Downgraded_IsReleasedAsARead()
    {
        using var machine = Situation.NewMachine();
        using var task = machine.Attach("test");
        var gate = new RwSemaphore(machine, "gate");
        gate.AcquireRead(task);
        gate.Downgrade(task);
        Assert.Equal("WARNING: bad unlock balance detected!", machine.TakeSingle().Headline);
        gate.ReleaseRead(task);
        gate.AcquireWrite(task);
        gate.Downgrade(task);
        Assert.True(gate.IsLocked && !gate.IsWriteLocked);
        gate.ReleaseWrite(task);
        Assert.Equal("WARNING: bad unlock balance detected!", machine.TakeSingle().Headline);
        gate.ReleaseRead(task);
        Assert.False(gate.IsLocked);
        machine.AssertClean();
    }

    private static void Release(ReadWriteSpinLock spin, MachineTask task, bool read)
    {
        if (read) spin.ReleaseRead(task);
        else spin.ReleaseWrite(task);
    }

    private static void Release(RwSemaphore sleeping, MachineTask task, bool read)
    {
        if (read) sleeping.ReleaseRead(task);
        else sleeping.ReleaseWrite(task);
    }
}
