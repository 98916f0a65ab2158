using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Live;

/// <summary>What the filter by names has found out is handed on to the next compilation where an edit leaves it as it is, and only there.</summary>
public class KeptInterestsTests
{
    private const string Quiet = "static class Device { public static int Count; public static void Flush() { Count += 1; } static void Other() { } }";

    private static readonly (string Path, string Text)[] _files =
    [
        ("A.cs", "static class A { public static int Size; }"),
        ("Device.cs", Quiet),
        ("Queue.cs", "static class Queue { static readonly TicketLock Gate = new(); [Enters<SpinLockHeld>] public static void Take() { Gate.Acquire(); } public static void Drain() { Device.Flush(); Scheduler.Schedule(); } }"),
    ];

    [Theory]
    [InlineData("Device.cs", "Count += 1;", "Count += 2; Other();")]
    [InlineData("Device.cs", "Flush() {", "Flush() { // typed so far: Que\n")]
    [InlineData("A.cs", "public static int Size;", "public static int Size = 7;")]
    public void Edit_WordsThatNobodyAskedFor_KeepsTheInterests(string file, string before, string after) => Assert.True(AreKept(file, before, after));

    [Theory]
    [InlineData("Device.cs", "Count += 1;", "Queue.Take();")]
    [InlineData("Device.cs", "static void Other", "[Might<Sleep>] static void Other")]
    [InlineData("Device.cs", "static void Other", "static void Another")]
    [InlineData("Device.cs", "static void Other()", "static void Other(System.Action action)")]
    [InlineData("Device.cs", "static class Device", "static class Device2")]
    [InlineData("Device.cs", "static class Device", "[assembly: Never<Sleep>] static class Device")]
    [InlineData("Queue.cs", "Gate.Acquire();", "")]
    public void Edit_WordsThatTell_MakesThemAnew(string file, string before, string after) => Assert.False(AreKept(file, before, after));

    [Fact]
    public async Task OpenFile_CalleeElsewhereStartsToTakeTheLock_ShowsIt()
    {
        var project = new LiveCompilation(_files);
        Assert.Empty(await project.SquigglesAsync("Queue.cs"));

        project.Edit("Device.cs", Quiet.Replace("Count += 1;", "Queue.Take();", StringComparison.Ordinal));
        Assert.Contains("MM1001 Scheduler.Schedule()", await project.SquigglesAsync("Queue.cs"));

        project.Edit("Device.cs", Quiet);
        Assert.Empty(await project.SquigglesAsync("Queue.cs"));
    }

    private static bool AreKept(string file, string before, string after)
    {
        var compilation = TestCompilation.Start(Kernel.Source).AddSyntaxTrees([.. _files.Select(known => TestCompilation.Parse(known.Path, known.Text))]);
        var first = InterestsOf(compilation);
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == file);
        string text = _files.Single(known => known.Path == file).Text;
        Assert.Contains(before, text, StringComparison.Ordinal);
        return ReferenceEquals(first, InterestsOf(compilation.ReplaceSyntaxTree(tree, TestCompilation.Parse(file, text.Replace(before, after, StringComparison.Ordinal)))));
    }

    private static Interests InterestsOf(CSharpCompilation compilation)
    {
        var contexts = new ContextTable(compilation, RegionRules.None);
        return Interests.Of(compilation, new AnnotationTable(contexts, Catalog.Catalogue.Of(ImmutableArray<AdditionalText>.Empty, RegionRules.None, default)), default);
    }
}
