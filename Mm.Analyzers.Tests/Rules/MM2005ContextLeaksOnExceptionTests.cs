using System.Collections.Generic;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2005ContextLeaksOnExceptionTests
{
    private const string Throwers =
        """
            void Throws() { if (_count > 3) throw new InvalidOperationException(); }
            void Middle() => Throws();
            void Quiet() { _count++; Quieter(); }
            void Quieter() => System.Threading.Interlocked.Increment(ref _count);

        """;

    [Fact]
    public Task Off_ByDefault_SaysNothing() => RuleCase.CheckAsync(Throwers +
        """
            void M() { _lock.Acquire(); Throws(); _lock.Release(); }
        """);

    [Fact]
    public Task Direct_ACallThatMayThrow_IsReportedAtTheEnter() => CheckAsync(
        """
            void Wrong() { {|MM2005:_lock.Acquire()|}; Throws(); _lock.Release(); }
            void Right() { _lock.Acquire(); _count++; Quiet(); _lock.Release(); }
            void Before() { Throws(); _lock.Acquire(); _lock.Release(); Throws(); }
        """);

    [Fact]
    public Task Direct_AThrow_IsReportedAtTheEnter() => CheckAsync(
        """
            void Wrong() { {|MM2005:_lock.Acquire()|}; if (Ready()) throw new InvalidOperationException(); _lock.Release(); }
            void Right() { if (Ready()) throw new InvalidOperationException(); _lock.Acquire(); _lock.Release(); }
        """);

    [Fact]
    public Task Direct_CallsOutside_MayThrow() => CheckAsync(
        """
            void Wrong(string text) { {|MM2005:Preemption.Disable()|}; _count = int.Parse(text); Preemption.Enable(); }
            void Right(int number) { Preemption.Disable(); _count = Math.Max(number, 1); Preemption.Enable(); }
        """);

    [Fact]
    public Task Direct_Guards_NeedNothing() => CheckAsync(
        """
            void Right() { using (_lock.Hold()) Throws(); }
        """);

    [Fact]
    public Task Guard_ThatIsDisposedByHand_IsReported() => CheckAsync(
        """
            void Wrong() { var guard = {|MM2005:_lock.Hold()|}; Throws(); guard.Dispose(); }
            void WrongOnOnePath(bool early) { var guard = {|MM2005:_lock.Hold()|}; if (early) { guard.Dispose(); return; } Throws(); guard.Dispose(); }
            void Right() { var guard = _lock.Hold(); Quiet(); guard.Dispose(); Throws(); }
            void InFinally() { var guard = _lock.Hold(); try { Throws(); } finally { guard.Dispose(); } }
            void Early() { using var guard = _lock.Hold(); Throws(); guard.Dispose(); Throws(); }
            void Twice() { var guard = _lock.Hold(); guard.Dispose(); guard.Dispose(); Throws(); }
        """);

    [Fact]
    public Task Direct_PromisedToStayEntered_IsTheCallersMatter() => CheckAsync(
        """
            [Enters<SpinLockHeld>] void Begin() { _lock.Acquire(); Throws(); }
        """);

    [Fact]
    public Task Deep_ThroughCalls_IsReported() => CheckAsync(
        """
            void Wrong() { {|MM2005:_lock.Acquire()|}; Middle(); _lock.Release(); }
        """);

    [Fact]
    public Task Virtual_AnImplementationThrows_IsReported() => CheckAsync(
        """
            interface IDevice { void Stop(); }
            class Disk : IDevice { public void Stop() => throw new InvalidOperationException(); }
            interface IQuiet { void Stop(); }
            class Tape : IQuiet { public void Stop() { } }
            void Wrong(IDevice device) { {|MM2005:_lock.Acquire()|}; device.Stop(); _lock.Release(); }
            void Right(IQuiet device) { _lock.Acquire(); device.Stop(); _lock.Release(); }
        """);

    [Fact]
    public Task Finally_ThatLeaves_IsSilent() => CheckAsync(
        """
            void Right() { _lock.Acquire(); try { Throws(); } finally { _lock.Release(); } }
            void RightToo() { try { _lock.Acquire(); Throws(); } finally { Give(); } }
            void Give() => {|MM2002:_lock.Release()|};
            void Wrong() { {|MM2005:_lock.Acquire()|}; try { Throws(); } finally { _count++; } _lock.Release(); }
        """);

    [Fact]
    public Task Catch_ThatGoesOn_IsSilent() => CheckAsync(
        """
            void Right() { _lock.Acquire(); try { Throws(); } catch (InvalidOperationException) { _count++; } _lock.Release(); }
            void Wrong() { {|MM2005:_lock.Acquire()|}; try { Throws(); } catch (InvalidOperationException) { throw; } _lock.Release(); }
        """);

    [Fact]
    public Task Lambda_OfUnknownOrigin_MayThrow() => CheckAsync(
        """
            void Wrong(Action action) { {|MM2005:_lock.Acquire()|}; action(); _lock.Release(); }
        """);

    [Fact]
    public Task Recursion_OfQuietBodies_IsSilent() => CheckAsync(
        """
            void Again(int depth) { if (depth > 0) Again(depth - 1); _count++; }
            void Right() { _lock.Acquire(); Again(3); _lock.Release(); }
        """);

    [Fact]
    public async Task Message_CallAndThrow_NamesContextAndThrower() => await Verifier.Verify(await Case(
        """
            void Call() { {|MM2005:_lock.AcquireIrqSave()|}; Middle(); _lock.ReleaseIrqRestore(); }
            void Throw() { {|MM2005:_lock.Acquire()|}; if (Ready()) throw new InvalidOperationException(); _lock.Release(); }
        """).RenderAsync());

    private static Task CheckAsync(string members) => Case(members).CheckAsync();

    private static AnalyzerTest Case(string members) => new(RuleCase.InClass(Throwers + members))
    {
        Options = new Dictionary<string, string> { ["dotnet_diagnostic.MM2005.severity"] = "warning" },
    };
}
