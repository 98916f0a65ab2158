using System;
using System.IO;
using Mm.Benchmarks.Generated;

namespace Mm.Benchmarks.Commands;

/// <summary>Writes a synthetic project to a folder, to be built by the real compiler.</summary>
internal static class Generate
{
    private static readonly string _project =
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="{Path.Combine(AppContext.BaseDirectory, "Mm.Contexts.dll")}" />
          </ItemGroup>
        </Project>
        """;

    public static int Run(CommandLine options)
    {
        if (options.Target.Length == 0) return 2;
        Directory.CreateDirectory(options.Target);
        File.WriteAllText(Path.Combine(options.Target, "Synthetic.csproj"), _project);
        foreach (var (path, text) in new ProjectGenerator(ProjectShape.From(options, 1000)).Files())
        {
            File.WriteAllText(Path.Combine(options.Target, path), text);
        }

        Console.WriteLine(options.Target);
        return 0;
    }
}
