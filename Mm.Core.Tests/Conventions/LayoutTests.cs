using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Frames;
using Xunit;

namespace Mm.Core.Tests.Conventions;

public class LayoutTests
{
    [Fact]
    public void ExecutionState_ItsSectionIsOneWord_AndItFillsTwoCacheLines()
    {
        Assert.Equal(128, Unsafe.SizeOf<ExecutionState>());
        Assert.Equal(0, (int)Marshal.OffsetOf<ExecutionState>(nameof(ExecutionState.PreemptCount)));
        Assert.Equal(4, (int)Marshal.OffsetOf<ExecutionState>(nameof(ExecutionState.IrqsOff)));
        Assert.Equal(8, (int)Marshal.OffsetOf<ExecutionState>(nameof(ExecutionState.AttentionBits)));
    }

    [Fact]
    public void PageDescriptors_AreAsDenseAsTheySay()
    {
        Assert.Equal((8, 48), (Unsafe.SizeOf<HotPage>(), Unsafe.SizeOf<ColdPage>()));
        Assert.True(Unsafe.SizeOf<HotPage>() + Unsafe.SizeOf<ColdPage>() <= 64);
        Assert.Equal(4, (int)Marshal.OffsetOf<HotPage>(nameof(HotPage.Flags)));
        Assert.Equal(40, (int)Marshal.OffsetOf<ColdPage>(nameof(ColdPage.Head)));
    }

    [Fact]
    public void CpuFrames_WhatAHitNeeds_IsInItsFirstCacheLine()
    {
        Assert.Equal(CpuFrames.Bytes, Unsafe.SizeOf<CpuFrames>());
        Assert.Equal(0, CpuFrames.Bytes % 128);
        foreach (var field in (string[])[nameof(CpuFrames.Busy), nameof(CpuFrames.Claim), nameof(CpuFrames.Singles), nameof(CpuFrames.SinglesTree), nameof(CpuFrames.MostSinglesNow)])
            Assert.InRange((int)Marshal.OffsetOf<CpuFrames>(field), 0, 60);
        Assert.Equal((128, 4), (CpuFrames.CapacityOf(0), CpuFrames.CapacityOf(CpuFrames.LargestOrder)));
    }

    [Fact]
    public void PageFlags_EachNameOfOneFlag_HasABitOfItsOwn()
    {
        var single = Enum.GetNames<PageFlags>().Select(static n => (uint)Enum.Parse<PageFlags>(n)).Where(System.Numerics.BitOperations.IsPow2).ToArray();
        Assert.Equal(single.Length, single.Distinct().Count());
        Assert.Equal(0u, single.Aggregate(0u, static (all, bit) => all | bit) >> 28);
    }

    [Fact]
    public void PreemptBits_AreTheKernels() =>
        Assert.Equal(
            (0xff, 0xff00, 0xf0000, 0xf00000, 0x200),
            (PreemptBits.PreemptMask, PreemptBits.SoftIrqMask, PreemptBits.HardIrqMask, PreemptBits.NmiMask, PreemptBits.SoftIrqDisableOffset));

    [Fact]
    public void Statics_AreNeverMutable()
    {
        var mutable =
            from type in typeof(Machine).Assembly.GetTypes()
            where !type.IsDefined(typeof(CompilerGeneratedAttribute))
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where !field.IsInitOnly && !field.IsLiteral && !field.IsDefined(typeof(CompilerGeneratedAttribute))
            select type.Name + "." + field.Name;
        Assert.Empty(mutable);
    }

    [Fact]
    public void Unsafe_StandsInNativeFilesOnly()
    {
        var offenders =
            from file in Sources()
            where !file.EndsWith(".Native.cs", StringComparison.Ordinal)
            where Regex.IsMatch(Regex.Replace(File.ReadAllText(file), @"//[^\n]*|""[^""\n]*""", ""), @"\b(unsafe|fixed|stackalloc)\b")
            select Path.GetFileName(file);
        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_StayUnderFourHundredLines_AndOpenWithWhatTheyAre()
    {
        foreach (var file in Sources())
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= 400, $"{Path.GetFileName(file)} has {lines.Length} lines");
            Assert.True(lines[0].StartsWith("// ", StringComparison.Ordinal), $"{Path.GetFileName(file)} does not say what it is");
        }
    }

    private static string[] Sources([CallerFilePath] string here = "")
    {
        var root = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Mm.Core");
        return Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(static f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).ToArray();
    }
}
