// The bit layout of the preempt count, as in Linux 6.1, include/linux/preempt.h.
//
//   bits  0– 7  how often preemption was switched off        0x000000ff
//   bits  8–15  soft interrupts: 1 served, 2 for each "off"  0x0000ff00
//   bits 16–19  hard interrupts                              0x000f0000
//   bits 20–23  NMIs                                         0x00f00000
namespace Mm.Core.Contexts;

/// <summary>Masks and units of <see cref="MachineTask.PreemptCount"/>.</summary>
public static class PreemptBits
{
    /// <summary>Nesting of preemption being off.</summary>
    public const int PreemptMask = 0x0000_00ff;

    /// <summary>Soft interrupts served or switched off.</summary>
    public const int SoftIrqMask = 0x0000_ff00;

    /// <summary>Nesting of hard interrupt handlers.</summary>
    public const int HardIrqMask = 0x000f_0000;

    /// <summary>Nesting of NMIs.</summary>
    public const int NmiMask = 0x00f0_0000;

    /// <summary>Preemption off once.</summary>
    public const int PreemptOffset = 0x0000_0001;

    /// <summary>A soft interrupt is being served.</summary>
    public const int SoftIrqOffset = 0x0000_0100;

    /// <summary>Bottom halves off once: twice the unit of being served, so that the two can be told apart.</summary>
    public const int SoftIrqDisableOffset = 2 * SoftIrqOffset;

    /// <summary>One hard interrupt handler.</summary>
    public const int HardIrqOffset = 0x0001_0000;

    /// <summary>One NMI.</summary>
    public const int NmiOffset = 0x0010_0000;

    /// <summary>What makes <see cref="MachineTask.InInterrupt"/> true: bottom halves merely being off count too.</summary>
    internal const int InterruptMask = SoftIrqMask | HardIrqMask | NmiMask;
}
