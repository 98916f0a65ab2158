// Who may be at a CPU's stacks: the CPU itself, in a section, without any locked instruction; or one claimant, who pays for both.
//
//   the CPU    busy := 1;  look at claim: taken? then busy := 0 and do without the stacks          … busy := 0
//   claimant   claim := 1 if 0;  barrier everywhere;  look at busy: 1? then claim := 0, no luck     … claim := 0
//
// The barrier makes the CPU's store visible, or its look come later than the claim: they cannot both go on. Neither ever waits here.
// Context: any; the CPU's side with preemption off, and no interrupt comes while it is busy. Invariant: G1 one at a time.
using System.Runtime.CompilerServices;

namespace Mm.Core.Allocation;

internal static class CpuGate<TAtomics>
    where TAtomics : struct, IAtomics
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEnter(ref CpuFrames at)
    {
        TAtomics.Write(ref at.Busy, 1);
        if (TAtomics.Read(ref at.Claim) == 0) return true;
        TAtomics.Write(ref at.Busy, 0);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave(ref CpuFrames at) => TAtomics.Write(ref at.Busy, 0);

    public static bool TryClaim(ref CpuFrames at)
    {
        if (TAtomics.Read(ref at.Claim) != 0 || !TAtomics.TrySwap(ref at.Claim, 0, 1)) return false;
        TAtomics.BarrierEverywhere();
        if (TAtomics.Read(ref at.Busy) == 0) return true;
        TAtomics.Write(ref at.Claim, 0);
        return false;
    }

    public static void EndClaim(ref CpuFrames at) => TAtomics.Write(ref at.Claim, 0);

    /// <summary>After a barrier everywhere, and asked until it is true: the CPU is not where it was at its stacks any more.</summary>
    public static bool HasLeft(ref CpuFrames at) => TAtomics.Read(ref at.Busy) == 0;
}
