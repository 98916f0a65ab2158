using System;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;
using Mm.Core.Tests.Contexts;
using Xunit;

namespace Mm.Core.Tests.Discard;

/// <summary>A host that cannot do what it began leaves the frame as it was: who comes next does not wait for it.</summary>
public sealed class FailingHostTests : IDisposable
{
    private static readonly Pfn Page = new(3);
    private readonly Machine _machine = Situation.NewMachine();
    private readonly MachineTask _task;
    private readonly Host _host = new();

    public FailingHostTests() => _task = _machine.Attach("host");

    public void Dispose()
    {
        _task.Dispose();
        _machine.AssertClean();
        _machine.Dispose();
    }

    [Fact]
    public void FrameThatCannotBeDropped_StaysThere()
    {
        _host.SetVolatile(Page);
        Fails("Vr", () => _ = _host.TryDiscard(_task, Page));
        Assert.True(_host.TryDiscard(_task, Page));
        Assert.Equal("Vz", _host.StateOf(Page).ToString());
    }

    [Fact]
    public void FrameThatCannotBePreserved_StaysThere_AndOneThatCannotComeBackIsStillPreserved()
    {
        Fails("Sr", () => _ = _host.TrySwap(_task, Page));
        Assert.True(_host.TrySwap(_task, Page));
        Fails("Sp", () => _ = _host.Access(Page, isWrite: false));
        Fails("Sp", () => _ = _host.BeginAccess(Page, isWrite: true));
        Assert.Equal(HostAccess.Done, _host.Access(Page, isWrite: false));
        Assert.Equal("Sr", _host.StateOf(Page).ToString());
    }

    private void Fails(string state, Action use)
    {
        _host.Fails = true;
        Assert.Throws<HostMemoryException>(use);
        _host.Fails = false;
        Assert.Equal(state, _host.StateOf(Page).ToString());
    }

    private sealed class Host() : HostPages(default, 8)
    {
        public bool Fails { get; set; }

        protected override void Drop(Pfn page) => Work();

        protected override void Preserve(Pfn page) => Work();

        protected override void Restore(Pfn page) => Work();

        private void Work()
        {
            if (Fails) throw new HostMemoryException("madvise", 12);
        }
    }
}
