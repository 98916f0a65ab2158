using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Mm.Core.Diagnostics;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>
/// samples/Seeds with the rules off: the same files, compiled and run on machines of Mm.Core. What the compiler reports at a line,
/// the machine must report at the same one.
/// </summary>
[UsesVerify]
public sealed partial class SeedsTrapTests
{
    private static readonly Lazy<Sample> _sample = new(Sample.Build);

    [Fact]
    public void EachMark_IsWhereSomeFormTraps()
    {
        Sample sample = _sample.Value;
        (Form Form, Place[] Lines, Place[] Sites)[] traps = sample.Forms.Where(static form => form.Ending is not null)
            .Select(static form => (form, form.Ending!.Lines.ToArray(), SitesIn(form.Ending.Trap.Text).ToArray()))
            .ToArray();

        foreach (Mark mark in sample.Marks)
        {
            // What is forgotten traps later, where it matters; the report then names the place that was to be undone.
            bool isLeak = mark.Id == "MM2001";
            Assert.True(
                traps.Any(trap => isLeak ? trap.Sites.Any(mark.IsInSameMethod) : trap.Lines.Contains(mark.Place)),
                $"{mark.Place} is marked with {mark.Id}, and no trap names it.");
        }
    }

    [Fact]
    public void EachForm_ThatTraps_DoesSoAtAMark_AndItsTraceNamesTheMethod()
    {
        Sample sample = _sample.Value;

        foreach (Form form in sample.Forms.Where(static form => form.Says is not null))
        {
            Assert.True(form.Ending is not null, $"{form.Name} did not trap.");
            Assert.Contains(form.Says!, form.Ending.Trap.Text, StringComparison.Ordinal);
            Mark[] direct = sample.Marks.Where(mark => form.Ending.Lines.Contains(mark.Place)).ToArray();
            bool isLate = sample.Marks.Any(mark => mark.Id == "MM2001" && SitesIn(form.Ending.Trap.Text).Any(mark.IsInSameMethod));
            Assert.True(direct.Length != 0 || isLate, $"{form.Name} traps elsewhere than at a mark:\n{form.Ending.Thrown}");
            foreach (Mark mark in direct)
                Assert.Contains(form.Ending.Trap.CallTrace, call => call.EndsWith("." + mark.Method, StringComparison.Ordinal) && call.StartsWith(" Seeds.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void EachRepair_RunsWithoutATrap()
    {
        Form[] repairs = _sample.Value.Forms.Where(static form => form.Says is null).ToArray();

        Assert.All(repairs, static form => Assert.True(form.Ending is null, $"{form.Name}: {form.Ending?.Thrown}"));
        Assert.Equal(5, repairs.Select(static form => form.Name.Split(',')[0]).Distinct().Count());
    }

    [Fact]
    public Task Traps_AreTheKernelsTexts()
    {
        StringBuilder all = new();
        foreach (Form form in _sample.Value.Forms)
        {
            all.Append("== ").Append(form.Name).Append('\n').Append(form.Ending is { } ending ? Masked(ending.Trap.Text) : "no trap").Append("\n\n");
        }

        return Verifier.Verify(all.ToString());
    }

    // Where a lock lies is another every time; and lines of Mm.Core change without being anybody's news.
    private static string Masked(string text) =>
        OwnLine().Replace(Address().Replace(text, "################"), static match => match.Groups["file"].Value + ":#");

    private static IEnumerable<Place> SitesIn(string text) =>
        Site().Matches(text).Select(static match => new Place(match.Groups["file"].Value, int.Parse(match.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture)));

    [GeneratedRegex("(?<file>[A-Za-z]+/[A-Za-z.]+\\.cs):(?<line>[0-9]+)")]
    private static partial Regex Site();

    [GeneratedRegex("(?<file>(Contexts|Locking|Paging|Vmalloc|Allocation|Frames|Holders|Owners|Models)/[A-Za-z.]+\\.cs):[0-9]+")]
    private static partial Regex OwnLine();

    [GeneratedRegex("\\b[0-9a-f]{16}\\b")]
    private static partial Regex Address();

    private sealed record Place(string File, int Line)
    {
        public override string ToString() => $"{File}:{Line}";
    }

    private sealed record Mark(Place Place, string Id, string Method, int First, int Last)
    {
        public bool IsInSameMethod(Place other) => other.File == Place.File && First <= other.Line && other.Line <= Last;
    }

    private sealed record Form(string Name, string? Says, Ending? Ending);

    private sealed record Ending(Trap Trap, TrapException Thrown)
    {
        public IEnumerable<Place> Lines => new StackTrace(Thrown, fNeedFileInfo: true).GetFrames()
            .Where(static frame => frame.GetFileName() is not null)
            .Select(static frame => new Place(frame.GetFileName()!, frame.GetFileLineNumber()));
    }

    private sealed class Sample
    {
        public required IReadOnlyList<Mark> Marks { get; init; }

        public required IReadOnlyList<Form> Forms { get; init; }

        public static Sample Build()
        {
            (string Path, string Text)[] files = SeedsSampleTests.ReadFiles();
            Compilation compilation = ConsumerCompilation.Compile(files, ConsumerCompilation.Core);
            using MemoryStream image = new();
            using MemoryStream symbols = new();
            EmitResult result = compilation.Emit(image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
            Assert.True(result.Success, string.Join('\n', result.Diagnostics));
            Type form = Assembly.Load(image.ToArray(), symbols.ToArray()).GetType("Seeds.Form", throwOnError: true)!;
            IEnumerable all = (IEnumerable)form.GetMethod("All")!.Invoke(null, null)!;
            return new Sample
            {
                Marks = compilation.SyntaxTrees.SelectMany(MarksOf).ToArray(),
                Forms = all.Cast<object>().Select(Play).ToArray(),
            };
        }

        private static Form Play(object form)
        {
            object? ending = form.GetType().GetMethod("Run")!.Invoke(form, null);
            return new Form(
                (string)Get(form, "Name")!,
                (string?)Get(form, "Says"),
                ending is null ? null : new Ending((Trap)Get(ending, "Trap")!, (TrapException)Get(ending, "Thrown")!));
        }

        private static object? Get(object of, string name) => of.GetType().GetProperty(name)!.GetValue(of);

        private static IEnumerable<Mark> MarksOf(SyntaxTree tree)
        {
            var methods = tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
                .Select(method => (Method: method.Identifier.Text, Span: method.GetLocation().GetLineSpan()))
                .Select(static method => (method.Method, First: method.Span.StartLinePosition.Line + 1, Last: method.Span.EndLinePosition.Line + 1))
                .ToArray();
            foreach (string expected in SampleMarks.Expected((tree.FilePath, tree.GetText().ToString())))
            {
                string[] parts = expected.Split(':', StringSplitOptions.TrimEntries);
                int line = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
                var method = methods.Single(candidate => candidate.First <= line && line <= candidate.Last);
                yield return new Mark(new Place(parts[0], line), parts[2], method.Method, method.First, method.Last);
            }
        }
    }
}
