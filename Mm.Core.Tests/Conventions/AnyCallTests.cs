using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Diagnostics;
using Mm.Core.Zones;
using Xunit;

namespace Mm.Core.Tests.Conventions;

/// <summary>Public members are called in any order with any arguments: each answers, or says by the type of what it throws what is wrong.</summary>
public class AnyCallTests
{
    private const int Calls = 150;

    // MM_ANY_PROGRAMS asks for more.
    private static readonly int _programs = int.TryParse(Environment.GetEnvironmentVariable("MM_ANY_PROGRAMS"), out var more) ? more : 12;

    /// <summary>What bad input may end in. Whatever else comes out was not foreseen: an index out of range, a null, an overflow.</summary>
    public static bool SaysWhatIsWrong(Exception thrown) =>
        thrown is ArgumentException or InvalidOperationException or OutOfMemoryException or NotSupportedException or System.IO.IOException || thrown.GetType().Assembly == typeof(Machine).Assembly;

    [Theory]
    [InlineData(ZoneAllocatorKind.Tree, 1)]
    [InlineData(ZoneAllocatorKind.Tree, 2)]
    [InlineData(ZoneAllocatorKind.Buddy, 3)]
    [InlineData(ZoneAllocatorKind.Buddy, 4)]
    public void OfAMachineThatRuns(ZoneAllocatorKind kind, int seed) => Check(kind, seed, isGone: false);

    [Theory]
    [InlineData(ZoneAllocatorKind.Tree, 5)]
    [InlineData(ZoneAllocatorKind.Buddy, 6)]
    public void OfAMachineThatIsGone(ZoneAllocatorKind kind, int seed) => Check(kind, seed, isGone: true);

    private static void Check(ZoneAllocatorKind kind, int seed, bool isGone)
    {
        var (answered, refused) = (0, 0);
        for (var program = 0; program < _programs; program++)
        {
            var calls = new List<string>();
            Exception? unforeseen = null;

            // With a seed: who waits for what nobody does is told so.
            using var machine = Machine.Create(new MachineOptions
            {
                CpuCount = 2,
                Seed = (ulong)seed,
                Pages = new PageAllocatorOptions { Zones = [(ZoneKind.Normal, 4096)], Allocator = kind, MinFreePages = 64 },
            });
            var which = (seed * 1000) + program;
            machine.Start("calls", task =>
            {
                var surface = new PublicSurface(machine, task, which);
                if (isGone) machine.Dispose();
                for (var i = 0; i < Calls; i++)
                {
                    var thrown = surface.CallAny(out var call);
                    if (call is null) continue;
                    calls.Add(call);
                    if (thrown is null) answered++;
                    else refused++;
                    if (thrown is MachineDeadlockException) break;
                    if (thrown is null || SaysWhatIsWrong(thrown)) continue;
                    unforeseen = thrown;
                    break;
                }
            });
            try
            {
                machine.Run();
            }
            catch (Exception left) when (left is TrapException or MachineDeadlockException)
            {
                // The task ends with what it was left with: locks, sections.
            }

            Assert.True(unforeseen is null, $"program {which}: {string.Join("; ", calls.TakeLast(8))}\n{unforeseen}");
        }

        Assert.True(answered > 100 && refused > 100, $"{answered} calls answered, {refused} refused");
    }
}
