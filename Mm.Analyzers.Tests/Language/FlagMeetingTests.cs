using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags of which one path takes bits away and another does not: where the paths meet, they are still those of the caller.</summary>
public class FlagMeetingTests
{
    [Theory]
    [InlineData("again: Slab.Allocate(8, tried); if (tried != g) { tried = g; goto again; }")]
    [InlineData("again: Slab.Allocate(8, tried); if (_count > 0) { tried = g; goto again; }")]
    [InlineData("for (int i = 0; i < _count; i++) { Slab.Allocate(8, tried); tried = g; }")]
    [InlineData("while (_count-- > 0) { tried = _count > 3 ? g : g & ~Gfp.StartIo; } Slab.Allocate(8, tried);")]
    [InlineData("while (_count-- > 0) { tried &= ~Gfp.StartIo; Slab.Allocate(8, tried | (g & Gfp.MayBlock)); }")]
    [InlineData("tried = g; while (_count-- > 0) { tried |= Gfp.Zeroed; Slab.Allocate(8, tried); }")]
    [InlineData("tried = g; while (_count-- > 0) { tried = (tried | Gfp.Zeroed) & ~Gfp.StartIo; Slab.Allocate(8, tried); }")]
    [InlineData("while (_count-- > 0) { using (Interrupts.Off()) Slab.Allocate(8, tried); tried = g; }")]
    public Task Flags_OfALoopThatStartsWithFewer_AreTheCallersToTell(string body) => ValueCase.CheckAsync(
        "a second try with all flags",
        $$"""
        void Try(Gfp g)
        {
            Gfp tried = g & ~(Gfp.MayBlock | Gfp.StartIo);
            {{body}}
        }
        void M()
        {
            using (_lock.Hold())
            {
                Try(Gfp.Atomic);
                Try(Gfp.NoWait | Gfp.Zeroed);
                {|MM1003:Try(Gfp.Kernel)|};
                {|MM1003:Try(Gfp.NoIo)|};
            }
        }
        """);

    [Theory]
    [InlineData("while (_count-- > 0) { Slab.Allocate(8, tried); tried = g & ~Gfp.MayBlock; }")]
    [InlineData("while (_count-- > 0) { Slab.Allocate(8, tried); tried |= Gfp.Zeroed; }")]
    public Task Flags_OfALoopThatNeverAddsTheBit_DoNotHaveIt(string body) => ValueCase.CheckAsync(
        "never more than the first time",
        $$"""
        void Try(Gfp g)
        {
            Gfp tried = g & ~(Gfp.MayBlock | Gfp.StartIo);
            {{body}}
        }
        void M()
        {
            using (_lock.Hold()) Try(Gfp.Kernel);
        }
        """);

    [Theory]
    [InlineData("tried |= Gfp.MayBlock;")]
    [InlineData("tried = g | Gfp.MayBlock;")]
    public Task Flags_OfALoopThatAddsTheBit_HaveItForEveryCaller(string again) => ValueCase.CheckAsync(
        "more the second time",
        $$"""
        void Try(Gfp g)
        {
            Gfp tried = g & ~Gfp.StartIo;
            while (_count-- > 0) { Slab.Allocate(8, tried); {{again}} }
        }
        void M()
        {
            using (_lock.Hold()) {|MM1003:Try(Gfp.Atomic)|};
        }
        """);
}
