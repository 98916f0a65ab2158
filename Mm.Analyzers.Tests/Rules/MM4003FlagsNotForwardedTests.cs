using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM4003FlagsNotForwardedTests
{
    [Theory]
    [InlineData("Gfp.Kernel")]
    [InlineData("Gfp.NoIo | Gfp.Zeroed")]
    [InlineData("Gfp.MayBlock")]
    [InlineData("Fixed")]
    public Task Direct_ConstantThatAllowsMore_IsReported(string flags) => RuleCase.CheckAsync(
        $$"""
            static readonly Gfp Fixed = Gfp.Kernel;

            object? M(int size, Gfp gfp) => {|MM4003:Slab.Allocate(size, {{flags}})|};
        """);

    [Theory]
    [InlineData("gfp")]
    [InlineData("gfp | Gfp.Zeroed")]
    [InlineData("gfp & ~Gfp.StartIo")]
    [InlineData("Gfp.Kernel & gfp")]
    [InlineData("Gfp.Atomic")]
    [InlineData("Gfp.NoWait")]
    [InlineData("Gfp.None")]
    [InlineData("_kept")]
    public Task Direct_DerivedStricterOrUnknown_IsSilent(string flags) => RuleCase.CheckAsync(
        $$"""
            Gfp _kept = Gfp.Kernel;

            object? M(int size, Gfp gfp) => Slab.Allocate(size, {{flags}});
        """);

    [Fact]
    public Task Direct_NoFlagsParameterOfThatType_IsSilent() => RuleCase.CheckAsync(
        """
            object? None(int size) => Slab.Allocate(size, Gfp.Kernel);

            object? Other(DayOfWeek day) => Slab.Allocate((int)day, Gfp.Kernel);

            object? Out(out Gfp gfp)
            {
                gfp = Gfp.Kernel;
                return Slab.Allocate(1, Gfp.Kernel);
            }
        """);

    [Fact]
    public Task Deep_EffectTwoCallsDown_IsReportedAtTheConstant() => RuleCase.CheckAsync(
        """
            bool Hold(Gfp gfp) => {|MM4003:Node(Gfp.Kernel)|} != null;

            bool Forwarded(Gfp gfp) => Node(gfp) != null;

            static object? Node(Gfp gfp) => Inner(gfp | Gfp.Zeroed);

            static object? Inner(Gfp gfp) => Slab.Allocate(64, gfp);
        """);

    [Fact]
    public Task Deep_CalleeWhoseEffectHangsOnNothing_IsSilent() => RuleCase.CheckAsync(
        """
            object? M(Gfp gfp) => Ignoring(Gfp.Kernel);

            static object? Ignoring(Gfp gfp) => gfp == Gfp.Zeroed ? null : new object();
        """);

    [Fact]
    public Task Local_HoldsTheConstant_IsReported() => RuleCase.CheckAsync(
        """
            object? M(Gfp gfp)
            {
                var flags = Gfp.Kernel;
                return {|MM4003:Slab.Allocate(1, flags)|};
            }

            object? Overwritten(Gfp gfp)
            {
                gfp = Gfp.Kernel;
                return {|MM4003:Slab.Allocate(1, gfp)|};
            }

            object? Chosen(Gfp gfp, bool big) => {|MM4003:Slab.Allocate(1, big ? Gfp.Kernel : Gfp.Atomic)|};

            object? Derived(Gfp gfp)
            {
                var flags = gfp;
                flags |= Gfp.Zeroed;
                return Slab.Allocate(1, flags);
            }
        """);

    [Fact]
    public Task Default_ArgumentLeftOut_IsReported() => RuleCase.CheckAsync(
        """
            static object? Node(int size, Gfp gfp = Gfp.Kernel) => Slab.Allocate(size, gfp);

            object? M(Gfp gfp) => {|MM4003:Node(1)|};

            object? Right(Gfp gfp) => Node(1, gfp);
        """);

    [Fact]
    public Task Branch_OnTheOwnFlags_HasAsked() => RuleCase.CheckAsync(
        """
            object? Bits(Gfp gfp) => (gfp & Gfp.MayBlock) != 0 ? Slab.Allocate(1, Gfp.Kernel) : Slab.Allocate(1, Gfp.Atomic);

            object? HasFlag(Gfp gfp) => gfp.HasFlag(Gfp.MayBlock) ? Slab.Allocate(1, Gfp.Kernel) : null;

            object? Value(Gfp gfp) => Slab.Allocate(1, gfp == Gfp.Atomic ? Gfp.Atomic : Gfp.Kernel);

            object? Unrelated(Gfp gfp) => (gfp & Gfp.Zeroed) != 0 ? {|MM4003:Slab.Allocate(1, Gfp.Kernel)|} : null;
        """);

    [Fact]
    public Task Virtual_CallThroughAnInterface_IsReported() => RuleCase.CheckAsync(
        """
            interface IAllocator { object? Get(Gfp gfp); }

            class Right : IAllocator { public object? Get(Gfp gfp) => Slab.Allocate(1, gfp); }

            class Wrong : IAllocator { public object? Get(Gfp gfp) => {|MM4003:Slab.Allocate(1, Gfp.Kernel)|}; }

            object? M(IAllocator allocator, Gfp gfp) => {|MM4003:allocator.Get(Gfp.MayBlock)|};
        """);

    [Fact]
    public Task Finally_ConstantThere_IsReportedOnce() => RuleCase.CheckAsync(
        """
            void M(Gfp gfp)
            {
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM4003:Slab.Allocate(1, Gfp.Kernel)|};
                }
            }

            void Right(Gfp gfp)
            {
                try
                {
                    _count++;
                }
                finally
                {
                    Slab.Allocate(1, gfp);
                }
            }
        """);

    [Fact]
    public Task Lambda_RunsOnBehalfOfTheCaller_UnlessDeferred() => RuleCase.CheckAsync(
        """
            void M(Gfp gfp)
            {
                Action now = () => {|MM4003:Slab.Allocate(1, Gfp.Kernel)|};
                now();
                Local();

                void Local() => {|MM4003:Slab.Allocate(1, Gfp.Kernel)|};
            }

            void Later(Gfp gfp) => System.Threading.Tasks.Task.Run(() => Slab.Allocate(1, Gfp.Kernel));
        """);

    [Fact]
    public Task Recursion_ConstantForTheNextLevel_IsReported() => RuleCase.CheckAsync(
        """
            static object? Walk(int depth, Gfp gfp) => depth == 0 ? Slab.Allocate(1, gfp) : {|MM4003:Walk(depth - 1, Gfp.Kernel)|};

            static object? Right(int depth, Gfp gfp) => depth == 0 ? Slab.Allocate(1, gfp) : Right(depth - 1, gfp);
        """);

    [Fact]
    public Task Generic_MethodWithFlags_IsReported() => RuleCase.CheckAsync(
        """
            static object? Node<T>(T key, Gfp gfp) => Slab.Allocate(1, gfp);

            object? M<T>(T key, Gfp gfp) => {|MM4003:Node(key, Gfp.Kernel)|};

            object? Right<T>(T key, Gfp gfp) => Node(key, gfp);
        """);

    [Fact]
    public Task Several_FlagsParameters_AnyOfThemWillDo() => RuleCase.CheckAsync(
        """
            object? M(Gfp first, Gfp second) => {|MM4003:Slab.Allocate(1, Gfp.Kernel)|};

            object? Right(Gfp first, Gfp second) => Slab.Allocate(1, second);
        """);

    [Fact]
    public Task Constructor_ChainedConstant_IsReported() => RuleCase.CheckAsync(
        """
            class Node
            {
                public Node(Gfp gfp) => Slab.Allocate(1, gfp);

                public Node(string name, Gfp gfp)
                    {|MM4003:: this(Gfp.Kernel)|}
                {
                }

                public Node(int size, Gfp gfp)
                    : this(gfp)
                {
                }
            }
        """);

    [Fact]
    public Task UnderALock_OrAPromise_TheStricterRuleSpeaks() => RuleCase.CheckAsync(
        """
            object? Locked(Gfp gfp)
            {
                using (_lock.Hold())
                {
                    return {|MM1003:Slab.Allocate(1, Gfp.Kernel)|};
                }
            }

            [Never<Sleep>]
            object? Promised(Gfp gfp) => {|MM3003:Slab.Allocate(1, Gfp.Kernel)|};
        """);

    [Fact]
    public async Task Message_ReplacedTwoCallsAbove_NamesEffectAndParameter() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            object? Direct(Gfp gfp) => {|MM4003:Slab.Allocate(1, Gfp.Kernel)|};

            object? Deep(Gfp gfp) => {|MM4003:Node(Gfp.Kernel)|};

            static object? Node(Gfp gfp) => Slab.Allocate(64, gfp);
        """));
}
