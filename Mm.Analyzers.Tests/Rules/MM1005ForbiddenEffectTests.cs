using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1005ForbiddenEffectTests
{
    private const string PrinterVocabulary =
        """
            public readonly struct Prints : IEffect;
            [Forbids<Prints>] public readonly struct Quiet : IContext;
            [Scope<Quiet>] public readonly ref struct QuietGuard { public void Dispose() { } }

            static QuietGuard BeQuiet() => default;

            [Might<Prints>, Trusted("primitive")]
            static void Print() { }

        """;

    [Fact]
    public Task Direct_CrossCallWithInterruptsOff_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (Interrupts.Off())
                {
                    {|MM1005:Scheduler.SmpCallFunction(static () => { })|};
                }
            }
        """);

    [Fact]
    public Task Lambda_ForAPlaceAndATypeThatBothSay_RunsWhereThePlaceSays() => RuleCase.CheckAsync(
        PrinterVocabulary + """
            [RunsIn<PreemptOff>] delegate void Handler();
            static void Register(Handler handler) => handler();
            static void RegisterQuiet([RunsIn<Quiet>] Handler handler) => handler();

            void M()
            {
                Register(() => Print());
                RegisterQuiet(() => {|MM1005:Print()|});
                RegisterQuiet(() => { });
            }
        """);

    [Fact]
    public Task Direct_CrossCallUnderPlainLock_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (Preemption.Off())
                {
                    Scheduler.SmpCallFunction(static () => { });
                }
            }
        """);

    [Fact]
    public Task Direct_LockThatSleepsOnRealTime_IsReportedUnderARawLockOnly() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (_raw.Hold())
                using ({|MM1005:_rt.Hold()|})
                {
                    _count++;
                }

                using (_lock.Hold())
                using (_rt.Hold())
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Direct_EffectAndContextOfOnesOwn_HaveTheSameRights() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            void M()
            {
                using (BeQuiet())
                {
                    {|MM1005:Print()|};
                    Scheduler.Schedule();
                }

                Print();
            }
        """);

    [Fact]
    public Task Direct_ContextThatImpliesOnesOwn_ForbidsTheSame() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            [Implies<Quiet>] public readonly struct Night : IContext;

            [RunsIn<Night>]
            void AtNight() => {|MM1005:Print()|};

            void AtDay() => Print();
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedWhereTheContextIs() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            void M()
            {
                using (BeQuiet())
                {
                    {|MM1005:Report()|};
                    Count();
                }
            }

            void Report() => Line();

            void Line() => Print();

            void Count() => _count++;
        """);

    [Fact]
    public Task Virtual_SomeImplementationHasIt_IsReported() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            abstract class Sink { public abstract void Put(); }
            sealed class Screen : Sink { public override void Put() => Print(); }
            sealed class Bin : Sink { public override void Put() { } }

            void M(Sink sink, Bin bin)
            {
                using (BeQuiet())
                {
                    {|MM1005:sink.Put()|};
                    bin.Put();
                }
            }
        """);

    [Fact]
    public Task Finally_InsideAndAfter_IsReportedInside() => RuleCase.CheckAsync(
        """
            void M()
            {
                Interrupts.Disable();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM1005:Scheduler.SmpCallFunction(static () => { })|};
                    Interrupts.Enable();
                    Scheduler.SmpCallFunction(static () => { });
                }
            }
        """);

    [Fact]
    public Task Lambda_InvokedInTheContext_IsReportedAtItsInvocation() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            void M()
            {
                Action print = () => Print();
                print();
                using (BeQuiet())
                {
                    {|MM1005:print()|};
                }
            }
        """);

    [Fact]
    public Task Recursion_WithTheEffect_IsReported() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            void M()
            {
                using (BeQuiet())
                {
                    {|MM1005:Walk(3)|};
                    Count(3);
                }
            }

            void Walk(int depth)
            {
                if (depth == 0)
                {
                    Print();
                    return;
                }

                Walk(depth - 1);
            }

            void Count(int depth)
            {
                if (depth > 0)
                {
                    Count(depth - 1);
                }
            }
        """);

    [Fact]
    public Task Generic_OverItsTypeArgument_IsReportedForTheOneThatHasIt() => RuleCase.CheckAsync(
        PrinterVocabulary +
        """
            interface IStep { void Run(); }
            struct Loud : IStep { public void Run() => Print(); }
            struct Still : IStep { public void Run() { } }

            void M()
            {
                using (BeQuiet())
                {
                    {|MM1005:RunIt<Loud>()|};
                    RunIt<Still>();
                }
            }

            static void RunIt<T>()
                where T : struct, IStep => default(T).Run();
        """);

    [Fact]
    public async Task Message_OwnEffectAndCrossCall_NamesEffectContextAndPath() => await Verifier.Verify(await RuleCase.RenderAsync(
        PrinterVocabulary +
        """
            void M()
            {
                using (BeQuiet())
                {
                    {|MM1005:Report()|};
                }

                using (_lock.HoldIrqSave())
                {
                    {|MM1005:Scheduler.SmpCallFunction(static () => { })|};
                }
            }

            void Report() => Print();
        """));
}
