using System;
using System.Threading;
using Mm.Core;
using Mm.Core.Contexts;
using Mm.Core.Discard;
using Mm.Core.Physical;

namespace DiscardCache;

/// <summary>A host that only plays at taking memory, and leaves rubbish in it, as a frame that is given to somebody else would show.</summary>
internal sealed class ScribblingHost(Machine machine) : HostPages(machine.Pages.Pages.First, machine.Pages.Pages.Count)
{
    protected override void Drop(Pfn page) => machine.Pages.BytesOf(page).Fill(0xDD);

    protected override void Preserve(Pfn page) => throw new NotSupportedException("This host has no place to put frames.");

    protected override void Restore(Pfn page) => throw new NotSupportedException("This host has put no frame elsewhere.");
}

/// <summary>Somebody else on the same machine who needs memory: in waves, the host takes what it may from wherever it finds it.</summary>
internal sealed class Pressure(Setup setup, Machine machine)
{
    private const int Wave = 256;
    private readonly Random _random = new(1);
    private bool _isStopped;

    public long Taken { get; private set; }

    public long Refused { get; private set; }

    public void Stop() => Volatile.Write(ref _isStopped, true);

    public void Run(MachineTask task)
    {
        while (!Volatile.Read(ref _isStopped))
        {
            for (var i = 0; i < Wave; i++)
            {
                if (setup.Host.TryDiscard(task, machine.Pages.Pages.First.Plus(_random.Next(machine.Pages.Pages.Count)))) Taken++;
                else Refused++;
            }

            task.SleepFor(TimeSpan.FromMilliseconds(1));
        }
    }
}
