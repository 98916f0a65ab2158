using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis.Diagnostics;
using Mm.Benchmarks.Generated;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Commands;

/// <summary>
/// Compiles projects of growing size. The compiler's own work is parsing and emitting; what the analyzers add is the difference between
/// two analyses of the same project: with ours, and with one that asks for every body and does nothing, as the SDK's own analyzers make
/// every build do (of a plain project: with one that asks for nothing). A/A is the control against itself; 'binding' is the control beside an analyzer that registers nothing.
/// </summary>
internal static class Scale
{
    public static async Task<int> RunAsync(CommandLine options)
    {
        var runs = options.Number("runs", 5);
        var table = new MarkdownTable("methods", "compile, CPU", "binding, CPU", "added, CPU", "ratio", "A/A", "added a method", "compile, allocated", "added, allocated", "diagnostics");
        foreach (var size in options.Text("sizes", "1000,3000,10000,30000,100000").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)))
        {
            var shape = ProjectShape.From(options, size) with { Methods = size };
            var files = new ProjectGenerator(shape).Files().ToArray();
            ImmutableArray<DiagnosticAnalyzer> idle = [new IdleAnalyzer()], binding = [new BindingAnalyzer()];
            var found = 0;
            Task Compile()
            {
                Compiling.Emit(Compiling.Create(files));
                return Task.CompletedTask;
            }

            async Task WithOurs() => found = (await Compiling.AnalyzeAsync(Compiling.Create(files), Compiling.Analyzers())).Count(d => d.Id.StartsWith("MM", System.StringComparison.Ordinal));
            Task Idle() => Compiling.AnalyzeAsync(Compiling.Create(files), idle);
            Task Control() => Compiling.AnalyzeAsync(Compiling.Create(files), binding);
            await WithOurs();
            var best = await Meter.InTurnsAsync(size > 20000 ? System.Math.Min(runs, 2) : runs, Compile, Control, WithOurs, Control, Idle);

            // Where nothing speaks of contexts ours asks for no body either.
            var control = shape.IsPlain ? best[4] : best[1];
            var added = best[2].Cpu - control.Cpu;
            table.Row(
                size,
                MarkdownTable.Seconds(best[0].Cpu),
                MarkdownTable.Seconds(best[1].Cpu - best[4].Cpu),
                MarkdownTable.Seconds(added),
                MarkdownTable.Ratio((best[0].Cpu + added) / best[0].Cpu),
                MarkdownTable.Ratio((best[0].Cpu + best[3].Cpu - best[1].Cpu) / best[0].Cpu),
                (added * 1e6 / size).ToString("0.0", CultureInfo.InvariantCulture) + " µs",
                MarkdownTable.Megabytes(best[0].Bytes),
                MarkdownTable.Megabytes(best[2].Bytes - control.Bytes),
                found);
        }

        return 0;
    }
}
