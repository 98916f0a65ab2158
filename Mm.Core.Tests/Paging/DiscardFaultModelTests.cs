using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Random programs on two address spaces that show a file, and a host that takes what it may: G6 to G10, G14 and G16.</summary>
public class DiscardFaultModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void File_AfterEachOperationOfAProgram_ReadsWhatTheModelSays_AndLosesNoPage(int seed)
    {
        var states = new HashSet<string>();
        var all = new List<CachedFileSubject>();
        RandomPrograms.Hold(New, CachedFileSubject.All, seed, length: 500, count: 2);
        Assert.Equal(["Pr", "Sp", "Sr", "Vr", "Vz"], states.Order(StringComparer.Ordinal));
        Assert.True(all.Sum(static file => file.Dropped) > 20, $"{all.Sum(static file => file.Dropped)} pages were dropped");

        CachedFileSubject New()
        {
            all.Add(new CachedFileSubject(states));
            return all[^1];
        }
    }
}
