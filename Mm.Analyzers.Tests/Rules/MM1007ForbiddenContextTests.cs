using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1007ForbiddenContextTests
{
    private const string Console =
        """
            [ForbiddenIn<HardIrq>, Trusted("primitive")]
            static void WriteLog() { }

        """;

    [Fact]
    public Task Direct_InTheContext_IsReported() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler() => {|MM1007:WriteLog()|};

            [RunsIn<SoftIrq>]
            void Softer() => WriteLog();

            void Thread() => WriteLog();
        """);

    [Fact]
    public Task Direct_InAContextThatImpliesIt_IsReported() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<Nmi>]
            void Handler() => {|MM1007:WriteLog()|};
        """);

    [Fact]
    public Task Direct_UnconditionalInterruptLock_IsReportedWithInterruptsOff() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (Interrupts.Off())
                using ({|MM1007:_lock.HoldIrq()|})
                {
                    _count++;
                }

                using (Interrupts.Off())
                using (_lock.HoldIrqSave())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_BetweenExplicitPair_IsReported() => RuleCase.CheckAsync(
        """
            [ForbiddenIn<SpinLockHeld>]
            void Enqueue() => _count++;

            void M()
            {
                Enqueue();
                _lock.Acquire();
                {|MM1007:Enqueue()|};
                _lock.Release();
                Enqueue();
            }
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedAtTheBoundary() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler()
            {
                {|MM1007:Report()|};
                Count();
            }

            void Report() => Line();

            void Line() => WriteLog();

            void Count() => _count++;
        """);

    [Fact]
    public Task Virtual_ForbiddenOnTheInterface_IsReportedForEveryReceiver() => RuleCase.CheckAsync(
        """
            interface ILog { [ForbiddenIn<HardIrq>] void Write(); void Mark(); }
            sealed class Ring : ILog { public void Write() { } public void Mark() { } }

            [RunsIn<HardIrq>]
            void Handler(ILog log)
            {
                {|MM1007:log.Write()|};
                log.Mark();
            }
        """);

    [Fact]
    public Task Finally_ContextLeftBefore_IsSilent() => RuleCase.CheckAsync(
        """
            [ForbiddenIn<IrqOff>]
            void Notify() => _count++;

            void Early()
            {
                Interrupts.Disable();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM1007:Notify()|};
                    Interrupts.Enable();
                }
            }

            void Late()
            {
                Interrupts.Disable();
                try
                {
                    _count++;
                }
                finally
                {
                    Interrupts.Enable();
                    Notify();
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedInTheContext_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler()
            {
                Action log = () => WriteLog();
                {|MM1007:log()|};
            }

            void Thread()
            {
                Action log = () => WriteLog();
                log();
            }
        """);

    [Fact]
    public Task Recursion_ReachingIt_IsReported() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler() => {|MM1007:Dump(3)|};

            void Dump(int depth)
            {
                if (depth > 0)
                {
                    Dump(depth - 1);
                    WriteLog();
                }
            }
        """);

    [Fact]
    public Task Generic_OverItsTypeArgument_IsReportedForTheForbiddenOne() => RuleCase.CheckAsync(
        Console +
        """
            interface ISink { void Put(); }
            struct LogSink : ISink { public void Put() => WriteLog(); }
            struct NullSink : ISink { public void Put() { } }

            [RunsIn<HardIrq>]
            void Handler()
            {
                {|MM1007:Put<LogSink>()|};
                Put<NullSink>();
            }

            static void Put<T>()
                where T : struct, ISink => default(T).Put();
        """);

    [Fact]
    public Task Member_BehindFlagsThatMaySleep_IsTheFlagsFault() => RuleCase.CheckAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler()
            {
                {|MM1003:Refill(Gfp.Kernel)|};
                Refill(Gfp.Atomic);
                {|MM1007:Report(Gfp.Kernel)|};
            }

            static void Refill(Gfp gfp)
            {
                if (Slab.Allocate(16, gfp) is null && (gfp & Gfp.MayBlock) != 0) WriteLog();
            }

            static void Report(Gfp gfp)
            {
                WriteLog();
                if ((gfp & Gfp.MayBlock) != 0) Scheduler.Schedule();
            }
        """);

    [Fact]
    public Task Member_UnderASectionThatItsCallerWasAskedFor_IsFoundInCallers() => RuleCase.CheckAsync(
        """
            [ForbiddenIn<RcuRead>, Trusted("primitive")]
            static void Flush() { }

            void Slow()
            {
                if (Preemption.IsOff) return;
                using (Preemption.Off()) Flush();
            }

            void Through() => Slow();

            [RunsIn<RcuRead>]
            void Reader() => {|MM1007:Through()|};

            [RunsIn<RcuRead>]
            void OtherReader()
            {
                using (Preemption.Off()) Through();
            }
        """);

    [Fact]
    public async Task Message_DirectAndDeep_NamesContextAndPath() => await Verifier.Verify(await RuleCase.RenderAsync(
        Console +
        """
            [RunsIn<HardIrq>]
            void Handler()
            {
                {|MM1007:WriteLog()|};
                {|MM1007:Report()|};
            }

            void Report() => WriteLog();
        """));
}
