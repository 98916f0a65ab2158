using System;
using System.Globalization;
using System.Linq;

namespace Mm.Benchmarks.Measuring;

/// <summary>Rows of a table, written as they come: a long run that is cut short has still said something.</summary>
internal sealed class MarkdownTable
{
    private readonly string[] _columns;

    public MarkdownTable(params string[] columns)
    {
        _columns = columns;
        Console.WriteLine("| " + string.Join(" | ", columns) + " |");
        Console.WriteLine("|" + string.Concat(columns.Select((_, i) => i == 0 ? " --- |" : " ---: |")));
    }

    public void Row(params object[] cells)
    {
        if (cells.Length != _columns.Length) throw new ArgumentException("One cell a column.", nameof(cells));
        Console.WriteLine("| " + string.Join(" | ", cells.Select(cell => string.Format(CultureInfo.InvariantCulture, "{0}", cell))) + " |");
    }

    public static string Seconds(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture) + " s";

    public static string Milliseconds(double seconds) => (seconds * 1000).ToString("0.0", CultureInfo.InvariantCulture) + " ms";

    public static string Ratio(double ratio) => ratio.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Megabytes(double bytes) => (bytes / (1 << 20)).ToString("0.0", CultureInfo.InvariantCulture) + " MB";
}
