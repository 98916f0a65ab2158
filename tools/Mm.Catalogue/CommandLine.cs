using System.Runtime.InteropServices;

namespace Mm.Catalogue;

/// <summary>What a reviewer runs: docs/catalogue.md.</summary>
internal static class CommandLine
{
    public static int Run(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "write":
                return Write(args[1]);
            case "imports":
                Imports(new Framework(RuntimeEnvironment.GetRuntimeDirectory()));
                return 0;
            case "why":
                Why(new Framework(RuntimeEnvironment.GetRuntimeDirectory()), Enum.Parse<Effects>(args[1]), args.Length > 2 ? args[2] : "");
                return 0;
            case "delegates":
                Delegates(Open(args[1]), new Framework(RuntimeEnvironment.GetRuntimeDirectory()));
                return 0;
            default:
                Console.Error.WriteLine(
                    """
                    Mm.Catalogue <command>
                      write FOLDER        derives the catalogue into the folder that holds dotnet.contexts.txt
                      why EFFECT [TEXT]   the way to an effect, for each member that a program can name
                      delegates FOLDER    what becomes of delegate arguments
                      imports             the native functions that the framework calls
                    """);
                return 2;
        }
    }

    private static Derivation Open(string folder) => new(
        new Framework(RuntimeEnvironment.GetRuntimeDirectory()),
        new Framework(InstalledFramework.ReferenceFolder()),
        File.ReadAllText(Path.Combine(folder, "dotnet.contexts.txt")));

    private static int Write(string folder)
    {
        string output = Path.Combine(folder, "dotnet");
        Directory.CreateDirectory(output);
        foreach (string old in Directory.GetFiles(output)) File.Delete(old);
        foreach (var file in Open(folder).Files()) File.WriteAllText(Path.Combine(output, file.Assembly + ".contexts.txt"), file.Text);
        File.WriteAllText(Path.Combine(output, InstalledFramework.VersionFile), InstalledFramework.Version + "\n");
        return 0;
    }

    private static void Imports(Framework framework)
    {
        foreach (var method in framework.Methods.Where(static method => method.Import is not null || !method.HasBody && !method.IsAbstract && !method.Type.IsDelegate))
        {
            Console.WriteLine($"{method.Import ?? "(runtime)"}\t{method.Id}\t{method.Type.Module.Name}");
        }
    }

    private static void Why(Framework framework, Effects kind, string text)
    {
        var flow = new EffectFlow(framework, Review.Read("primitives.txt"), Review.Read("cuts.txt"));
        foreach (var method in framework.Methods.Where(method => method.IsVisible && method.Id.Contains(text, StringComparison.Ordinal)))
        {
            if ((flow.Of(method) & kind) != 0) Console.WriteLine($"{method.Type.Module.Name}\t{string.Join(" -> ", flow.PathOf(method, kind))}");
        }
    }

    private static void Delegates(Derivation derivation, Framework framework)
    {
        foreach (var method in framework.Methods.Where(static method => method.IsVisible))
        {
            for (int i = 0; i < method.Signature.ParameterTypes.Length; i++)
            {
                if (derivation.IsDelegate(method, i)) Console.WriteLine($"{derivation.FateOf(method, i)}\t{derivation.IsKept(method, i)}\t{method.Type.Module.Name}\t{method.Id}\t{method.ParameterName(i)}");
            }
        }
    }
}
