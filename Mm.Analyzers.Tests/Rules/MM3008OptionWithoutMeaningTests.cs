using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM3008OptionWithoutMeaningTests
{
    [Theory]
    [InlineData("mm_lock_rules", "no_wait")]
    [InlineData("mm_lock_rules", "none, no_waits")]
    [InlineData("mm_lock_rules", "")]
    [InlineData("mm_async_rules", "no_virtual_calls")]
    [InlineData("mm_spinlock_rules", "none")]
    [InlineData("mm_spinlock_rules", "documented, no_allocations")]
    [InlineData("mm_nogc_rules", "no_waits")]
    [InlineData("mm_unmanaged_callers_rules", "No_Waits")]
    [InlineData("mm_finalizer_rules", "true")]
    [InlineData("mm_unknown_callees", "ignore")]
    public async Task Value_ThatIsNone_IsReportedOnce(string option, string value)
    {
        var found = await Test(option, value).RunAsync();

        Assert.Equal(["MM3008"], found.Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [InlineData("mm_lock_rules", "none")]
    [InlineData("mm_lock_rules", "no_waits")]
    [InlineData("mm_lock_rules", "no_blocking,no_allocations")]
    [InlineData("mm_spinlock_rules", "blocking")]
    [InlineData("mm_spinlock_rules", "documented")]
    [InlineData("mm_spinlock_rules", "no_spin_locks, no_virtual_calls, no_foreign_calls, no_allocations")]
    [InlineData("mm_nogc_rules", "no_allocations")]
    [InlineData("mm_nogc_rules", "none")]
    [InlineData("mm_unknown_callees", "trust")]
    [InlineData("mm_unknown_callees", "report")]
    [InlineData("mm_something_else", "report")]
    public async Task Value_OfTheOption_IsSilent(string option, string value) => Assert.Empty(await Test(option, value).RunAsync());

    [Fact]
    public async Task Message_OfEachOption_SaysWhatWasExpected() => await Verifier.Verify(Rendering.Of(await new AnalyzerTest(("A.cs", "class A { }"), ("B.cs", "class B { }"))
    {
        Kernel = Kernel.None,
        Options = { ["mm_spinlock_rules"] = "strict", ["mm_lock_rules"] = "no_wait", ["mm_nogc_rules"] = "budget", ["mm_unknown_callees"] = "ignore" },
    }.RunAsync()));

    private static AnalyzerTest Test(string option, string value) => new(("A.cs", "class A { }"), ("B.cs", "class B { }")) { Kernel = Kernel.None, Options = { [option] = value } };
}
