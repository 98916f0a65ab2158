using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Memory;

/// <summary>
/// Contestants for one piece of work, run in turns; the best of each counts, since noise only ever adds. The first one runs twice in
/// each round: the two should be equal, and how far they are apart says how far to trust the others.
/// </summary>
internal sealed class Contest(string title, string unit)
{
    private readonly List<(string Name, Func<double>? Run)> _contestants = [];

    public string Title { get; } = title;

    /// <summary>The results of the last run, best of each.</summary>
    public IReadOnlyList<(string Name, double? Best)> Results { get; private set; } = [];

    public void Add(string name, Func<double> run) => _contestants.Add((name, run));

    public void AddMissing(string name) => _contestants.Add((name, null));

    public void Run(int rounds)
    {
        var (name, first) = _contestants[0];
        var all = _contestants.Prepend((name + ", once more (A/A)", first)).ToArray();
        Warm(all);
        var best = Enumerable.Repeat(double.MaxValue, all.Length).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < all.Length; i++)
            {
                if (all[i].Item2 is { } run) best[i] = Math.Min(best[i], run());
            }
        }

        Console.WriteLine();
        Console.WriteLine($"**{Title}**");
        Console.WriteLine();
        var table = new MarkdownTable("", unit, "ratio");
        for (var i = 1; i <= all.Length; i++)
        {
            // The second time of the first comes last.
            var at = i % all.Length;
            var missing = all[at].Item2 is null;
            table.Row(all[at].Item1, missing ? "not installed" : best[at].ToString("0.0", CultureInfo.InvariantCulture), missing ? "" : (best[at] / best[1]).ToString("0.00", CultureInfo.InvariantCulture));
        }

        Results = [.. Enumerable.Range(1, all.Length - 1).Select(i => (all[i].Item1, all[i].Item2 is null ? (double?)null : best[i]))];
    }

    // Past tier 0, past on-stack replacement, and past the thread that compiles in the background.
    private static void Warm((string, Func<double>?)[] all)
    {
        for (var pass = 0; pass < 4; pass++)
        {
            foreach (var (_, run) in all) run?.Invoke();
            Thread.Sleep(150);
        }
    }
}
