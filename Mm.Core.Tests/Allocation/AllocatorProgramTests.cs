using System;
using Mm.Core.Allocation;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Allocation;

public class TreeAllocatorProgramTests() : AllocatorProgramTests(ZoneAllocatorKind.Tree);

public class BuddyAllocatorProgramTests() : AllocatorProgramTests(ZoneAllocatorKind.Buddy);

/// <summary>Random programs over a zone's allocator and over the page allocator, the same for both kinds; all invariants after each operation.</summary>
public abstract class AllocatorProgramTests(ZoneAllocatorKind kind)
{
    [Theory]
    [InlineData(1, 6321, 0x1c35u)]
    [InlineData(2, 600, 0x1003u)]
    [InlineData(3, 4096, 0x1000u)]
    [InlineData(4, 2555, 0x23ffu)]
    public void Zone_AfterEachOperationOfAProgram_KeepsItsInvariants(int seed, int frames, uint first) =>
        RandomPrograms.Hold(() => new ZoneSubject(kind, frames, first), ZoneSubject.All, seed, length: 200);

    // No number of pages is a multiple of the largest block: the last ones are partial.
    [Theory]
    [InlineData(1, 200, 800)]
    [InlineData(2, 24, 3000)]
    [InlineData(3, 500, 500)]
    public void Pages_AfterEachOperationOfAProgram_KeepTheirInvariants(int seed, int dma, int normal) =>
        RandomPrograms.Hold(() => new PageSubject(kind, dma, normal), PageSubject.All, seed, length: 300, count: 2);
}

/// <summary>A fault that shows in some programs only is found, and the program that shows it is made short.</summary>
public class ShrinkingTests
{
    [Theory]
    [InlineData(Fault.HandsOutAgain, "G1 page")]
    [InlineData(Fault.LosesHalves, "G16 ")]
    [InlineData(Fault.Misaligns, "Z1 block")]
    [InlineData(Fault.Miscounts, "G2 ")]
    [InlineData(Fault.Hides, "G16 ")]
    [InlineData(Fault.LeavesPreemptionOff, "G11 ")]
    [InlineData(Fault.Warns, "G12 ")]
    public void Fault_OfAnAllocator_IsFoundNamedAndShrunkToAFewOperations(Fault fault, string named)
    {
        foreach (var kind in Enum.GetValues<ZoneAllocatorKind>())
        {
            var failure = RandomPrograms.FindFailure(() => new ZoneSubject(kind, 2000, 0x1000, fault), ZoneSubject.All, seed: 1, length: 200, count: 5);
            Assert.NotNull(failure);
            Assert.InRange(failure.Program.Length, 1, 5);
            Assert.Contains(named, failure.Why.Message, StringComparison.Ordinal);

            // What is printed fails too, and nothing in it can go.
            Assert.ThrowsAny<Exception>(() => RandomPrograms.Run(() => new ZoneSubject(kind, 2000, 0x1000, fault), failure.Program));
        }
    }

    [Fact]
    public void Failure_IsPrintedAsATest()
    {
        var failure = RandomPrograms.FindFailure(() => new ZoneSubject(ZoneAllocatorKind.Buddy, 2000, 0x1000, Fault.LosesHalves), ZoneSubject.All, seed: 1, length: 200, count: 5);
        Assert.Contains(
            """
            Operation 2 of 2, the shortest program that fails; of 200 at first, with seed 1:

                    RandomPrograms.Run(
                        () => new ZoneSubject(ZoneAllocatorKind.Buddy, 2000, 0x1000, Fault.LosesHalves),
                        new(ZoneDo.Take, 3),
                        new(ZoneDo.Free, 0, 1));

            """,
            failure!.ToString(),
            StringComparison.Ordinal);
    }

    // The text above, pasted.
    [Fact]
    public void Failure_ThatIsPasted_Fails() => Assert.Throws<Xunit.Sdk.XunitException>(() =>
        RandomPrograms.Run(
            () => new ZoneSubject(ZoneAllocatorKind.Buddy, 2000, 0x1000, Fault.LosesHalves),
            new(ZoneDo.Take, 3),
            new(ZoneDo.Free, 0, 1)));

    [Fact]
    public void Program_WithoutAFault_Passes() =>
        RandomPrograms.Run(
            () => new ZoneSubject(ZoneAllocatorKind.Buddy, 2000),
            new(ZoneDo.Take, 3),
            new(ZoneDo.Free, 0, 1));

    // A lower limit than what is at hand already: nothing more is kept, and nothing is lost.
    [Fact]
    public void Limits_LoweredBelowWhatIsAtHand_KeepNothingMore() =>
        RandomPrograms.Run(
            () => new PageSubject(ZoneAllocatorKind.Tree, 24, 3000),
            new(PageDo.Allocate, 3), new(PageDo.Allocate, 3), new(PageDo.Allocate, 3), new(PageDo.Limits, 128),
            new(PageDo.Allocate, 3), new(PageDo.Allocate, 3), new(PageDo.Allocate, 3),
            new(PageDo.AllocateInInterrupt, 3, 1), new(PageDo.Allocate, 3, 1), new(PageDo.Limits));
}
