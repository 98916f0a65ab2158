using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>Random programs on several address spaces, against a model of what each address reads as; all invariants after each operation.</summary>
public class PagingModelTests
{
    [Theory]
    [InlineData(1, true, true)]
    [InlineData(2, true, true)]
    [InlineData(3, true, false)]
    [InlineData(4, false, true)]
    [InlineData(5, false, false)]
    public void Maps_AfterEachOperationOfAProgram_ReadWhatTheModelSays_AndKeepAllInvariants(int seed, bool specialBit, bool strict) =>
        RandomPrograms.Hold(() => new PagingSubject(specialBit, strict), PagingSubject.All, seed, length: 250, count: 2);
}
