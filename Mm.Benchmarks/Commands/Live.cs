using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Mm.Benchmarks.Generated;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Commands;

/// <summary>
/// What an author waits for: one method of an open file is edited, a new compilation is made, and the diagnostics of that file are asked
/// for. The compiler has to bind the file anyway, so its own diagnostics of the file are timed beside ours.
/// </summary>
internal static class Live
{
    public static async Task<int> RunAsync(CommandLine options)
    {
        var edits = options.Number("edits", 60);
        var files = new ProjectGenerator(ProjectShape.From(options, 5000)).Files().ToArray();
        var compilation = Compiling.Create(files);
        var open = files.Length / 2;
        var tree = compilation.SyntaxTrees.First(tree => tree.FilePath == files[open].Path);
        var text = files[open].Text;
        var analyzers = Compiling.Analyzers();
        List<double> binding = [], latency = [];
        for (var edit = 0; edit <= edits; edit++)
        {
            var next = Compiling.Parse(tree.FilePath, ProjectGenerator.Edit(text, edit));
            compilation = compilation.ReplaceSyntaxTree(tree, next);
            tree = next;

            var plain = compilation.Clone();
            var clock = Stopwatch.StartNew();
            plain.GetSemanticModel(tree).GetDiagnostics();
            binding.Add(clock.Elapsed.TotalSeconds);

            clock.Restart();
            var driver = Compiling.With(compilation, analyzers);
            var found = await driver.GetAnalyzerSemanticDiagnosticsAsync(driver.Compilation.GetSemanticModel(tree), null, CancellationToken.None);
            latency.Add(clock.Elapsed.TotalSeconds);
            if (edit == 0) Console.WriteLine($"{files.Length} files, {found.Length} diagnostics in the open one\n");
        }

        var table = new MarkdownTable("", "first", "p50", "p95", "longest");
        Write("compiler, open file", binding);
        Write("analyzers, open file", latency);
        return 0;

        void Write(string name, List<double> times)
        {
            var first = times[0];
            var warm = times.Skip(Math.Min(10, times.Count / 2)).Order().ToArray();
            table.Row(
                name,
                MarkdownTable.Milliseconds(first),
                MarkdownTable.Milliseconds(warm[warm.Length / 2]),
                MarkdownTable.Milliseconds(warm[(int)(warm.Length * 0.95)]),
                MarkdownTable.Milliseconds(warm[^1]));
        }
    }
}
