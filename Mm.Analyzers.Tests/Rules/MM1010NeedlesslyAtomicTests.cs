using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1010NeedlesslyAtomicTests
{
    [Fact]
    public Task Direct_InNoContext_IsReported() => Check(
        """
            public object? M() => {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};

            public object? Right() => Slab.Allocate(1, Gfp.Kernel);

            public object? Forwarded(Gfp gfp) => Slab.Allocate(1, gfp & ~Gfp.MayBlock);
        """);

    [Fact]
    public Task Direct_InAContext_IsSilent() => Check(
        """
            public object? Locked()
            {
                using (_lock.Hold())
                {
                    return Slab.Allocate(1, Gfp.Atomic);
                }
            }

            [RunsIn<SoftIrq>]
            public object? Handler() => Slab.Allocate(1, Gfp.Atomic);

            [Requires<SpinLockHeld>]
            public object? WithTheLock() => Slab.Allocate(1, Gfp.Atomic);

            [Never<Sleep>]
            public object? Promised() => Slab.Allocate(1, Gfp.Atomic);

            public object? Tested() => Preemption.IsOff ? Slab.Allocate(1, Gfp.Atomic) : Slab.Allocate(1, Gfp.Kernel);

            public object? OnSomePaths()
            {
                if (Ready())
                {
                    _lock.Acquire();
                    object? piece = Slab.Allocate(1, Gfp.Atomic);
                    _lock.Release();
                    return piece;
                }

                return {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};
            }
        """);

    [Fact]
    public Task Deep_CalledInAContextTwoCallsUp_IsSilent() => Check(
        """
            object? Needed() => Slab.Allocate(1, Gfp.Atomic);

            object? Between() => Needed();

            public object? Locked()
            {
                using (_lock.Hold())
                {
                    return Between();
                }
            }

            object? Needless() => {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};

            public object? Free() => Needless();
        """);

    [Fact]
    public Task Deep_EffectTwoCallsDown_IsReportedAtTheConstant() => Check(
        """
            static object? Node(Gfp gfp) => Slab.Allocate(1, gfp | Gfp.Zeroed);

            public object? M() => {|MM1010:Node(Gfp.Atomic)|};

            public object? Indifferent() => Ignoring(Gfp.Atomic);

            static object? Ignoring(Gfp gfp) => gfp == Gfp.Zeroed ? null : new object();
        """);

    [Fact]
    public Task Virtual_CalledThroughAnInterfaceUnderALock_IsSilent() => Check(
        """
            interface ISource { object? Get(); }

            class Source : ISource { public object? Get() => Slab.Allocate(1, Gfp.Atomic); }

            class Other { public object? Get() => {|MM1010:Slab.Allocate(1, Gfp.Atomic)|}; }

            object? M(ISource source)
            {
                using (_lock.Hold())
                {
                    return source.Get();
                }
            }
        """);

    [Fact]
    public Task Finally_BehindTheLock_IsReported() => Check(
        """
            public void M()
            {
                _lock.Acquire();
                try
                {
                    Slab.Allocate(1, Gfp.Atomic);
                }
                finally
                {
                    _lock.Release();
                    {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};
                }
            }
        """);

    [Fact]
    public Task Lambda_RunInAContext_IsSilent() => Check(
        """
            public void M()
            {
                Scheduler.OnTimer(() => Slab.Allocate(1, Gfp.Atomic));
                Action free = () => {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};
                free();
            }

            public void Locked()
            {
                Action held = () => Slab.Allocate(1, Gfp.Atomic);
                using (_lock.Hold())
                {
                    held();
                }
            }
        """);

    [Fact]
    public Task Recursion_EnteredUnderALock_IsSilent() => Check(
        """
            object? Walk(int depth) => depth == 0 ? Slab.Allocate(1, Gfp.Atomic) : Walk(depth - 1);

            public object? Locked()
            {
                using (_lock.Hold())
                {
                    return Walk(3);
                }
            }
        """);

    [Fact]
    public Task Generic_Method_IsReported() => Check(
        """
            public object? Get<T>(T key) => {|MM1010:Slab.Allocate(1, Gfp.NoWait)|};
        """);

    [Fact]
    public Task Rule_NotSwitchedOn_IsSilent() => RuleCase.CheckAsync(
        """
            public object? M() => Slab.Allocate(1, Gfp.Atomic);
        """);

    [Fact]
    public async Task Message_Needless_SaysWhatItCosts() => await Verifier.Verify(await Test(
        """
            public object? M() => {|MM1010:Slab.Allocate(1, Gfp.Atomic)|};
        """).RenderAsync());

    private static Task Check(string members) => Test(members).CheckAsync();

    private static AnalyzerTest Test(string members) =>
        new(RuleCase.InClass(members)) { Options = { ["dotnet_diagnostic.MM1010.severity"] = "warning" } };
}
