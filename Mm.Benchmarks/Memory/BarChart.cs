using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Mm.Benchmarks.Memory;

/// <summary>Horizontal bars, one group for each contest, each group to its own scale: how many times as long as the first.</summary>
internal static class BarChart
{
    private const int Width = 860;
    private const int Left = 300;
    private const int Row = 18;
    private const double Widest = 10;

    public static void Write(string path, IReadOnlyList<Contest> contests)
    {
        var body = new StringBuilder();
        var y = 24;
        foreach (var contest in contests)
        {
            var shown = contest.Results.Where(static r => r.Best is not null).ToArray();
            if (shown.Length < 2) continue;
            Text(body, 8, y, "600", contest.Title);
            y += 8;
            foreach (var (name, best) in shown)
            {
                var ratio = best!.Value / shown[0].Best!.Value;
                var length = (Width - Left - 130) * Math.Min(ratio, Widest) / Widest;
                body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{length:0.0}\" height=\"{Row - 4}\" fill=\"{(name.StartsWith("Mm", StringComparison.Ordinal) ? "#2a6f97" : "#a9a9a9")}\"/>\n");
                Text(body, 24, y + 11, "400", name);
                Text(body, Left + length + 6, y + 11, "400", FormattableString.Invariant($"{best:0.0} ns, {ratio:0.00} ×{(ratio > Widest ? " (cut off)" : "")}"));
                y += Row;
            }

            y += 26;
        }

        var svg = $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {y}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{Width}\" height=\"{y}\" fill=\"white\"/>\n{body}</svg>\n";
        File.WriteAllText(path, svg);
    }

    private static void Text(StringBuilder body, double x, double y, string weight, string text) =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y:0.0}\" font-weight=\"{weight}\" fill=\"#222\">{System.Security.SecurityElement.Escape(text)}</text>\n");
}
