using System;
using System.Collections.Generic;
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
/// every build do (of a plain project: with one that asks for nothing). Each run of ours stands between two of the control; what it added is
/// its time less their mean, and A/A is the second control against the first. Of these differences the table says the median and the
/// quartiles, by the median of what compiling took. The rounds before, which are not counted, let the runtime finish its own compiling.
/// </summary>
internal static class Scale
{
    public static async Task<int> RunAsync(CommandLine options)
    {
        var runs = options.Number("runs", 15);
        var warm = options.Number("warm", 12);
        var table = new MarkdownTable("methods", "compile, CPU", "added, CPU", "ratio", "A/A", "reported", "ratio", "added a method", "compile, allocated", "added, allocated", "diagnostics");
        foreach (var size in options.Text("sizes", "1000,3000,10000,30000,100000").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)))
        {
            var shape = ProjectShape.From(options, size) with { Methods = size };
            var files = new ProjectGenerator(shape).Files().ToArray();
            ImmutableArray<DiagnosticAnalyzer> idle = [new IdleAnalyzer()], binding = [new BindingAnalyzer()];
            var found = 0;
            var reported = new List<double>();
            Task Compile()
            {
                Compiling.Emit(Compiling.Create(files));
                return Task.CompletedTask;
            }

            async Task WithOurs()
            {
                var (diagnostics, seconds) = await Compiling.ReportAsync(Compiling.Create(files), Compiling.Analyzers());
                found = diagnostics.Count(d => d.Id.StartsWith("MM", StringComparison.Ordinal));
                reported.Add(seconds);
            }

            Task Idle() => Compiling.ReportAsync(Compiling.Create(files), idle);
            Task Control() => Compiling.ReportAsync(Compiling.Create(files), binding);

            // Where nothing speaks of contexts ours asks for no body either.
            Func<Task> control = shape.IsPlain ? Idle : Control;
            await Meter.RoundsAsync(warm, Compile, control, WithOurs);
            warm = 1;
            reported.Clear();
            var rounds = await Meter.RoundsAsync(size > 20000 ? Math.Min(runs, 2) : runs, Compile, control, WithOurs, control);
            var (compile, before, ours, after) = (Meter.Best(rounds[0]), rounds[1], rounds[2], rounds[3]);
            var added = Quartiles.Of(ours.Select((reading, i) => reading.Cpu - (before[i].Cpu + after[i].Cpu) / 2));
            var again = Quartiles.Of(after.Select((reading, i) => reading.Cpu - before[i].Cpu));
            var ownTime = Quartiles.Of(reported);
            var middle = Quartiles.Of(rounds[0].Select(reading => reading.Cpu)).Median;
            string Ratio(Quartiles difference) =>
                $"{MarkdownTable.Ratio(1 + difference.Median / middle)} ({MarkdownTable.Ratio(1 + difference.Lower / middle)}–{MarkdownTable.Ratio(1 + difference.Upper / middle)})";
            table.Row(
                size,
                MarkdownTable.Seconds(middle),
                MarkdownTable.Seconds(added.Median),
                Ratio(added),
                Ratio(again),
                MarkdownTable.Seconds(ownTime.Median),
                Ratio(ownTime),
                (added.Median * 1e6 / size).ToString("0.0", CultureInfo.InvariantCulture) + " µs",
                MarkdownTable.Megabytes(compile.Bytes),
                MarkdownTable.Megabytes(Meter.Best(ours).Bytes - Meter.Best(after).Bytes),
                found);
        }

        return 0;
    }
}
