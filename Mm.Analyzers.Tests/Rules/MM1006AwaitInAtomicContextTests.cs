using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1006AwaitInAtomicContextTests
{
    [Fact]
    public Task Direct_AwaitBetweenExplicitPair_IsReported() => Check(
        """
            async Task M(Task work)
            {
                _lock.Acquire();
                {|MM1006:await work|};
                _lock.Release();
                await work;
            }
        """);

    [Fact]
    public Task Direct_AwaitWhereSleepIsAllowed_IsSilent() => Check(
        """
            async Task M(Task work)
            {
                PageFaults.Disable();
                await work;
                PageFaults.Enable();
            }
        """);

    [Fact]
    public Task Direct_InAContextOfOnesOwn_FollowsWhatItForbids() => Check(
        """
            [Forbids<Sleep>]
            readonly struct Painting : IContext;

            [Forbids<Allocate>]
            readonly struct Counting : IContext;

            [RunsIn<Painting>]
            async Task Wrong(Task work) => {|MM1006:await work|};

            [RunsIn<Counting>]
            async Task Right(Task work) => await work;
        """);

    [Fact]
    public Task Direct_AwaitOfAValueInsideAnExpression_IsReported() => Check(
        """
            async Task M(Task<int> work)
            {
                Preemption.Disable();
                _count += 1 + {|MM1006:await work|};
                Preemption.Enable();
            }
        """);

    [Fact]
    public Task AwaitUsing_ResourceLeftUnderTheLock_IsReported() => Check(
        """
            sealed class Resource : IAsyncDisposable { public ValueTask DisposeAsync() => default; }

            async Task Wrong()
            {
                _lock.Acquire();
                await using ({|MM1006:new Resource()|})
                {
                    _count++;
                }

                _lock.Release();
            }

            async Task Right()
            {
                await using (new Resource())
                {
                    _lock.Acquire();
                    _count++;
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task AwaitForeach_UnderTheLock_IsReported() => Check(
        """
            async Task Wrong(IAsyncEnumerable<int> numbers)
            {
                _lock.Acquire();
                await foreach (int number in {|MM1006:numbers|})
                {
                    _count += number;
                }

                _lock.Release();
            }

            async Task Right(IAsyncEnumerable<int> numbers)
            {
                await foreach (int number in numbers)
                {
                    _lock.Acquire();
                    _count += number;
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task YieldReturn_UnderTheLock_IsReported() => Check(
        """
            IEnumerable<int> Wrong()
            {
                _lock.Acquire();
                {|MM1006:yield return _count;|}
                _lock.Release();
            }

            IEnumerable<int> Right()
            {
                _lock.Acquire();
                int count = _count;
                _lock.Release();
                yield return count;
            }
        """);

    [Fact]
    public Task YieldBreak_UnderTheLock_OwesTheReleaseAndNothingElse() => Check(
        """
            IEnumerable<int> Wrong()
            {
                _lock.Acquire();
                if (Ready())
                {
                    {|MM2001:yield break;|}
                }

                _lock.Release();
                yield return 1;
            }

            IEnumerable<int> Right()
            {
                _lock.Acquire();
                if (Ready())
                {
                    _lock.Release();
                    yield break;
                }

                _lock.Release();
                yield return 1;
            }
        """);

    [Fact]
    public Task Deep_AsyncHelperThatAwaits_LeavesOnlyItself() => Check(
        """
            [Never<Allocate>, Trusted("pooled")]
            async Task Helper(Task work) => await work;

            void M(Task work)
            {
                using (_lock.Hold())
                {
                    _ = First(work);
                }
            }

            Task First(Task work) => Helper(work);
        """);

    [Fact]
    public Task Deep_AsyncHelperSleepsBeforeItsFirstAwait_IsASleepAndNoAwait() => Check(
        """
            async Task Helper(Task work)
            {
                Scheduler.Schedule();
                await work;
            }

            void M(Task work)
            {
                using (_lock.Hold())
                {
                    _ = {|MM1001:Helper(work)|};
                }
            }
        """);

    [Fact]
    public Task Virtual_HandlerDeclaredByTheBase_IsReportedInTheOverride() => Check(
        """
            abstract class Handler { [RunsIn<SoftIrq>] public abstract Task OnEvent(Task work); }
            sealed class Wrong : Handler { public override async Task OnEvent(Task work) => {|MM1006:await work|}; }
            sealed class Right : Handler { public override Task OnEvent(Task work) => work; }
        """);

    [Fact]
    public Task Finally_LockStillHeld_IsReported() => Check(
        """
            async Task M(Task work)
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM1006:await work|};
                    _lock.Release();
                    await work;
                }
            }
        """);

    [Fact]
    public Task Declared_HandlerThatAwaits_IsReported() => Check(
        """
            [RunsIn<SoftIrq>]
            async void Wrong(Task work) => {|MM1006:await work|};

            async void Right(Task work) => await work;
        """);

    [Fact]
    public Task Lambda_AsyncAndDeferredToAContext_IsReportedInside() => Check(
        """
            void M(Task work)
            {
                Scheduler.OnTimer(async () => {|MM1006:await work|});
                Later(async () => await work);
            }

            [Trusted("primitive")]
            static void Later([Deferred] Action action) { }
        """);

    [Fact]
    public Task Lambda_TakesTheLockItself_IsReportedInside() => Check(
        """
            Func<Task, Task> M() => async work =>
            {
                _lock.Acquire();
                {|MM1006:await work|};
                _lock.Release();
                await work;
            };
        """);

    [Fact]
    public Task LocalFunction_TakesTheLockItself_IsReportedInside() => Check(
        """
            Task M(Task work)
            {
                return Inner();

                async Task Inner()
                {
                    _lock.Acquire();
                    {|MM1006:await work|};
                    _lock.Release();
                    await work;
                }
            }
        """);

    [Fact]
    public Task Nested_InnerContextLeft_OuterStillForbids() => Check(
        """
            async Task M(Task work)
            {
                Rcu.EnterRead();
                _lock.Acquire();
                {|MM1006:await work|};
                _lock.Release();
                {|MM1006:await work|};
                Rcu.ExitRead();
                await work;
            }
        """);

    [Fact]
    public Task Nested_BlockOfAUsingEnded_IsSilentBehindIt() => Check(
        """
            async Task M(Task work)
            {
                using (var latch = new Latch())
                {
                    {|MM1006:await work|};
                }

                await work;
            }

            [Scope<SpinLockHeld>]
            sealed class Latch : IDisposable { public void Dispose() { } }
        """);

    [Fact]
    public Task Nested_GuardDisposedByHand_IsSilentBehindIt() => Check(
        """
            async Task M(Task work)
            {
                var latch = new Latch();
                {|MM1006:await work|};
                latch.Dispose();
                await work;
            }

            [Scope<SpinLockHeld>]
            sealed class Latch : IDisposable { public void Dispose() { } }
        """);

    [Fact]
    public Task Recursion_AwaitingItselfUnderTheLock_IsReported() => Check(
        """
            async Task Wrong(int depth)
            {
                _lock.Acquire();
                if (depth > 0)
                {
                    {|MM1006:await {|MM2008:Wrong(depth - 1)|}|};
                }

                _lock.Release();
            }

            async Task Right(int depth)
            {
                _lock.Acquire();
                _count++;
                _lock.Release();
                if (depth > 0)
                {
                    await Right(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Promise_NeverSleepsAndAwaits_IsSilent() => Check(
        """
            [Never<Sleep>]
            async Task M(Task work) => await work;
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

    private static Task Check(string members) => new AnalyzerTest(
        ("Usings.cs", "global using System.Collections.Generic; global using System.Threading.Tasks;"),
        ("Case.cs", RuleCase.InClass(members))).CheckAsync();
}
