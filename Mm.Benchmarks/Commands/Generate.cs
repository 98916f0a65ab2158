using System;
using System.IO;
using Mm.Benchmarks.Generated;

namespace Mm.Benchmarks.Commands;

/// <summary>Writes a synthetic project to a folder, to be built by the real compiler.</summary>
internal static class Generate
{
    private const string Project =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
          </PropertyGroup>
        </Project>
        """;

    public static int Run(CommandLine options)
    {
        if (options.Target.Length == 0) return 2;
        Directory.CreateDirectory(options.Target);
        File.WriteAllText(Path.Combine(options.Target, "Synthetic.csproj"), Project);
        foreach (var (path, text) in new ProjectGenerator(ProjectShape.From(options, 1000)).Files())
        {
            File.WriteAllText(Path.Combine(options.Target, path), text);
        }

        Console.WriteLine(options.Target);
        return 0;
    }
}
