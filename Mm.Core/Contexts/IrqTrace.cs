// Where interrupts went off and on, for reports: what lockdep calls the irq trace (kernel/locking/lockdep.c:print_irqtrace_events, 6.1).
// Context: the task's own; a few stores at each change, none where checks are off. Invariants: IT1 numbers rise with each change.
using System.Text;
using Mm.Core.Diagnostics;

namespace Mm.Core.Contexts;

/// <summary>The last changes of the interrupt flag and of the bottom halves of one task.</summary>
internal struct IrqTrace
{
    /// <summary>Stands for a place in the source where an interrupt came by itself.</summary>
    public const string Interrupt = "<interrupt>";

    private uint _events;
    private Event _hardOn;
    private Event _hardOff;
    private Event _softOn;
    private Event _softOff;

    public void HardIrqsOff(string file, int line) => _hardOff = new Event(++_events, file, line);

    // A guard's end has no place of its own: it is named by its beginning.
    public void HardIrqsOn() => _hardOn = new Event(++_events, _hardOff.File, _hardOff.Line);

    public void HardIrqsOnAt(string file, int line) => _hardOn = new Event(_hardOn.Number, file, line);

    public void SoftIrqsOff(string file, int line) => _softOff = new Event(++_events, file, line);

    public void SoftIrqsOn() => _softOn = new Event(++_events, _softOff.File, _softOff.Line);

    /// <summary>True if the last change of the bottom halves switched them on.</summary>
    public readonly bool SoftIrqsGoOn => _softOn.Number > _softOff.Number;

    public readonly void Describe(StringBuilder text)
    {
        TrapTexts.Line(text, $"irq event stamp: {_events}");
        TrapTexts.Line(text, $"hardirqs last  enabled at ({_hardOn.Number}): {_hardOn}");
        TrapTexts.Line(text, $"hardirqs last disabled at ({_hardOff.Number}): {_hardOff}");
        TrapTexts.Line(text, $"softirqs last  enabled at ({_softOn.Number}): {_softOn}");
        TrapTexts.Line(text, $"softirqs last disabled at ({_softOff.Number}): {_softOff}");
    }

    private readonly record struct Event(uint Number, string? File, int Line)
    {
        public override string ToString() => File switch
        {
            null or "" => "0x0",
            _ when Line == 0 => File,
            _ => SourceSite.Format(File, Line),
        };
    }
}
