using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Robustness;

/// <summary>Code as it is while somebody types it: at every letter the analyzers must live.</summary>
public class HalfTypedTests
{
    private static readonly string[] _files = Files();

    public static TheoryData<int> FileNumbers => [.. Enumerable.Range(0, _files.Length)];

    [Fact]
    public void Sample_Whole_Compiles()
    {
        var errors = AllBut(-1).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();

        Assert.True(errors.Length == 0, Rendering.Of(errors));
    }

    [Theory]
    [MemberData(nameof(FileNumbers))]
    public async Task EveryPrefix_LetterByLetter_DoesNotThrow(int file)
    {
        var text = _files[file];
        var ends = Enumerable.Range(1, text.Length).Where(end => !char.IsWhiteSpace(text[end - 1]));

        await TypeAsync(file, ends, end => text[..end]);
    }

    [Theory]
    [MemberData(nameof(FileNumbers))]
    public async Task EveryLine_MissingInTheMiddle_DoesNotThrow(int file)
    {
        var lines = _files[file].Split('\n');

        await TypeAsync(
            file,
            Enumerable.Range(0, lines.Length),
            gone => string.Join('\n', lines.Where((_, number) => number != gone)));
    }

    [Theory]
    [MemberData(nameof(FileNumbers))]
    public async Task EveryWord_CutInTwo_DoesNotThrow(int file)
    {
        // A name that ends too early, in a file whose rest is already there.
        var text = _files[file];
        var ends = Enumerable.Range(2, text.Length - 2)
            .Where(end => !char.IsLetter(text[end - 2]) && char.IsLetter(text[end - 1]) && char.IsLetter(text[end]));

        await TypeAsync(file, ends, end => text[..end] + " " + text[end..]);
    }

    /// <summary>Types texts into one file of the sample while the others stand complete.</summary>
    private static async Task TypeAsync(int file, IEnumerable<int> steps, Func<int, string> textAt)
    {
        var others = AllBut(file);
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(steps, async (step, _) =>
        {
            var text = textAt(step);
            try
            {
                var tree = TestCompilation.Parse("Typed.cs", text);
                await new AnalyzerRun(others.AddSyntaxTrees(tree), concurrent: false).OpenFileAsync(tree);
            }
            catch (Exception failure)
            {
                var end = Math.Min(step, text.Length);
                failures.Enqueue($"At {step}, after …{text[Math.Max(0, end - 60)..end]}:\n{failure.Message}");
            }
        });

        Assert.True(failures.IsEmpty, $"{failures.Count} failures, the first of them:\n{string.Join("\n\n", failures.Take(3))}");
    }

    private static CSharpCompilation AllBut(int file)
    {
        var trees = _files.Select((text, number) => (text, number))
            .Where(other => other.number != file)
            .Select(other => TestCompilation.Parse($"Part{other.number}.cs", other.text));
        return TestCompilation.Start(Kernel.Reference).AddSyntaxTrees([.. trees]);
    }

    private static string[] Files() =>
        TestCompilation.Resource("HalfTypedSample.cs").ReplaceLineEndings("\n").Split("// ----\n");
}
