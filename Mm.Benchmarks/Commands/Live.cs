using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Mm.Benchmarks.Generated;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Commands;

/// <summary>
/// What an author waits for: one method of an open file is edited, a new compilation is made, and the diagnostics of that file are asked
/// for. The compiler has to bind the file anyway, so its own diagnostics of the file are timed beside ours, and so is an analyzer that
/// asks for the bodies and does nothing with them: what the driver and the binding cost whoever the analyzer is.
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
        var ours = Compiling.Analyzers();
        ImmutableArray<DiagnosticAnalyzer> binding = [new BindingAnalyzer()];
        List<Sample> bare = [], control = [], latency = [];
        for (var edit = 0; edit <= edits; edit++)
        {
            var next = Compiling.Parse(tree.FilePath, ProjectGenerator.Edit(text, edit));
            compilation = compilation.ReplaceSyntaxTree(tree, next);
            tree = next;

            // Each has a compilation of its own, so that none finds the file already bound by another.
            bare.Add(await TimeAsync(compilation.Clone(), []));
            control.Add(await TimeAsync(compilation.Clone(), binding));
            latency.Add(await TimeAsync(compilation.Clone(), ours));
            if (edit == 0) Console.WriteLine($"{files.Length} files, {latency[0].Found} diagnostics in the open one\n");
        }

        var table = new MarkdownTable("", "first", "p50", "p95", "longest", "CPU, p50");
        Write("compiler's diagnostics of the file", bare);
        Write("an analyzer that does nothing in each body", control);
        Write("Mm.Analyzers", latency);
        return 0;

        async Task<Sample> TimeAsync(CSharpCompilation fresh, ImmutableArray<DiagnosticAnalyzer> analyzers)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            var found = 0;
            if (analyzers.IsEmpty)
            {
                fresh.GetSemanticModel(tree).GetDiagnostics();
            }
            else
            {
                var driver = Compiling.WithConcurrency(fresh, analyzers);
                found = (await driver.GetAnalyzerSemanticDiagnosticsAsync(driver.Compilation.GetSemanticModel(tree), null, CancellationToken.None)).Length;
            }

            return new Sample(clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, found);
        }

        void Write(string name, List<Sample> samples)
        {
            var warm = samples.Skip(Math.Min(10, samples.Count / 2)).ToArray();
            var times = warm.Select(sample => sample.Elapsed).Order().ToArray();
            var cpu = warm.Select(sample => sample.Cpu).Order().ToArray();
            table.Row(
                name,
                MarkdownTable.Milliseconds(samples[0].Elapsed),
                MarkdownTable.Milliseconds(times[times.Length / 2]),
                MarkdownTable.Milliseconds(times[(int)(times.Length * 0.95)]),
                MarkdownTable.Milliseconds(times[^1]),
                MarkdownTable.Milliseconds(cpu[cpu.Length / 2]));
        }
    }

    private readonly record struct Sample(double Elapsed, double Cpu, int Found);
}
