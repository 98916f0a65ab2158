using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>
/// Results that a body happens to return. Of an annotated or virtual member they are no promise, so no branch on them is dead; of any
/// other member they are what it does.
/// </summary>
public class PromisedResultTests
{
    [Theory]
    [InlineData("[Might<Sleep>] int Start() => 0;", "Start() != 0")]
    [InlineData("[MustCheck] int Register(int id) => id;", "Register(4) < 0")]
    [InlineData("[MustCheck] int Register(int id) { if (id > 3) return -1; return 0; }", "Register(2) < 0")]
    [InlineData("[Never<Sleep>] bool Begin() => true;", "!Begin()")]
    [InlineData("[MustCheck] object? Find() => null;", "Find() is not null")]
    [InlineData("[Never<Sleep>] bool Begin(out int rest) { rest = 0; return true; }", "Begin(out int rest) && rest > 0")]
    [InlineData("protected virtual int Probe() => 0;", "Probe() != 0")]
    [InlineData("public interface IProbe { int Probe(); } class P : IProbe { public int Probe() => 0; } IProbe _probe = new P();", "_probe.Probe() != 0")]
    public Task Constant_OfAnAnnotatedOrVirtualMember_RulesNothingOut(string member, string condition) => RuleCase.CheckAsync(
        $"{member} void M() {{ if ({condition}) using (_lock.Hold()) {{|MM1001:Scheduler.Schedule()|}}; }}");

    [Theory]
    [InlineData("int Plain() => 0;", "Plain() != 0")]
    [InlineData("static bool IsEnabled() => false;", "IsEnabled()")]
    [InlineData("object? Nothing() => null;", "Nothing() is not null")]
    [InlineData("[Never<Sleep>] static bool Blocks(Gfp gfp) => (gfp & Gfp.MayBlock) != 0;", "Blocks(Gfp.Atomic)")]
    [InlineData("[Never<Sleep>] static bool Blocks(Gfp gfp) { if ((gfp & Gfp.MayBlock) != 0) return true; return false; }", "Blocks(Gfp.Atomic)")]
    public Task Constant_OfAPlainMember_OrConditionOnArguments_RulesTheOtherPathOut(string member, string condition) => RuleCase.CheckAsync(
        $"{member} void M() {{ if ({condition}) using (_lock.Hold()) Scheduler.Schedule(); }}");

    [Fact]
    public Task Flags_OfAnAnnotatedMember_AreFollowed() => RuleCase.CheckAsync(
        """
            [Never<Sleep>] static Gfp Without(Gfp gfp) => gfp & ~Gfp.MayBlock;

            [Never<Sleep>] static Gfp With(Gfp gfp) => gfp | Gfp.MayBlock;

            void M()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(8, Without(Gfp.Kernel));
                    {|MM1003:Slab.Allocate(8, With(Gfp.Atomic))|};
                }
            }
        """);

    [Fact]
    public Task Lock_OfAnAnnotatedMember_IsTheLockItReturns() => RuleCase.CheckAsync(
        """
            [Never<Sleep>] TicketLock Mine() => _lock;

            [Never<Sleep>] TicketLock Another() => _other;

            void M()
            {
                _lock.Acquire();
                {|MM2008:Mine().Acquire()|};
                Mine().Release();
                _lock.Release();
            }

            void Right()
            {
                _lock.Acquire();
                Another().Acquire();
                Another().Release();
                _lock.Release();
            }
        """);

    [Fact]
    public Task Family_OfAnAllocatorWithAnEmptyBody_IsItsOwn() => RuleCase.CheckAsync(
        """
            sealed class A; sealed class B;
            [return: OwnedBy<A>] static object? AllocateA() => null;
            static void FreeA([OwnedBy<A>] object? piece) { }
            static void FreeB([OwnedBy<B>] object? piece) { }

            void M()
            {
                var piece = AllocateA();
                {|MM4001:FreeB(piece)|};
                FreeA(AllocateA());
                if (piece != null) using (_lock.Hold()) {|MM1001:Scheduler.Schedule()|};
            }
        """);

    [Fact]
    public Task Change_OfAnAnnotatedMember_IsStillToldByItsResult() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            bool TryEnter()
            {
                if (!_lock.TryAcquire()) return false;
                {|MM2001:return true;|}
            }

            void M()
            {
                if (!TryEnter()) { Scheduler.Schedule(); return; }
                {|MM1001:Scheduler.Schedule()|};
                _lock.Release();
            }
        """);
}
