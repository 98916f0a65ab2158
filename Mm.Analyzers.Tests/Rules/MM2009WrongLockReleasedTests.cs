using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM2009WrongLockReleasedTests
{
    [Fact]
    public Task Direct_AnotherLockIsReleased_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                _count++;
                {|MM2009:_other.Release()|};
            }

            void Right()
            {
                _lock.Acquire();
                _count++;
                _lock.Release();
            }
        """);

    [Theory]
    [InlineData("_outer.Take(); _count++; _outer.Give();")]
    [InlineData("_outer.Take(); _outer.Inner.Release();")]
    [InlineData("_outer.Take(); {|MM2009:_other.Release()|};")]
    [InlineData("_lock.Acquire(); {|MM2009:_outer.Give()|};")]
    public Task Wrapper_AroundALock_IsTheLockInIt(string statements) => RuleCase.CheckAsync(
        $$"""
            sealed class Outer
            {
                public readonly TicketLock Inner = new();
                [Enters<SpinLockHeld>] public void Take() => Inner.Acquire();
                [Leaves<SpinLockHeld>, Trusted("primitive")] public void Give() { }
            }

            readonly Outer _outer = new();
            void M() { {{statements}} }
        """);

    [Theory]
    [InlineData("var section = new Section(_lock); _count++; section.End();")]
    [InlineData("_lock.Acquire(); _section.End();")]
    [InlineData("_lock.Acquire(); {|MM2009:_own.End()|};")]
    [InlineData("_lock.Acquire(); {|MM2009:_other.Release()|};")]
    public Task Section_ThatWasGivenALock_MayReleaseThatOne(string statements) => RuleCase.CheckAsync(
        $$"""
            sealed class Section
            {
                readonly TicketLock _kept;
                public Section(TicketLock kept) { _kept = kept; kept.Acquire(); {|MM2001:}|}
                public void End() => {|MM2002:_kept.Release()|};
            }

            sealed class Own { readonly TicketLock _made = new(); public void End() => {|MM2002:_made.Release()|}; }
            readonly Section _section;
            readonly Own _own = new();
            Case(Section section) => _section = section;
            void M() { {{statements}} }
        """);

    [Fact]
    public Task Direct_ReleasedInAnyOrder_IsSilent() => RuleCase.CheckAsync(
        """
            void Right()
            {
                _lock.Acquire();
                _other.Acquire();
                _lock.Release();
                _other.Release();
            }

            void Wrong()
            {
                _lock.Acquire();
                _other.Acquire();
                _other.Release();
                {|MM2009:_other.Release()|};
            }
        """);

    [Fact]
    public Task Direct_UnderAGuard_IsOneReport() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                using (_lock.Hold())
                {
                    {|MM2009:_other.Release()|};
                }
            }

            void Right()
            {
                using (_lock.Hold())
                {
                    _lock.Release();
                    _lock.Acquire();
                }
            }
        """);

    [Fact]
    public Task Direct_WhatMayBeOneLock_IsSilent() => RuleCase.CheckAsync(
        """
            void ParameterAndField(TicketLock one)
            {
                one.Acquire();
                _lock.Release();
            }

            void TwoFieldsOfThem(Case one)
            {
                one._lock.Acquire();
                {|MM2009:_other.Release()|};
            }

            void TwoNewOnes()
            {
                TicketLock left = new(), right = new();
                left.Acquire();
                {|MM2009:right.Release()|};
            }

            void Elements(TicketLock[] locks, int i)
            {
                locks[i].Acquire();
                locks[i + 1].Acquire();
                locks[i].Release();
                locks[i + 1].Release();
            }
        """);

    [Fact]
    public Task Direct_LockOfTheCaller_IsUnknown() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>]
            void Right()
            {
                _lock.Release();
                Scheduler.Schedule();
                _lock.Acquire();
            }

            [Leaves<SpinLockHeld>]
            void End() => _lock.Release();

            void NothingHeld()
            {
                {|MM2002:_lock.Release()|};
            }
        """);

    [Fact]
    public Task Direct_SameConditionTwice_IsSilent() => RuleCase.CheckAsync(
        """
            void Right(bool first)
            {
                if (first) _lock.Acquire(); else _other.Acquire();
                _count++;
                if (first) _lock.Release(); else _other.Release();
            }

            void Tried()
            {
                if (!_lock.TryAcquire()) return;
                {|MM2009:_other.Release()|};
            }
        """);

    [Fact]
    public Task Deep_WrappersThatTakeAndGive_AreSeenThrough() => RuleCase.CheckAsync(
        """
            [Enters<SpinLockHeld>] void Begin() => _lock.Acquire();
            [Leaves<SpinLockHeld>] void End() => _lock.Release();
            void GiveOther() => {|MM2002:_other.Release()|};

            void Right()
            {
                Begin();
                _lock.Release();
                _lock.Acquire();
                End();
            }

            void Wrong()
            {
                Begin();
                {|MM2009:_other.Release()|};
                _lock.Acquire();
                {|MM2009:GiveOther()|};
            }
        """);

    [Fact]
    public Task Finally_ReleasesAnother_IsReported() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM2009:_other.Release()|};
                }
            }

            void Right()
            {
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    _lock.Release();
                }
            }
        """);

    [Fact]
    public Task Lambda_ReleasesAnother_IsReportedInside() => RuleCase.CheckAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                Give();
                _count++;

                void Give() => _lock.Release();
            }

            void AnotherOne()
            {
                _lock.Acquire();
                {|MM2009:Give()|};

                void Give() => _other.Release();
            }
        """);

    [Fact]
    public Task Direct_TheLockOfAnotherObject_IsReportedWhereBothHaveNamesForGood() => RuleCase.CheckAsync(
        """
            sealed class Node { public readonly TicketLock Lock = new(); }

            readonly Node _first = new(), _second = new();
            Node _last = new();

            void Wrong() { _first.Lock.Acquire(); {|MM2009:_second.Lock.Release()|}; }
            void Moved() { _first.Lock.Acquire(); _last.Lock.Release(); }
            void Right() { _first.Lock.Acquire(); _second.Lock.Acquire(); _second.Lock.Release(); _first.Lock.Release(); }
        """);

    private const string Nodes =
        """
            sealed class Node
            {
                public readonly TicketLock Lock = new();
                public TicketLock Own { get; } = new();
                public readonly TicketLock Given;
                public TicketLock Any = new();
                public Node? Next;

                public Node(TicketLock given) => Given = given;

                public void Take() {|MM2001:=> Lock.Acquire()|};
                public void Give() => {|MM2002:Lock.Release()|};
                public void Wrong(Node other) { Lock.Acquire(); {|MM2009:other.Lock.Release()|}; }
                public void Right(Node other) { Lock.Acquire(); other.Lock.Acquire(); Lock.Release(); other.Lock.Release(); }
            }

        """;

    [Theory]
    [InlineData("n.Lock.Acquire(); {|MM2009:m.Lock.Release()|};")]
    [InlineData("n.Own.Acquire(); {|MM2009:m.Own.Release()|};")]
    [InlineData("n.Take(); {|MM2009:m.Give()|};")]
    [InlineData("one.Acquire(); {|MM2009:two.Release()|};")]
    [InlineData("if (n == m) return; n.Lock.Acquire(); {|MM2009:m.Lock.Release()|};")]
    [InlineData("if (ReferenceEquals(n, m)) return; n.Lock.Acquire(); {|MM2009:m.Lock.Release()|};")]
    [InlineData("if (b) n.Lock.Acquire(); else n.Lock.Acquire(); {|MM2009:m.Lock.Release()|};")]
    [InlineData("n.Lock.Acquire(); m.Lock.Acquire(); n.Lock.Release(); {|MM2009:n.Lock.Release()|};")]
    public Task Parameters_NothingSaysThatTheyAreOne_AreTwoObjects(string statements) => CheckNodesAsync(statements);

    [Theory]
    [InlineData("Node x = new(one), y = new(one); x.Lock.Acquire(); {|MM2009:y.Lock.Release()|};")]
    [InlineData("Node x = new(one), y = x; x.Lock.Acquire(); y.Lock.Release();")]
    [InlineData("Node x = new(one), y = new(one); x.Given.Acquire(); y.Given.Release();")]
    [InlineData("Node x = new(one), y = b ? x : new(one); x.Lock.Acquire(); y.Lock.Release();")]
    public Task Objects_MadeHere_AreTwo(string statements) => CheckNodesAsync(statements);

    [Theory]
    [InlineData("m = n; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("if (b) m = n; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("m = b ? n : m; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("var k = m; m = n; n = k; k.Lock.Acquire(); n.Lock.Release();")]
    [InlineData("if (n != m) return; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("if (m == n) { n.Lock.Acquire(); m.Lock.Release(); }")]
    [InlineData("if (ReferenceEquals(n, m)) { n.Lock.Acquire(); m.Lock.Release(); }")]
    [InlineData("bool same = object.ReferenceEquals(m, n); if (!same) return; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("n.Lock.Acquire(); if (n != m) m.Lock.Acquire(); n.Lock.Release(); if (n != m) m.Lock.Release();")]
    [InlineData("n.Given.Acquire(); m.Given.Release();")]
    [InlineData("n.Any.Acquire(); m.Any.Release();")]
    [InlineData("n.Lock.Acquire(); n.Next!.Lock.Release();")]
    [InlineData("n = n.Next!; n.Lock.Acquire(); m.Lock.Release();")]
    [InlineData("if (b) (n, m) = (m, n); n.Lock.Acquire(); m.Lock.Acquire(); n.Lock.Release(); m.Lock.Release();")]
    [InlineData("one.Acquire(); _lock.Release();")]
    [InlineData("n.Take(); m.Take(); n.Give(); m.Give();")]
    public Task Parameters_ThatMayBeOneObject_AreNotCompared(string statements) => CheckNodesAsync(statements);

    private static Task CheckNodesAsync(string statements) => RuleCase.CheckAsync(
        Nodes +
        $$"""
            void M(Node n, Node m, TicketLock one, TicketLock two, bool b) { {{statements}} }
        """);

    [Fact]
    public async Task Message_Direct_NamesBothLocks() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            void Wrong()
            {
                _lock.Acquire();
                {|MM2009:_other.Release()|};
            }

            void IrqSave()
            {
                _lock.AcquireIrqSave();
                {|MM2009:_other.ReleaseIrqRestore()|};
            }
        """));
}
