using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Tests.Harness;
using Mm.Catalogue;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>The checked-in catalogue is what the tool derives, names what is there, and rests on reviewed reasons.</summary>
public class CatalogueDriftTests
{
    private const string Folder = "Mm.Analyzers/Catalog";

    // A service release changes a few bodies; more than this many lines of a hundred is no service release.
    private const double ToleratedShare = 0.02;

    private static readonly Lazy<(Derivation Derivation, Dictionary<string, string> Files)> s_derived = new(Derive);

    [Fact]
    public void DerivedFiles_AreWhatTheInstalledFrameworkGives()
    {
        var derived = s_derived.Value.Files;
        var checkedIn = Repository.Files(Folder + "/dotnet", "*.contexts.txt")
            .ToDictionary(path => Path.GetFileName(path), path => File.ReadAllText(Repository.PathOf(path)).ReplaceLineEndings("\n"));
        string version = File.ReadAllText(Repository.PathOf(Folder, "dotnet", InstalledFramework.VersionFile)).Trim();
        if (version == InstalledFramework.Version)
        {
            const string advice = "Run: dotnet run --project tools/Mm.Catalogue -- write Mm.Analyzers/Catalog, and read the difference.";
            var changed = derived.Keys.Union(checkedIn.Keys).Where(name => derived.GetValueOrDefault(name) != checkedIn.GetValueOrDefault(name)).Order(StringComparer.Ordinal);
            Assert.True(!changed.Any(), $"{advice}\n{string.Join("\n", changed)}");
            return;
        }

        // Another version of the framework: what both have is classified alike, but for a few.
        var now = Lines(derived);
        var then = Lines(checkedIn);
        foreach (string says in new[] { "might Sleep", "might CrossCall", "might SpinOnLock", "might Allocate", "deferred" })
        {
            var (before, after) = (then.Where(Says).ToHashSet(), now.Where(Says).ToHashSet());
            before.SymmetricExceptWith(after);
            Assert.True(before.Count <= Math.Max(20, after.Count * ToleratedShare), $"{says}: {before.Count} of {after.Count} lines differ from {version}.");

            bool Says(string line) => line.Contains(" " + says, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Derivation_RunTwice_GivesTheSameText() => Assert.Equal(s_derived.Value.Files, Derive().Files);

    [Fact]
    public void DerivedLines_NameMembersAndParametersThatAreThere()
    {
        var compilation = TestCompilation.Start(Kernel.None);
        var missing = new List<string>();
        foreach (var line in DerivedLines.Shared.All())
        {
            var symbol = DocumentationCommentId.GetFirstSymbolForDeclarationId(line.Key, compilation);
            bool isThere = symbol is IMethodSymbol method && line.Verb switch
            {
                "deferred" => method.Parameters.Any(parameter => parameter.Name == line.Subject && parameter.Type.TypeKind == TypeKind.Delegate),
                "might" => line.Subject is "Sleep" or "SpinOnLock" or "Allocate" or "CrossCall" && line.Parameter is null,
                _ => false,
            };
            if (!isThere) missing.Add(line.Key + " " + line.Verb + " " + line.Subject);
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void WrittenLines_NameWhatIsThere()
    {
        var compilation = TestCompilation.Start(Kernel.None);
        var contexts = new ContextTable(compilation);
        var faults = Analyzers.Catalog.Catalogue.BuiltIn.Select(line => (line.Key, Fault: AnnotationCheck.FaultOf(line, contexts, compilation)?.Text));
        Assert.DoesNotContain(faults, found => found.Fault is not null);
    }

    [Fact]
    public void Lines_OfATypeName_AreThoseOfAllLines()
    {
        var lines = DerivedLines.Shared;
        var all = lines.All().GroupBy(line => line.TypeName).ToDictionary(group => group.Key, group => group.Count());
        Assert.All(all, pair => Assert.Equal(pair.Value, lines.Of(pair.Key).Values.Sum(same => same.Count(line => line.TypeName == pair.Key))));
        Assert.True(lines.Names("Monitor"));
        Assert.False(lines.Names("NoSuchTypeAnywhere"));
    }

    [Fact]
    public void ReviewedLines_EachSpeakOfSomething()
    {
        var derivation = s_derived.Value.Derivation;
        Review[] lists = [derivation.Primitives, derivation.Cuts, derivation.Fates, derivation.Scope];
        Assert.Empty(lists.SelectMany(list => list.Lines.Where(line => line.Uses == 0 || line.Reason.Length == 0).Select(line => $"{list.Name}({line.Number}): {line.Key}")));
    }

    [Fact]
    public void Page_OfTheCatalogue_CountsWhatIsThere()
    {
        string page = File.ReadAllText(Repository.PathOf("docs/catalogue.md")).ReplaceLineEndings("\n");
        string[] kinds = ["might Sleep", "might SpinOnLock", "might Allocate", "might CrossCall", "deferred"];
        int[] all = new int[kinds.Length];
        foreach (string path in Repository.Files(Folder + "/dotnet", "*.contexts.txt"))
        {
            string[] lines = [.. File.ReadLines(Repository.PathOf(path)).Where(line => !line.StartsWith('#'))];
            int[] counts = [.. kinds.Select(kind => lines.Count(line => line.Contains(" " + kind, StringComparison.Ordinal)))];
            Assert.Contains($"| {Path.GetFileName(path)[..^".contexts.txt".Length]} | {string.Join(" | ", counts)} |\n", page, StringComparison.Ordinal);
            for (int i = 0; i < all.Length; i++) all[i] += counts[i];
        }

        Assert.Contains($"| **all** | {string.Join(" | ", all.Select(count => $"**{count}**"))} |\n", page, StringComparison.Ordinal);
        int written = File.ReadLines(Repository.PathOf(Folder, "dotnet.contexts.txt")).Count(line => line.Length > 0 && !line.StartsWith('#'));
        var derivation = s_derived.Value.Derivation;
        Assert.Contains(
            $"Written by hand: {written} lines. Each derived line rests on {derivation.Primitives.Lines.Count()} reviewed primitives, {derivation.Cuts.Lines.Count()} cuts and {derivation.Fates.Lines.Count()} decisions",
            page,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("M:System.Threading.Thread.SleepInternal(System.Int32)")]
    [InlineData("M:System.IO.File.ReadAllText(System.String)")]
    public void Methods_ThatTheReviewRestsOn_AreStillThere(string id)
    {
        var framework = new Framework(RuntimeEnvironment.GetRuntimeDirectory());
        Assert.Contains(framework.Methods, method => method.Id == id);
    }

    private static HashSet<string> Lines(Dictionary<string, string> files) =>
        [.. files.Values.SelectMany(text => text.Split('\n')).Where(line => line.Length > 0 && !line.StartsWith('#'))];

    private static (Derivation Derivation, Dictionary<string, string> Files) Derive()
    {
        var derivation = new Derivation(
            new Framework(RuntimeEnvironment.GetRuntimeDirectory()),
            new Framework(InstalledFramework.ReferenceFolder()),
            File.ReadAllText(Repository.PathOf(Folder, "dotnet.contexts.txt")).ReplaceLineEndings("\n"));
        return (derivation, derivation.Files().ToDictionary(file => file.Assembly + ".contexts.txt", file => file.Text));
    }
}
