using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Samples;

/// <summary>The samples for .NET developers: .NET's own regions, right and wrong, and stories with a bug and its repair.</summary>
public sealed class MarkedSampleTests
{
    [Theory]
    [InlineData("Regions")]
    [InlineData("DotNet")]
    public async Task Sample_AllFiles_CarryExactlyTheMarkedDiagnostics(string folder)
    {
        var sample = MarkedSample.Read(folder);

        Assert.Equal(sample.Expected(), await sample.FoundAsync());
    }

    [Fact]
    public void Regions_WrongFiles_HaveTheMarksThatTheReadmeCounts()
    {
        var sample = MarkedSample.Read("Regions");
        int Count(string file) => sample.Marks($"Wrong/{file}.cs").Count();

        Assert.Equal([6, 4, 4, 6, 2], new[] { Count("UnderASpinLock"), Count("UnderALock"), Count("InAnAsyncMethod"), Count("InACallback"), Count("WithoutGarbageCollection") });
        Assert.All(sample.Files.Where(file => file.Path.StartsWith("Right/", StringComparison.Ordinal)), file => Assert.Empty(sample.Marks(file.Path)));
    }

    [Fact]
    public void DotNet_EachBugFile_HasMarksAndARepairWithoutAny()
    {
        var sample = MarkedSample.Read("DotNet");
        string[] bugs = sample.Files.Select(file => file.Path).Where(path => path.EndsWith("Bug.cs", StringComparison.Ordinal)).ToArray();

        Assert.Equal(6, bugs.Length);
        foreach (string bug in bugs)
        {
            Assert.NotEmpty(sample.Marks(bug));
            Assert.Empty(sample.Marks(bug[..^"Bug.cs".Length] + "Repaired.cs"));
        }
    }
}
