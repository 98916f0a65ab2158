using System;
using System.Threading.Tasks;
using Mm.Benchmarks.Commands;

namespace Mm.Benchmarks;

/// <summary>What the analyzers and Mm.Core cost. docs/performance.md says how to run this and how to read it.</summary>
internal static class Program
{
    private const string Usage =
        """
        Mm.Benchmarks <command> [options]
          generate <folder> [--methods N] [--share S] [--depth D] [--virtual V] [--annotated]   writes a synthetic project
          scale    [--sizes 1000,3000,…] [--runs N] [--share S] [--annotated] [--plain]        compile with and without the analyzers
          live     [--methods N] [--edits N] [--share S] [--annotated]                          edit one method, ask for the open file
          shapes   [--size N] [--only NAME]                                                     very long, deep and wide programs
          csc      <project> --analyzers a.dll[,b.dll] [--peer name=x.dll[,y.dll]]… [--runs N]  the real compiler on a real project
          memory   [--rounds N] [--only NAME] [--svg FILE] [--unchecked]                        Mm.Core beside other allocators
          systems  [--rounds N] [--only NAME]                                                   faults, pfn_valid, kernel ranges, holders, discard
          checks   [--rounds N]                                                                 Mm.Core with and without its checks
        """;

    public static async Task<int> Main(string[] args)
    {
        var options = new CommandLine(args);
        switch (options.Command)
        {
            case "generate": return Generate.Run(options);
            case "scale": return await Scale.RunAsync(options);
            case "live": return await Live.RunAsync(options);
            case "shapes": return await Shapes.RunAsync(options);
            case "csc": return Csc.Run(options);
            case "checks": return Checks.Run(options);
            case "checks-child": return Checks.RunChild(options);
            case "systems": return Systems.Run(options);
            case "memory": return Commands.Memory.Run(options);
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }
}
