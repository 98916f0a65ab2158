using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Scale;

/// <summary>What .NET's members do is followed only where somebody forbids it: however that is written, it must be seen.</summary>
public class ForbiddenEffectsTests
{
    [Theory]
    [InlineData("using Mm.Contexts; [Forbids<Sleep>] struct Busy : IContext { }")]
    [InlineData("using Mm.Contexts; [Forbids(typeof(Sleep))] struct Busy : IContext { }")]
    [InlineData("[Mm.Contexts.Forbids<Mm.Contexts.Sleep>] struct Busy : Mm.Contexts.IContext { }")]
    [InlineData("using Mm.Contexts; using Nap = Mm.Contexts.Sleep; [Forbids<Nap>] struct Busy : IContext { }")]
    [InlineData("using Mm.Contexts; [Implies<PreemptOff>] struct Busy : IContext { }")]
    [InlineData("using Mm.Contexts; [Implies(typeof(RcuRead))] struct Busy : IContext { }")]
    [InlineData("using Mm.Contexts; using Held = Mm.Contexts.SpinLockHeld; [Implies<Held>] struct Busy : IContext { }")]
    public Task Sleeping_ForbiddenByAContext_IsFoundBehindAHelper(string context) => CheckAsync(context,
        """
        class Case
        {
            [Mm.Contexts.RunsIn<Busy>] void M() => {|MM1001:Helper()|};
            static void Helper() => System.Threading.Thread.Sleep(1);
        }
        """);

    [Fact]
    public Task Sleeping_UnderASpinLockOfDotNet_IsFoundBehindAHelper() => CheckAsync("",
        """
        class Case
        {
            System.Threading.SpinLock _lock;

            void M()
            {
                bool taken = false;
                _lock.Enter(ref taken);
                {|MM1001:Helper()|};
                _lock.Exit();
            }

            static void Helper() => System.Threading.Thread.Sleep(1);
        }
        """);

    [Fact]
    public Task Sleeping_ForbiddenByAPromise_IsFoundBehindAHelper() => CheckAsync("",
        """
        class Case
        {
            [Mm.Contexts.Never<Mm.Contexts.Sleep>] void M() => {|MM3003:Helper()|};
            static void Helper() => System.Threading.Thread.Sleep(1);
        }
        """);

    [Fact]
    public Task Sleeping_ForbiddenByALineOfAFile_IsFoundBehindAHelper() => new AnalyzerTest(
        """
        class Case
        {
            void M()
            {
                Begin();
                {|MM1001:Helper()|};
                End();
            }

            static void Begin() { }
            static void End() { }
            static void Helper() => System.Threading.Thread.Sleep(1);
        }
        """)
    {
        Kernel = Kernel.None,
        AdditionalFiles = { ["case.contexts.txt"] = "M:Case.Begin enters RcuRead\nM:Case.End leaves RcuRead\n" },
    }.CheckAsync();

    [Fact]
    public Task Sleeping_ThatNobodyForbids_LeavesOtherEffectsAlone() => CheckAsync(
        "using Mm.Contexts; struct Draw : IEffect { } [Forbids<Draw>] struct Busy : IContext { }",
        """
        class Case
        {
            [Mm.Contexts.RunsIn<Busy>]
            void M()
            {
                Wait();
                {|MM1005:Paint()|};
            }

            static void Wait() => System.Threading.Thread.Sleep(1);
            static void Paint() { Wait(); Primitive(); }
            [Mm.Contexts.Might<Draw>, Mm.Contexts.Trusted("primitive")] static void Primitive() { }
        }
        """);

    [Theory]
    [InlineData("using Mm.Contexts; [Forbids<SpinOnLock>] struct Busy : IContext { }")]
    [InlineData("using Mm.Contexts; [Implies<Nmi>] struct Busy : IContext { }")]
    public Task Spinning_ForbiddenByAContext_IsFoundBehindAHelper(string context) => CheckAsync(context,
        """
        class Case
        {
            [Mm.Contexts.RunsIn<Busy>] void M() => {|MM1005:Helper()|};
            static readonly System.Collections.Concurrent.ConcurrentBag<int> _bag = new();
            static void Helper() => _bag.Add(1);
        }
        """);

    private static Task CheckAsync(string context, string code) =>
        new AnalyzerTest(("Context.cs", context), ("Case.cs", code)) { Kernel = Kernel.None }.CheckAsync();
}
