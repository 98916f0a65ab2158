using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1006AwaitInAtomicContextTests
{
    [Fact]
    public Task Direct_AwaitBetweenExplicitPair_IsReported() => RuleCase.CheckAsync(
        """
            async System.Threading.Tasks.Task M(System.Threading.Tasks.Task work)
            {
                _lock.Acquire();
                {|MM1006:await work|};
                _lock.Release();
                await work;
            }
        """);

    [Fact]
    public Task Direct_AwaitWhereSleepIsAllowed_IsSilent() => RuleCase.CheckAsync(
        """
            async System.Threading.Tasks.Task M(System.Threading.Tasks.Task work)
            {
                PageFaults.Disable();
                await work;
                PageFaults.Enable();
            }
        """);

    [Fact]
    public Task Declared_HandlerThatAwaits_IsReported() => RuleCase.CheckAsync(
        """
            [RunsIn<SoftIrq>]
            async void Wrong(System.Threading.Tasks.Task work) => {|MM1006:await work|};

            async void Right(System.Threading.Tasks.Task work) => await work;
        """);

    [Fact]
    public Task Lambda_AsyncAndDeferredToAContext_IsReportedInside() => RuleCase.CheckAsync(
        """
            void M(System.Threading.Tasks.Task work)
            {
                Scheduler.OnTimer(async () => {|MM1006:await work|});
            }
        """);

    [Fact]
    public async Task Message_AwaitUnderALock_NamesTheContext() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            async System.Threading.Tasks.Task M(System.Threading.Tasks.Task work)
            {
                _lock.Acquire();
                {|MM1006:await work|};
                _lock.Release();
            }
        """));
}
