using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2010CrossCallUnderIrqLockTests
{
    private const string Handler =
        """
            static class Cpus { [Might<CrossCall>, Trusted("primitive")] public static void Flush() { } }
            [RunsIn<HardIrq>] void OnInterrupt() { using (_lock.Hold()) _count++; }
            void Flush() => Cpus.Flush();

        """;

    [Fact]
    public Task Direct_UnderALockOfAHandler_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { using ({|MM2006:_lock.Hold()|}) {|MM2010:Cpus.Flush()|}; }
            void OtherLock() { using (_other.Hold()) Cpus.Flush(); }
            void Right() { using (_lock.HoldIrqSave()) _count++; Cpus.Flush(); }
        """);

    [Fact]
    public Task Direct_WithInterruptsOff_IsSaidByMM1005Alone() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { using (_lock.HoldIrqSave()) {|MM1005:Cpus.Flush()|}; }
        """);

    [Fact]
    public Task Direct_LockOfASoftirq_LetsOthersAnswer() => RuleCase.CheckAsync(
        """
            static class Cpus { [Might<CrossCall>, Trusted("primitive")] public static void Flush() { } }
            [RunsIn<SoftIrq>] void OnTimer() { using (_lock.Hold()) _count++; }
            void Right() { using (BottomHalves.Off()) using (_lock.Hold()) Cpus.Flush(); }
        """);

    [Fact]
    public Task Deep_ThroughCalls_IsReportedWhereTheLockIsHeld() => RuleCase.CheckAsync(Handler +
        """
            void Middle() => Flush();
            void Wrong() { {|MM2006:_lock.Acquire()|}; {|MM2010:Middle()|}; _lock.Release(); }
            void Right() { using (_other.Hold()) Middle(); }
        """);

    [Fact]
    public Task Virtual_AnImplementationCalls_IsReported() => RuleCase.CheckAsync(Handler +
        """
            interface IDevice { void Stop(); }
            class Disk : IDevice { public void Stop() => Cpus.Flush(); }
            void Wrong(IDevice device) { using ({|MM2006:_lock.Hold()|}) {|MM2010:device.Stop()|}; }
            void Right(IDevice device) { using (_other.Hold()) device.Stop(); }
        """);

    [Fact]
    public Task Finally_UnderTheLock_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Wrong() { {|MM2006:_lock.Acquire()|}; try { _count++; } finally { {|MM2010:Flush()|}; _lock.Release(); } }
            void Right() { using (_lock.HoldIrqSave()) { } try { _count++; } finally { Flush(); } }
        """);

    [Fact]
    public Task Lambda_InvokedUnderTheLock_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Run(Action action) => action();
            void Wrong() { using ({|MM2006:_lock.Hold()|}) {|MM2010:Run(() => Cpus.Flush())|}; }
            void Right() { using (_other.Hold()) Run(() => Cpus.Flush()); }
        """);

    [Fact]
    public Task Recursion_UnderTheLock_IsReported() => RuleCase.CheckAsync(Handler +
        """
            void Again(int depth) { if (depth > 0) Again(depth - 1); else Flush(); }
            void Wrong() { using ({|MM2006:_lock.Hold()|}) {|MM2010:Again(3)|}; }
        """);

    [Fact]
    public async Task Message_DirectAndDeep_NamesLockAndPath() => await Verifier.Verify(await RuleCase.RenderAsync(Handler +
        """
            void Direct() { using ({|MM2006:_lock.Hold()|}) {|MM2010:Cpus.Flush()|}; }
            void Deep() { using ({|MM2006:_lock.Hold()|}) {|MM2010:Flush()|}; }
        """));
}
