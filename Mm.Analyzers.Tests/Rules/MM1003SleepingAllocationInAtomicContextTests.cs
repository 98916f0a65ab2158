using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1003SleepingAllocationInAtomicContextTests
{
    [Theory]
    [InlineData("Gfp.Kernel")]
    [InlineData("Gfp.NoFs")]
    [InlineData("Gfp.NoIo | Gfp.Zeroed")]
    [InlineData("Gfp.MayBlock")]
    public Task Direct_FlagsThatMayBlock_IsReported(string flags) => RuleCase.CheckAsync(
        $$"""
            object? M()
            {
                using (_lock.Hold())
                {
                    return {|MM1003:Slab.Allocate(64, {{flags}})|};
                }
            }
        """);

    [Theory]
    [InlineData("static object? Make(bool wait) { if (wait) return Slab.Allocate(8, Gfp.Kernel); return null; }", "{|MM1003:Make(Ready())|}")]
    [InlineData("static object? Make(bool wait) => Slab.Allocate(8, wait ? Gfp.Kernel : Gfp.Atomic);", "{|MM1003:Make(Ready())|}")]
    [InlineData("static object? Make(int n) { if (n > 100) return Slab.Allocate(8, Gfp.Kernel); return null; }", "{|MM1003:Make(_count)|}")]
    [InlineData("static object? Make(object? o) { if (o == null) return Slab.Allocate(8, Gfp.Kernel); return null; }", "{|MM1003:Make(other)|}")]
    [InlineData("static object? Make(bool wait) { if (wait) return Slab.Allocate(8, Gfp.Kernel); return null; }", "Make(false)")]
    [InlineData("static object? Make(bool wait, Gfp gfp) { if (wait) return Slab.Allocate(8, gfp); return null; }", "{|MM1003:Make(Ready(), Gfp.Kernel)|}")]
    [InlineData("static object? Make(bool wait, Gfp gfp) { if (wait) return Slab.Allocate(8, gfp); return null; }", "Make(Ready(), Gfp.Atomic)")]
    public Task Constant_BehindABranchOfACallee_IsAPathOfTheBody(string callee, string call) => RuleCase.CheckAsync(
        $$"""
            {{callee}}

            object? M(object? other)
            {
                using (_lock.Hold())
                {
                    return {{call}};
                }
            }
        """);

    [Theory]
    [InlineData("Scheduler.Schedule(); Make(Gfp.Kernel);", "MM1001")]
    [InlineData("_mutex.Acquire(); _ = Make(Gfp.Kernel); _mutex.Release();", "MM1001")]
    [InlineData("Wait(); Slab.Allocate(8, Gfp.Kernel);", "MM1003")]
    [InlineData("Make(Gfp.Kernel); Wait();", "MM1003")]
    [InlineData("Make(Gfp.Atomic); Wait();", "MM1001")]
    public Task Callee_ThatAlsoSleepsWhateverTheFlags_IsJudgedByTheShorterWay(string body, string rule) => RuleCase.CheckAsync(
        $$"""
            static object? Make(Gfp gfp) => Slab.Allocate(8, gfp);
            static void Wait() => Scheduler.Schedule();

            void Both() { {{body}} }

            void M()
            {
                using (_lock.Hold()) {|{{rule}}:Both()|};
            }
        """);

    [Fact]
    public Task OwnFlags_BehindABranch_AreReportedAtTheCallerThatPassesThem() => RuleCase.CheckAsync(
        """
            object? Make(bool wait, Gfp gfp)
            {
                using (_lock.Hold())
                {
                    return wait ? Slab.Allocate(8, gfp) : null;
                }
            }

            object? Wrong() => {|MM1003:Make(Ready(), Gfp.Kernel)|};

            object? Right() => Make(Ready(), Gfp.Atomic);
        """);

    [Theory]
    [InlineData("Gfp.Atomic")]
    [InlineData("Gfp.NoWait | Gfp.Zeroed")]
    [InlineData("Gfp.None")]
    [InlineData("Gfp.Kernel & ~Gfp.MayBlock")]
    public Task Direct_FlagsThatDoNotBlock_IsSilent(string flags) => RuleCase.CheckAsync(
        $$"""
            object? M()
            {
                using (_lock.Hold())
                {
                    return Slab.Allocate(64, {{flags}});
                }
            }
        """);

    [Fact]
    public Task Direct_OutsideTheLock_IsSilent() => RuleCase.CheckAsync(
        """
            object? M()
            {
                object? piece = Slab.Allocate(64, Gfp.Kernel);
                using (_lock.Hold())
                {
                    _count++;
                }

                return piece;
            }
        """);

    [Fact]
    public Task Direct_PlainSleepUnderTheSameLock_IsTheOtherRule() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:PageAllocator.AllocatePages(Gfp.Kernel, 0)|};
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
        """);

    [Fact]
    public Task Deep_ConstantInTheHelper_IsReportedAtTheCall() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Grow()|};
                    GrowAtomic();
                }
            }

            void Grow() => Refill();

            void Refill() => Slab.Allocate(64, Gfp.Kernel);

            void GrowAtomic() => Slab.Allocate(64, Gfp.Atomic);
        """);

    [Fact]
    public Task Deep_FlagsPassedThroughTwoCalls_AreJudgedByTheirValue() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Grow(Gfp.Kernel)|};
                    Grow(Gfp.Atomic);
                }

                Grow(Gfp.Kernel);
            }

            void Grow(Gfp gfp) => Refill(gfp | Gfp.Zeroed);

            void Refill(Gfp gfp) => Slab.Allocate(64, gfp);
        """);

    [Fact]
    public Task Deep_LockOfTheHelperItself_IsReportedAtTheCallerThatLetsItSleep() => RuleCase.CheckAsync(
        """
            void M()
            {
                {|MM1003:Insert(Gfp.Kernel)|};
                Insert(Gfp.Atomic);
            }

            void Insert(Gfp gfp)
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, gfp);
                }
            }
        """);

    [Fact]
    public Task Branch_OnTheFlags_LeavesOnlyTheSleepingPath() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Take(Gfp.Kernel)|};
                    Take(Gfp.Atomic);
                }
            }

            void Take(Gfp gfp)
            {
                if ((gfp & Gfp.MayBlock) != 0)
                {
                    PageAllocator.AllocatePages(gfp, 0);
                }
            }
        """);

    [Fact]
    public Task Virtual_FlagsThroughAnInterface_AreJudgedByTheirValue() => RuleCase.CheckAsync(
        """
            interface IPool { void Refill(Gfp gfp); }
            sealed class SlabPool : IPool { public void Refill(Gfp gfp) => Slab.Allocate(64, gfp); }

            void M(IPool pool)
            {
                using (_lock.Hold())
                {
                    {|MM1003:pool.Refill(Gfp.Kernel)|};
                    pool.Refill(Gfp.Atomic);
                }
            }
        """);

    [Fact]
    public Task Finally_UnderTheLock_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM1003:Slab.Allocate(64, Gfp.Kernel)|};
                    Slab.Allocate(64, Gfp.Atomic);
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedUnderTheLock_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action sleeping = () => Slab.Allocate(64, Gfp.Kernel);
                Action atomic = () => Slab.Allocate(64, Gfp.Atomic);
                using (_lock.Hold())
                {
                    {|MM1003:sleeping()|};
                    atomic();
                }
            }
        """);

    [Fact]
    public Task Recursion_CarryingTheFlags_IsJudgedByTheirValue() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Fill(3, Gfp.Kernel)|};
                    Fill(3, Gfp.Atomic);
                }
            }

            void Fill(int depth, Gfp gfp)
            {
                if (depth > 0)
                {
                    Slab.Allocate(64, gfp);
                    Fill(depth - 1, gfp);
                }
            }
        """);

    [Fact]
    public Task Generic_FlagsPassedOn_AreJudgedByTheirValue() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Make<string>(Gfp.Kernel)|};
                    Make<string>(Gfp.Atomic);
                }
            }

            static T? Make<T>(Gfp gfp)
                where T : class => Slab.Allocate(8, gfp) as T;
        """);

    [Fact]
    public async Task Message_DirectAndDeep_NamesTheFlag() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Slab.Allocate(64, Gfp.Kernel)|};
                    {|MM1003:Grow(Gfp.NoIo)|};
                }
            }

            void Grow(Gfp gfp) => PageAllocator.AllocatePages(gfp, 0);
        """));

    [Fact]
    public Task Flags_OutOfADictionary_AreNotJudged() => RuleCase.CheckAsync(
        """
            readonly System.Collections.Generic.Dictionary<int, Gfp> _flags = new();

            static bool Find(int key, out Gfp gfp)
            {
                gfp = key > 3 ? Gfp.Kernel : Gfp.Atomic;
                return key > 0;
            }

            void M(int key)
            {
                using (_lock.Hold())
                {
                    if (_flags.TryGetValue(key, out var kept)) Slab.Allocate(8, kept);
                    if (Find(key, out var chosen)) {|MM1003:Slab.Allocate(8, chosen)|};
                }
            }
        """);
}
