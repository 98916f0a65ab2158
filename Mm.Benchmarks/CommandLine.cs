using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Mm.Benchmarks;

/// <summary>A command, what it works on, and options of the form --name value; a name without a value is a switch.</summary>
internal sealed class CommandLine
{
    private readonly List<(string Name, string Value)> _options = [];

    public CommandLine(string[] args)
    {
        Command = args.Length > 0 ? args[0] : "";
        for (var i = 1; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal)) Target = args[i];
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) _options.Add((args[i][2..], args[++i]));
            else _options.Add((args[i][2..], ""));
        }
    }

    public string Command { get; }

    public string Target { get; } = "";

    public bool Has(string name) => _options.Exists(option => option.Name == name);

    public string Text(string name, string otherwise) => All(name).FirstOrDefault() ?? otherwise;

    public int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public double Share(string name, double otherwise) => double.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public IEnumerable<string> All(string name) => _options.Where(option => option.Name == name).Select(option => option.Value);
}
