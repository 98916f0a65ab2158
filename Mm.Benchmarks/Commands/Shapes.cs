using System;
using System.Linq;
using System.Threading.Tasks;
using Mm.Benchmarks.Generated;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Commands;

/// <summary>Programs that are very long, deep or wide in one respect: time with and without the analyzers, and what they found.</summary>
internal static class Shapes
{
    public static async Task<int> RunAsync(CommandLine options)
    {
        var only = options.Text("only", "");
        var table = new MarkdownTable("shape", "compile, CPU", "added, CPU", "added, allocated", "found");
        foreach (var (name, text) in SpecialShapes.All(options.Number("size", 10000)))
        {
            if (!name.Contains(only, StringComparison.Ordinal)) continue;
            (string, string)[] files = [("Shape.cs", text)];
            var found = "";
            var readings = await Meter.InTurnsAsync(
                options.Number("runs", 2),
                () => Compiling.AnalyzeAsync(Compiling.Create(files), [new IdleAnalyzer()]),
                async () =>
                {
                    var diagnostics = await Compiling.AnalyzeAsync(Compiling.Create(files), Compiling.Analyzers());
                    var ids = diagnostics.Where(d => d.Id[..2] is "MM" or "AD" || d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error);
                    found = string.Join(", ", ids.GroupBy(d => d.Id).Select(group => $"{group.Count()} {group.Key}"));
                });
            table.Row(
                name,
                MarkdownTable.Seconds(readings[0].Cpu),
                MarkdownTable.Seconds(readings[1].Cpu - readings[0].Cpu),
                MarkdownTable.Megabytes(readings[1].Bytes - readings[0].Bytes),
                found);
        }

        return 0;
    }
}
