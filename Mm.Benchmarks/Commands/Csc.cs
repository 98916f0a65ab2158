using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Mm.Benchmarks.Measuring;

namespace Mm.Benchmarks.Commands;

/// <summary>
/// The compiler of the installed SDK, as a fresh process, on a real project that is restored and builds. Its arguments are taken from
/// a build of the project; each set of analyzers is then added in turn. The operating system says how much processor time the process
/// took; what <c>/reportanalyzer</c> says stands beside it, from one run more, because it leaves out loading, JIT and the driver.
/// An item of a set that begins with <c>r:</c> is a reference that comes along with the analyzers.
/// </summary>
internal static class Csc
{
    private const string ReportAnalyzer = "/reportanalyzer";

    public static int Run(CommandLine options)
    {
        if (options.Target.Length == 0 || ResponseFile(options.Target) is not { } arguments) return 2;
        var sets = new List<(string Name, string[] Analyzers)> { ("none", []), ("none again (A/A)", []) };
        if (options.Has("analyzers")) sets.Add(("Mm.Analyzers", options.Text("analyzers", "").Split(',')));
        foreach (var peer in options.All("peer").Select(peer => peer.Split('=', 2))) sets.Add((peer[0], peer[1].Split(',')));
        var best = sets.ToDictionary(set => set.Name, _ => double.MaxValue);
        var reported = sets.ToDictionary(set => set.Name, set => Reported(Compile(arguments, [.. set.Analyzers, ReportAnalyzer]).Output));
        for (var run = 0; run < options.Number("runs", 5); run++)
        {
            foreach (var set in sets) best[set.Name] = Math.Min(best[set.Name], Compile(arguments, set.Analyzers).Cpu);
        }

        var table = new MarkdownTable("analyzers", "csc, CPU", "ratio", "/reportanalyzer");
        foreach (var set in sets) table.Row(set.Name, MarkdownTable.Seconds(best[set.Name]), MarkdownTable.Ratio(best[set.Name] / best["none"]), reported[set.Name]);
        return 0;
    }

    /// <summary>The total that the compiler reports, "–" without analyzers.</summary>
    private static string Reported(string output)
    {
        var line = output.Split('\n').FirstOrDefault(static line => line.Contains("Total analyzer execution time", StringComparison.Ordinal));
        return line is null ? "–" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().TrimEnd('.');
    }

    /// <summary>What the build passes to the compiler, without any analyzer and output of its own.</summary>
    private static (string Folder, string Compiler, string[] Arguments)? ResponseFile(string project)
    {
        var folder = Directory.Exists(project) ? project : Path.GetDirectoryName(Path.GetFullPath(project))!;
        var log = Output("dotnet", $"build \"{project}\" --no-incremental -v:d -nodeReuse:false -p:UseSharedCompilation=false -p:RunAnalyzers=false", folder);
        var line = log.Split('\n').LastOrDefault(line => line.Contains("/noconfig", StringComparison.Ordinal) && line.Contains("csc", StringComparison.Ordinal));
        if (line is null)
        {
            Console.Error.WriteLine("The build shows no call of csc. Does the project build?");
            return null;
        }

        var words = Split(line.Trim());
        var compiler = words.FindIndex(word => Path.GetFileNameWithoutExtension(word) == "csc");
        var arguments = words.Skip(compiler + 1)
            .Where(word => !word.StartsWith("/analyzer:", StringComparison.Ordinal) && !word.StartsWith("/generatedfilesout:", StringComparison.Ordinal)
                && !word.StartsWith("/skipanalyzers", StringComparison.Ordinal))
            .ToArray();
        return (folder, words[compiler], arguments);
    }

    private static (double Cpu, string Output) Compile((string Folder, string Compiler, string[] Arguments) call, string[] analyzers)
    {
        var response = Path.GetTempFileName();
        var assembly = Path.Combine(Path.GetTempPath(), "mm-benchmark-out.dll");
        File.WriteAllLines(response, call.Arguments.Where(word => word is not "/noconfig" && !word.StartsWith("/out:", StringComparison.Ordinal) && !word.StartsWith("/refout:", StringComparison.Ordinal))
            .Append("/out:" + assembly)
            .Concat(analyzers.Select(static item => item == ReportAnalyzer ? item
                : item.StartsWith("r:", StringComparison.Ordinal) ? "/reference:" + Path.GetFullPath(item[2..])
                : "/analyzer:" + Path.GetFullPath(item)))
            .Select(word => word.Contains(' ', StringComparison.Ordinal) && !word.Contains('"', StringComparison.Ordinal) ? $"\"{word}\"" : word));
        var isManaged = Path.GetExtension(call.Compiler) == ".dll";
        var start = new ProcessStartInfo(isManaged ? "dotnet" : call.Compiler, (isManaged ? $"exec \"{call.Compiler}\" " : "") + $"/noconfig @{response}")
        {
            WorkingDirectory = call.Folder,
            RedirectStandardOutput = true,
        };
        var before = ChildProcesses.CpuTime;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        File.Delete(response);
        return ((ChildProcesses.CpuTime - before).TotalSeconds, output);
    }

    private static string Output(string program, string arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }

    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = "";
        var isQuoted = false;
        foreach (var c in line)
        {
            if (c == '"') isQuoted = !isQuoted;
            else if (c == ' ' && !isQuoted)
            {
                if (word.Length > 0) words.Add(word);
                word = "";
            }
            else word += c.ToString(CultureInfo.InvariantCulture);
        }

        if (word.Length > 0) words.Add(word);
        return words;
    }
}
