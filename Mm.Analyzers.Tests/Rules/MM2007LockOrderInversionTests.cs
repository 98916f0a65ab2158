using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2007LockOrderInversionTests
{
    [Fact]
    public Task Direct_BothOrders_AreReportedAtTheFirstSiteOfEach() => RuleCase.CheckAsync(
        """
            void One() { using (_lock.Hold()) using ({|MM2007:_other.Hold()|}) _count++; }
            void Again() { using (_lock.Hold()) using (_other.Hold()) _count++; }
            void Two() { using (_other.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Direct_OneOrder_IsSilent() => RuleCase.CheckAsync(
        """
            void One() { using (_lock.Hold()) using (_other.Hold()) _count++; }
            void Two() { _lock.Acquire(); _other.Acquire(); _lock.Release(); _other.Release(); }
            void Apart() { using (_other.Hold()) _count++; using (_lock.Hold()) _count++; }
        """);

    [Fact]
    public Task Direct_CycleOfThree_IsReportedAtEachEdge() => RuleCase.CheckAsync(
        """
            readonly TicketLock _third = new();
            readonly TicketLock _leaf = new();

            void One() { using (_lock.Hold()) using ({|MM2007:_other.Hold()|}) _count++; }
            void Two() { using (_other.Hold()) using ({|MM2007:_third.Hold()|}) _count++; }
            void Three() { using (_third.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
            void Four() { using (_lock.Hold()) using (_leaf.Hold()) _count++; }
        """);

    [Fact]
    public Task Direct_ATryInside_CannotDeadlock() => RuleCase.CheckAsync(
        """
            void One() { using (_lock.Hold()) using (_other.Hold()) _count++; }

            void Two()
            {
                using (_other.Hold())
                {
                    if (_lock.TryAcquire())
                    {
                        _lock.Release();
                    }
                }
            }
        """);

    [Fact]
    public Task Direct_ATryOutside_HoldsLikeAnyOther() => RuleCase.CheckAsync(
        """
            void One() { using (_lock.Hold()) using ({|MM2007:_other.Hold()|}) _count++; }

            void Two()
            {
                if (_other.TryAcquire())
                {
                    {|MM2007:_lock.Acquire()|};
                    _lock.Release();
                    _other.Release();
                }
            }
        """);

    [Fact]
    public Task Direct_InstancesOfOneField_AreOneClass() => RuleCase.CheckAsync(
        """
            void One(Case left, Case right) { using (left._lock.Hold()) using (right._lock.Hold()) _count++; }
            void Two(Case left, Case right) { using (right._lock.Hold()) using (left._lock.Hold()) _count++; }
            void Mixed(Case left, Case right) { using (left._lock.Hold()) using ({|MM2007:right._other.Hold()|}) _count++; }
            void Turned(Case left, Case right) { using (left._other.Hold()) using ({|MM2007:right._lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Direct_KindsOfLockAndInterruptState_DoNotMatter() => RuleCase.CheckAsync(
        """
            void One() { _lock.AcquireIrqSave(); using ({|MM2007:_raw.Hold()|}) _count++; _lock.ReleaseIrqRestore(); }
            void Two() { using (_raw.Hold()) using ({|MM2007:_lock.HoldIrqSave()|}) _count++; }
        """);

    [Fact]
    public Task Deep_ThroughCalls_IsReportedWhereTheFirstIsHeld() => RuleCase.CheckAsync(
        """
            void TakeOther() { using (_other.Hold()) _count++; }
            void Middle() => TakeOther();
            void TakeLock() { _lock.Acquire(); _count++; _lock.Release(); }

            void One() { using (_lock.Hold()) {|MM2007:Middle()|}; }
            void Two() { _other.Acquire(); {|MM2007:TakeLock()|}; _other.Release(); }
        """);

    [Fact]
    public Task Deep_LocksAsParameters_AreThoseOfTheCaller() => RuleCase.CheckAsync(
        """
            static void Both(TicketLock first, TicketLock second) { using (first.Hold()) using (second.Hold()) { } }
            void One() => {|MM2007:Both(_lock, _other)|};
            void Two() => {|MM2007:Both(_other, _lock)|};
        """);

    [Fact]
    public Task Deep_HelperDropsTheLockFirst_IsSilent() => RuleCase.CheckAsync(
        """
            void One() { using (_lock.Hold()) using (_other.Hold()) _count++; }
            void Two() { _other.Acquire(); Outside(); _other.Release(); }

            void Outside()
            {
                _other.Release();
                _lock.Acquire();
                _lock.Release();
                _other.Acquire();
            }
        """);

    [Fact]
    public Task Virtual_ImplementationsInOtherTypes_AreSeen() => AnalyzerTest.CheckAsync(
        """
        interface IDevice { void Flush(); }

        class Queue
        {
            readonly TicketLock _lock = new();
            public void Drain(IDevice device) { using (_lock.Hold()) {|MM2007:device.Flush()|}; }
            public void Touch() { using (_lock.Hold()) { } }
        }

        class Disk : IDevice
        {
            readonly TicketLock _lock = new();
            public void Flush() { using (_lock.Hold()) { } }
            public void Notify(Queue queue) { using (_lock.Hold()) {|MM2007:queue.Touch()|}; }
        }
        """);

    [Fact]
    public Task Finally_TakesTheOther_IsReported() => RuleCase.CheckAsync(
        """
            void One() { _lock.Acquire(); try { _count++; } finally { {|MM2007:_other.Acquire()|}; _other.Release(); _lock.Release(); } }
            void Two() { using (_other.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Lambda_InvokedUnderALock_IsReportedWhereItIsHandedOver() => RuleCase.CheckAsync(
        """
            void Under(Action action) { using (_lock.Hold()) action(); }
            void One() => {|MM2007:Under(() => { using (_other.Hold()) _count++; })|};
            void Two() { using (_other.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Recursion_BetweenTheTwo_IsFollowed() => RuleCase.CheckAsync(
        """
            void One(int depth)
            {
                if (depth == 0)
                {
                    using (_lock.Hold()) {|MM2007:Two(1)|};
                    return;
                }

                One(depth - 1);
            }

            void Two(int depth)
            {
                if (depth > 0) Two(depth - 1);
                using (_other.Hold()) _count++;
            }

            void Three() { using (_other.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
        """);

    [Fact]
    public Task Generic_LocksOfAGenericType_AreOneClassForAllArguments() => AnalyzerTest.CheckAsync(
        """
        class Cache<T>
        {
            readonly TicketLock _index = new();
            readonly TicketLock _data = new();
            public void One() { using (_index.Hold()) using ({|MM2007:_data.Hold()|}) { } }
            public void Two() { using (_data.Hold()) using ({|MM2007:_index.Hold()|}) { } }
        }
        """);

    [Fact]
    public async Task Files_InAnyOrder_GiveTheSameSites()
    {
        (string, string)[] files =
        [
            ("B.cs", "class B { public static readonly TicketLock Gate = new(); void M() { using (Gate.Hold()) using (A.Gate.Hold()) { } } void N() { using (Gate.Hold()) using (A.Gate.Hold()) { } } }"),
            ("A.cs", "class A { public static readonly TicketLock Gate = new(); void M() { using (Gate.Hold()) using (B.Gate.Hold()) { } } }"),
            ("C.cs", "class C { void M() { using (A.Gate.Hold()) using (B.Gate.Hold()) { } } }"),
        ];

        var expected = Rendering.Of(await new AnalyzerTest(files) { Concurrent = false }.RunAsync());

        Assert.Contains("MM2007", expected);
        for (var turn = 0; turn < 3; turn++)
        {
            var turned = files.Skip(turn).Concat(files.Take(turn)).ToArray();
            Assert.Equal(expected, Rendering.Of(await new AnalyzerTest(turned) { Concurrent = true }.RunAsync()));
        }
    }

    [Fact]
    public Task Order_OfLocksBehindAnInterface_IsThatOfTheFieldsThatHoldThem() => AnalyzerTest.CheckAsync(
        """
        interface ITakes { [Enters<SpinLockHeld>] void Take(); [Leaves<SpinLockHeld>] void Give(); }
        sealed class Plain : ITakes { readonly TicketLock _own = new(); public void Take() => _own.Acquire(); public void Give() => _own.Release(); }

        sealed class Case(ITakes first, ITakes second, ITakes third)
        {
            readonly ITakes _first = first, _second = second, _third = third;
            void One() { _first.Take(); {|MM2007:_second.Take()|}; _second.Give(); _first.Give(); }
            void Two() { _second.Take(); {|MM2007:_first.Take()|}; _first.Give(); _second.Give(); }
            void Three() { _first.Take(); _third.Take(); _third.Give(); _first.Give(); }
        }
        """);

    [Fact]
    public async Task Message_TwoAndThree_NamesTheWayBack() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            readonly TicketLock _third = new();

            void TakeOther() { using (_other.Hold()) _count++; }
            void One() { using (_lock.Hold()) {|MM2007:TakeOther()|}; }
            void Two() { using (_other.Hold()) using ({|MM2007:_lock.Hold()|}) _count++; }
            void Three() { using (_other.Hold()) using ({|MM2007:_third.Hold()|}) _count++; }
            void Four() { using (_third.Hold()) using ({|MM2007:_raw.Hold()|}) _count++; }
            void Five() { using (_raw.Hold()) using ({|MM2007:_other.Hold()|}) _count++; }
        """));
}
