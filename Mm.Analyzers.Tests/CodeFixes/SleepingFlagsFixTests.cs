using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class SleepingFlagsFixTests
{
    private static readonly FixRun _run = new(new SleepingFlagsFix(), "MM1003");

    [Theory]
    [InlineData("Slab.Allocate(1, Gfp.Kernel);", "Slab.Allocate(1, Gfp.Atomic);")]
    [InlineData("Slab.Allocate(1, /* why */ Gfp.Kernel /* not */);", "Slab.Allocate(1, /* why */ Gfp.Atomic /* not */);")]
    [InlineData("Slab.Allocate(1, gfp: TestKernel.Gfp.NoFs);", "Slab.Allocate(1, gfp: TestKernel.Gfp.Atomic);")]
    [InlineData("Slab.Allocate(1, Gfp.Kernel | Gfp.Zeroed);", "Slab.Allocate(1, Gfp.Atomic | Gfp.Zeroed);")]
    [InlineData("Slab.Allocate(1, Gfp.MayBlock | Gfp.Zeroed);", "Slab.Allocate(1, Gfp.Zeroed);")]
    [InlineData("Slab.Allocate(1, Gfp.NoIo);", "Slab.Allocate(1, Gfp.NoWait);")]
    [InlineData("Slab.Allocate(1, Gfp.MayBlock);", "Slab.Allocate(1, Gfp.None);")]
    [InlineData("Slab.Allocate(1, (Gfp)3);", "Slab.Allocate(1, ((Gfp)3) & ~Gfp.MayBlock);")]
    [InlineData("Gfp gfp = Gfp.Kernel; Slab.Allocate(1, gfp);", "Gfp gfp = Gfp.Kernel; Slab.Allocate(1, gfp & ~Gfp.MayBlock);")]
    [InlineData("Helper(Gfp.Kernel, 1);", "Helper(Gfp.Atomic, 1);")]
    [InlineData("_ = new Piece(Gfp.Kernel);", "_ = new Piece(Gfp.Atomic);")]
    public Task Flags_ThatLetTheCalleeSleep_BecomeOnesThatDoNot(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("Net.Send(1, Msg.None);", "Net.Send(1, Msg.DontWait);")]
    [InlineData("Net.Send(1, Msg.More);", "Net.Send(1, Msg.More | Msg.DontWait);")]
    public Task Flags_WithoutTheBitThatRefuses_GetIt(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("Old.Allocate(Old.Wait | Old.Io);", "Old.Allocate(Old.Io);")]
    [InlineData("Old.Allocate(Old.Normal);", "Old.Allocate(Old.Urgent);")]
    public Task Constants_OfAClass_GiveWayToTheirLike(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Fact]
    public async Task Flags_OfBitsThatHaveNoName_AreLeftAlone() => Assert.Empty(await _run.OffersAsync(InMethod("Bare.Allocate(3);")));

    [Fact]
    public async Task Flags_ThatTheCalleeChoseItself_AreLeftAlone() => Assert.Empty(await _run.OffersAsync(InMethod("Omitted();")));

    [Fact]
    public async Task FixAll_InADocument_ChangesEach() => Assert.Equal(
        InMethod("Slab.Allocate(1, Gfp.Atomic);\n            Helper(Gfp.Atomic | Gfp.Zeroed, 2);"),
        await _run.AllAsync(InMethod("Slab.Allocate(1, Gfp.Kernel);\n            Helper(Gfp.Kernel | Gfp.Zeroed, 2);")));

    private static async Task CheckAsync(string statement, string @fixed) => Assert.Equal(InMethod(@fixed), await _run.FirstAsync(InMethod(statement)));

    private static string InMethod(string statements) =>
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }

            static void Helper(Gfp how, int size) => Slab.Allocate(size, how);
            static void Omitted(Gfp how = Gfp.Kernel) => Slab.Allocate(1, how);
        }

        sealed class Piece { public Piece(Gfp how) => Slab.Allocate(1, how); }

        [Flags] enum Msg { None = 0, More = 1, DontWait = 64 }

        static class Net
        {
            [Might<Sleep>(When = nameof(flags), HasNot = Msg.DontWait), Trusted("primitive")]
            public static void Send(int what, Msg flags) { }
        }

        static class Old
        {
            public const int Wait = 1, Io = 2, Reserve = 4, Normal = Wait | Io | 16, Urgent = Io | Reserve;

            [Might<Sleep>(When = nameof(flags), Has = Wait), Trusted("primitive")]
            public static void Allocate(int flags) { }
        }

        static class Bare
        {
            [Might<Sleep>(When = nameof(flags), Has = 1), Trusted("primitive")]
            public static void Allocate(int flags) { }
        }
        """;
}
