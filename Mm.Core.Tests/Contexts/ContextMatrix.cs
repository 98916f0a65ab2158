using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Mm.Core.Tests.Contexts;

/// <summary>The rows of context-matrix.tsv.</summary>
public sealed record MatrixRow(string Number, string Call, IReadOnlyDictionary<string, string> Cells, bool Sleeps, string Delta, string[] Members, string Condition)
{
    public static readonly string[] Columns = ["T", "P", "S", "Id", "Ih", "N"];

    public static IReadOnlyList<MatrixRow> All { get; } = Read();

    private static List<MatrixRow> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("context-matrix.tsv")!;
        using var reader = new StreamReader(stream);
        var rows = new List<MatrixRow>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var parts = line.Split('\t');
            var cells = Columns.Select((column, i) => (column, parts[2 + i])).ToDictionary(static c => c.column, static c => c.Item2);
            rows.Add(new MatrixRow(parts[0], parts[1], cells, parts[8] == "y", parts[9], parts[10] == "-" ? [] : parts[10].Split(';'), parts.Length > 11 ? parts[11] : ""));
        }

        return rows;
    }
}
