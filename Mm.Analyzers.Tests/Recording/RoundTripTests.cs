using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Summaries;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Mm.Analyzers.Tests.Recording;

/// <summary>What was recorded of many programs says the same after it has been read and written again.</summary>
public class RoundTripTests
{
    private const string Friend = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Friend\")]";

    public static TheoryData<string> Programs => [.. Repository.Files("Mm.Analyzers.Tests/Verdicts/Programs", "*.cs")];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Texts_OfAProgram_SurviveReadingAndWriting(string path)
    {
        var compilation = Recorded.Of(TestCompilation.Start(Kernel.Source).AddSyntaxTrees(
            TestCompilation.Parse(path, File.ReadAllText(Repository.PathOf(path))), TestCompilation.Parse("Friend.cs", Friend))).Compilation;
        var contexts = new ContextTable(compilation);
        var contracts = new Contracts(contexts, new AnnotationTable(contexts, []));
        var reader = new SummaryReader(compilation, contexts);
        var records = RecordedAssembly.Of(compilation.Assembly)!;

        int count = 0;
        foreach (var method in Methods(compilation.Assembly.GlobalNamespace))
        {
            foreach (bool isDispatch in new[] { false, true })
            {
                if (records.TextOf(method, isDispatch) is not { } text) continue;
                count++;
                Assert.Equal(text, SummaryWriter.Write(reader.Read(method, text), contracts.Of(method)));
            }
        }

        Assert.NotEqual(0, count);
    }

    private static IEnumerable<IMethodSymbol> Methods(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(member => member switch
    {
        INamespaceOrTypeSymbol inner => Methods(inner),
        IMethodSymbol method => [method],
        _ => [],
    });
}
