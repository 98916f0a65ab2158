using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class DeclareInferredFixTests
{
    [Theory]
    [InlineData("public void M() => Scheduler.Schedule();", "[Might<Sleep>]")]
    [InlineData("public void M() { Scheduler.Schedule(); UserMemory.Touch(1); }", "[Might<Fault>, Might<Sleep>]")]
    [InlineData("public object? M(Gfp how) => Slab.Allocate(1, how);", "[Might<Sleep>(When = nameof(how), Has = Gfp.MayBlock)]")]
    [InlineData("public void M(bool @if) { if (@if) Scheduler.Schedule(); }", "[Might<Sleep>(When = nameof(@if), Is = true)]")]
    [InlineData("public void M(int n) { if (n != 0) Scheduler.Schedule(); }", "[Might<Sleep>(When = nameof(n), IsNot = 0)]")]
    [InlineData("public void M() { using (_lock.HoldIrq()) { } }", "[ForbiddenIn<IrqOff>]")]
    [InlineData("public int P => Wait();", "[Might<Sleep>]")]
    [InlineData("public Case() => Scheduler.Schedule();", "[Might<Allocate>, Might<Sleep>]")]
    public async Task VisibleMember_WithInferredEffects_SaysThem(string member, string attributes)
    {
        Assert.Equal(
            InClass($"/// <summary>Docs.</summary>\n    {attributes}\n    {member}"),
            await new FixRun(new DeclareInferredFix(), "MM3007").FirstAsync(InClass($"/// <summary>Docs.</summary>\n    {member}")));
    }

    [Theory]
    [InlineData("[System.Obsolete]\n    public void M() => Scheduler.Schedule();", "[System.Obsolete]\n    [Might<Sleep>]\n    public void M() => Scheduler.Schedule();")]
    [InlineData("[System.Obsolete] public void M() => Scheduler.Schedule();", "[System.Obsolete] [Might<Sleep>] public void M() => Scheduler.Schedule();")]
    [InlineData("public int P\n    {\n        get => Wait();\n    }", "public int P\n    {\n        [Might<Sleep>]\n        get => Wait();\n    }")]
    [InlineData("public int P { get => Wait(); }", "public int P { [Might<Sleep>] get => Wait(); }")]
    public async Task Attributes_BesideOthers_GoWhereAPersonWouldPutThem(string member, string @fixed) =>
        Assert.Equal(InClass(@fixed), await new FixRun(new DeclareInferredFix(), "MM3007").FirstAsync(InClass(member)));

    [Fact]
    public async Task Member_InAFileWithoutTheVocabulary_GetsADirective() => Assert.Equal(
        """
        // A header.
        using System.Threading;
        using Mm.Contexts;
        using Zebra;

        namespace Zebra
        {
            public class Case
            {
                [Might<Sleep>]
                public void M() => Thread.Sleep(10);
            }
        }

        namespace Elsewhere
        {
            class Used { [Mm.Contexts.Never<Mm.Contexts.Sleep>] void M() { } }
        }
        """,
        await new FixRun(new DeclareInferredFix(), "MM3007") { WithoutKernel = true }.FirstAsync(
            """
            // A header.
            using System.Threading;
            using Zebra;

            namespace Zebra
            {
                public class Case
                {
                    public void M() => Thread.Sleep(10);
                }
            }

            namespace Elsewhere
            {
                class Used { [Mm.Contexts.Never<Mm.Contexts.Sleep>] void M() { } }
            }
            """));

    [Fact]
    public async Task Member_InAFileWithoutDirectives_GetsTheFirst() => Assert.Equal(
        "// A header.\nusing Mm.Contexts;\n\npublic class Case\n{\n    [Might<Sleep>]\n    public void M() => System.Threading.Thread.Sleep(10);\n    [Mm.Contexts.Never<Mm.Contexts.Sleep>] void N() { }\n}\n",
        await new FixRun(new DeclareInferredFix(), "MM3007") { WithoutKernel = true }.FirstAsync(
            "// A header.\npublic class Case\n{\n    public void M() => System.Threading.Thread.Sleep(10);\n    [Mm.Contexts.Never<Mm.Contexts.Sleep>] void N() { }\n}\n"));

    [Fact]
    public async Task Member_BeforeGenericAttributes_GetsTheTwin() => Assert.Equal(
        """
        using System.Threading;
        using Mm.Contexts;

        [assembly: Never(typeof(Fault))]

        public class Case
        {
            [Might(typeof(Sleep), When = nameof(n), IsNot = 0)]
            public void M(int n) { if (n != 0) Thread.Sleep(10); }
        }
        """,
        await new FixRun(new DeclareInferredFix(), "MM3007") { WithoutKernel = true, Version = LanguageVersion.CSharp9 }.FirstAsync(
            """
            using System.Threading;
            using Mm.Contexts;

            [assembly: Never(typeof(Fault))]

            public class Case
            {
                public void M(int n) { if (n != 0) Thread.Sleep(10); }
            }
            """));

    [Theory]
    [InlineData("void M()\n    {\n        _ = Preemption.CurrentCpu;\n    }", "[Requires<PreemptOff>]\n    void M()\n    {\n        _ = Preemption.CurrentCpu;\n    }")]
    [InlineData("int P { get => Preemption.CurrentCpu; }", "int P { [Requires<PreemptOff>] get => Preemption.CurrentCpu; }")]
    [InlineData("void M() { _ = Preemption.CurrentCpu; _ = Preemption.CurrentCpu; }", "[Requires<PreemptOff>]\n    void M() { _ = Preemption.CurrentCpu; _ = Preemption.CurrentCpu; }")]
    public async Task Helper_ThatNeedsAContext_AsksForIt(string member, string @fixed) =>
        Assert.Equal(InClass(@fixed), await new FixRun(new DeclareInferredFix(), "MM1008").AllAsync(InClass(member)));

    [Theory]
    [InlineData("class D : System.IDisposable { public void Dispose() { _ = Preemption.CurrentCpu; } }")]  // must not ask for more than its interface
    [InlineData("int P => Preemption.CurrentCpu;")]                                                           // a property can carry no requirement
    [InlineData("static readonly int s_cpu = Preemption.CurrentCpu;")]                                     // nobody calls it
    public async Task Member_ThatCannotAsk_IsLeftAlone(string member) =>
        Assert.Empty(await new FixRun(new DeclareInferredFix(), "MM1008").OffersAsync(InClass(member)));

    [Theory]
    [InlineData("MM2001", "void Lock() => _lock.Acquire();", "[Enters<SpinLockHeld>]")]
    [InlineData("MM2001", "void Lock() { _lock.AcquireIrqSave(); }", "[Enters<IrqOff>, Enters<SpinLockHeld>]")]
    [InlineData("MM2001", "bool TryLock() { if (!_lock.TryAcquire()) return false; return true; }", "[return: Enters<SpinLockHeld>]")]
    [InlineData("MM2002", "void Unlock() => _lock.Release();", "[Leaves<SpinLockHeld>]")]
    public async Task Helper_ThatEntersOrLeavesOnEveryPath_SaysSo(string id, string member, string attribute) =>
        Assert.Equal(InClass($"{attribute}\n    {member}"), await new FixRun(new DeclareInferredFix(), id).AllAsync(InClass(member)));

    [Fact]
    public async Task Helper_ThatForgetsToLeaveOnOnePath_IsLeftAlone() => Assert.Empty(await new FixRun(new DeclareInferredFix(), "MM2001").OffersAsync(
        InClass("void M(int n) { _lock.Acquire(); if (n > 0) return; _lock.Release(); }")));

    [Theory]
    [InlineData("void Run(System.Action work) => Later(work);", "void Run([Never<Sleep>] System.Action work) => Later(work);")]
    [InlineData("public System.Action? Work;\n    void Run() => Later(Work!);", "[Never<Sleep>]\n    public System.Action? Work;\n    void Run() => Later(Work!);")]
    public async Task Place_WhoseDelegateGoesToAPromise_MakesThePromise(string member, string @fixed) =>
        Assert.Equal(InClass(@fixed), await new FixRun(new DeclareInferredFix(), "MM3002").FirstAsync(InClass(member)));

    [Fact]
    public async Task Lambda_ThatBreaksThePromise_IsLeftAlone() =>
        Assert.Empty(await new FixRun(new DeclareInferredFix(), "MM3002").OffersAsync(InClass("void Run() => Later(() => Scheduler.Schedule());")));

    [Theory]
    [InlineData(FixAllScope.Document)]
    [InlineData(FixAllScope.Project)]
    [InlineData(FixAllScope.Solution)]
    public async Task FixAll_OfSeveralMembers_SaysEach(FixAllScope scope) => Assert.Equal(
        InClass("[Might<Sleep>]\n    public void M() => Scheduler.Schedule();\n\n    [Enters<SpinLockHeld>]\n    public void L() => _lock.Acquire();\n\n    [Might<Sleep>]\n    public int P => Wait();"),
        await new FixRun(new DeclareInferredFix(), "MM3007").AllAsync(
            InClass("public void M() => Scheduler.Schedule();\n\n    public void L() => _lock.Acquire();\n\n    public int P => Wait();"), scope: scope));

    [Fact]
    public async Task GenericMarker_IsSpelledWithItsArguments()
    {
        const string markers =
            """

            public sealed class Disk;
            public readonly struct Touches<T> : IEffect;
            public static class Seeker { [Might<Touches<Disk>>, Trusted("seeks")] public static void Seek() { } }
            """;
        Assert.Contains(
            "[Might<Touches<Disk>>] public static void M()",
            await new FixRun(new DeclareInferredFix(), "MM3007").FirstAsync("using Mm.Contexts;\npublic static class Case { public static void M() => Seeker.Seek(); }" + markers));
    }

    private static string InClass(string member) =>
        $$"""
        public class Case
        {
            readonly TicketLock _lock = new();

            {{member}}

            static int Wait() { Scheduler.Schedule(); return 0; }
            static void Later([Never<Sleep>] System.Action work) => work();
        }
        """;
}
