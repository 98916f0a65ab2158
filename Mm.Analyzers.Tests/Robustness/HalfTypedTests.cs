using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Robustness;

/// <summary>Code as it is while somebody types it: at every letter the analyzers must live.</summary>
public class HalfTypedTests
{
    private static readonly string _sample = TestCompilation.Resource("HalfTypedSample.cs").ReplaceLineEndings("\n");

    [Fact]
    public void Sample_Whole_Compiles()
    {
        var whole = TestCompilation.Start(Kernel.Reference).AddSyntaxTrees(TestCompilation.Parse("Typed.cs", _sample));

        var errors = whole.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();

        Assert.True(errors.Length == 0, Rendering.Of(errors));
    }

    [Fact]
    public async Task EveryPrefix_LetterByLetter_DoesNotThrow()
    {
        var ends = Enumerable.Range(1, _sample.Length).Where(end => !char.IsWhiteSpace(_sample[end - 1]));

        await TypeAsync(ends, end => _sample[..end]);
    }

    [Fact]
    public async Task EveryLine_MissingInTheMiddle_DoesNotThrow()
    {
        var lines = _sample.Split('\n');

        await TypeAsync(
            Enumerable.Range(0, lines.Length),
            gone => string.Join('\n', lines.Where((_, number) => number != gone)));
    }

    [Fact]
    public async Task EveryPrefix_FollowedByTheRestOfTheFile_DoesNotThrow()
    {
        // A word that ends too early, in a file whose end is already there.
        var ends = Enumerable.Range(1, _sample.Length - 1).Where(end => char.IsLetter(_sample[end - 1]) && char.IsLetter(_sample[end]));

        await TypeAsync(ends.Where(end => end % 7 == 0), end => _sample[..end] + " " + _sample[end..]);
    }

    private static async Task TypeAsync(System.Collections.Generic.IEnumerable<int> steps, Func<int, string> textAt)
    {
        var failures = new ConcurrentQueue<string>();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(steps, async (step, _) =>
        {
            var text = textAt(step);
            try
            {
                var tree = TestCompilation.Parse("Typed.cs", text);
                var compilation = TestCompilation.Start(Kernel.Reference).AddSyntaxTrees(tree);
                await new AnalyzerRun(compilation, concurrent: false).OpenFileAsync(tree);
            }
            catch (Exception failure)
            {
                var tail = text[Math.Max(0, Math.Min(step, text.Length) - 60)..Math.Min(step, text.Length)];
                failures.Enqueue($"At {step}, after …{tail}:\n{failure.Message}");
            }
        });

        Assert.True(failures.IsEmpty, $"{failures.Count} failures, the first of them:\n{string.Join("\n\n", failures.Take(3))}");
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"Typing took {clock.Elapsed}.");
    }
}
