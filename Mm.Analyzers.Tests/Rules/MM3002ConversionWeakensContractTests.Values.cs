using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Delegates that are values already: what is known of where they come from.</summary>
public partial class MM3002ConversionWeakensContractTests
{
    // A variable is followed to where it is invoked. Where nothing reads it, it is stored, and nobody can tell what becomes of it.
    [Fact]
    public Task Local_ThatNothingReads_IsAPlaceLikeAnother() => RuleCase.CheckAsync(
        """
            [Requires<SpinLockHeld>] void Touch() => _count++;

            void Wrong()
            {
                Action needs = {|MM3002:Touch|};
                Action again;
                again = {|MM3002:Touch|};
                Action fine = () => _count++;
            }

            void Right()
            {
                Action needs = Touch;
                using (_lock.Hold()) needs();
            }

            void Late()
            {
                Action needs = Touch;
                {|MM1008:needs()|};
            }
        """);

    [Fact]
    public Task Parameter_WithTheSamePromise_IsKept() => InHooks(
        """
            public void M([Never<Sleep>] Action strict, [Might<Sleep>] Action slow, [Never<Fault>] Action other, Action plain)
            {
                _hook = strict;
                _hook = {|MM3002:slow|};
                _hook = {|MM3002:other|};
                _hook = {|MM3002:plain|};
                Take(strict);
                Take({|MM3002:plain|});
            }
        """);

    [Fact]
    public Task Type_ThatSaysItMay_SpeaksForWhatIsInIt() => InHooks(
        """
            void M(Slow given)
            {
                Slow slow = Spins;
                Quick made = new({|MM3002:slow|});
                Quick invoked = {|MM3002:slow.Invoke|};
                Quick other = new({|MM3002:given|});
                Action plain = Spins;
                Quick right = new(plain);
                Quick direct = Spins;
            }
        """);

    [Fact]
    public Task Field_OfUnknownContent_IsReported() => InHooks(
        """
            public Action? Open;
            [Never<Sleep>] public Action? Strict;
            [Might<Sleep>] public Action? Slow;

            void M(Case other)
            {
                _hook = {|MM3002:Open|};
                _hook = Strict;
                _hook = {|MM3002:Slow|};
                _hook = other._hook;
                _hook = {|MM3002:other.Open|};
            }
        """);

    [Fact]
    public Task Field_WhoseContentIsVisible_IsFollowed() => InHooks(
        """
            private readonly Action _quiet = Spins;
            private readonly Action _loud = Sleeps;
            private Action? _changing;

            void Set(bool flag) => _changing = flag ? Spins : Counts;

            void M()
            {
                _hook = _quiet;
                _hook = {|MM3002:_loud|};
                _hook = _changing;
            }
        """);

    [Fact]
    public Task Property_OrResult_CountsByItsAnnotation() => InHooks(
        """
            [Never<Sleep>] public Action? Strict { get; set; }
            public Action? Open { get; set; }
            public Quick? Typed { get; set; }

            public abstract class Factory
            {
                [return: Never<Sleep>] public abstract Action Strict();
                [return: Might<Sleep>] public abstract Action Slow();
                public abstract Action Open();
            }

            void M(Factory factory)
            {
                _hook = Strict;
                _hook = {|MM3002:Open|};
                _hook = factory.Strict();
                _hook = {|MM3002:factory.Slow()|};
                _hook = {|MM3002:factory.Open()|};
                TakeQuick(Typed!);
            }
        """);

    [Fact]
    public Task Element_OfACollection_CountsByItsType() => InHooks(
        """
            void M(Quick[] quick, Action[] actions, List<Quick> list, List<Action> plain)
            {
                TakeQuick(quick[0]);
                Take({|MM3002:actions[0]|});
                TakeQuick(list[0]);
                Take({|MM3002:plain[0]|});
                foreach (var one in quick) TakeQuick(one);
                foreach (var one in actions) Take({|MM3002:one|});
            }
        """);

    [Fact]
    public Task Null_IsKeptByEveryPlace() => InHooks(
        """
            [return: Never<Sleep>] Action? None() => null;

            void M()
            {
                _hook = null;
                _hook = default;
                Quick? q = null;
                Take(null!);
            }
        """);

    [Fact]
    public Task Local_HoldingALambda_IsFollowed() => InHooks(
        """
            void M(bool flag)
            {
                Action wait = () => Scheduler.Schedule();
                Action spin = () => Scheduler.Udelay(1);
                _hook = {|MM3002:wait|};
                _hook = spin;
                Take({|MM3002:wait|});
                Take(spin);
                var group = Sleeps;
                Take({|MM3002:group|});
                wait = spin;
                Take(wait);
            }
        """);

    [Fact]
    public Task Local_HoldingAStrictValue_KeepsItsPromise() => InHooks(
        """
            public void M([Never<Sleep>] Action strict, Action plain)
            {
                var kept = strict;
                _hook = kept;
                var open = plain;
                _hook = {|MM3002:open|};
                var hook = _hook;
                if (hook is not null) Take(hook);
            }
        """);

    [Fact]
    public Task Conditional_OneWrongArm_IsReportedOnIt() => InHooks(
        """
            void M(bool flag)
            {
                Quick a = flag ? {|MM3002:() =>|} Scheduler.Schedule() : () => { };
                Quick b = flag ? Spins : {|MM3002:Sleeps|};
                Quick c = flag ? Spins : () => { };
                Take(flag ? Spins : {|MM3002:Sleeps|});
                _hook = flag ? {|MM3002:() =>|} Scheduler.Schedule() : Counts;
                _hook = flag ? null : Counts;
            }
        """);

    [Fact]
    public Task Switch_OneWrongArm_IsReportedOnIt() => InHooks(
        """
            Quick M(int kind) => kind switch
            {
                0 => Spins,
                1 => {|MM3002:Sleeps|},
                2 => {|MM3002:() =>|} Scheduler.Schedule(),
                _ => () => { },
            };

            [return: Never<Sleep>]
            Action N(int kind) => kind switch
            {
                0 => Spins,
                1 => {|MM3002:Sleeps|},
                _ => () => { },
            };
        """);

    [Fact]
    public Task Coalesce_TheOtherOperand_IsReportedOnIt() => InHooks(
        """
            void M(Quick? quick, [Never<Sleep>] Action? strict)
            {
                Quick a = quick ?? {|MM3002:Sleeps|};
                Quick b = quick ?? Spins;
                _hook = strict ?? ({|MM3002:() =>|} Scheduler.Schedule());
                _hook = strict ?? Spins;
                Take(strict ?? {|MM3002:Sleeps|});
            }
        """);

    [Fact]
    public Task DelegateToDelegate_CountsByItsType() => InHooks(
        """
            [Never<Sleep>] delegate void AlsoQuick();

            public void M(Quick quick, Slow slow, Action plain, [Never<Sleep>] Action strict)
            {
                AlsoQuick a = new AlsoQuick(quick);
                Quick b = new Quick({|MM3002:slow|});
                Quick c = new Quick({|MM3002:plain|});
                Quick d = new Quick(strict);
                Slow e = new Slow(plain);
                Action f = new Action(slow);
                _hook = new Action(quick);
                _hook = new Action({|MM3002:slow|});
            }
        """);

    [Fact]
    public Task DelegateToDelegate_ByItsInvokeMethod_IsTheSame() => InHooks(
        """
            public void M(Quick quick, Slow slow, Action plain, [Never<Sleep>] Action strict)
            {
                _hook = quick.Invoke;
                _hook = {|MM3002:slow.Invoke|};
                _hook = {|MM3002:plain.Invoke|};
                _hook = strict.Invoke;
            }
        """);

    [Fact]
    public Task DelegateToDelegate_WrappedInALambda_CountsWhatTheLambdaDoes() => InHooks(
        """
            public void M(Quick quick, Slow slow)
            {
                _hook = () => quick();
                _hook = {|MM3002:() =>|} slow();
                Take(() => quick());
            }
        """);

    [Fact]
    public Task Combined_OfTwo_EachIsJudged() => InHooks(
        """
            void M(Quick quick)
            {
                Quick both = quick + Spins;
                Quick wrong = quick + {|MM3002:Sleeps|};
            }
        """);

    [Fact]
    public Task Extension_OnADelegate_JudgesItsReceiver() => InHooks(
        """
            public void M(Action plain, [Never<Sleep>] Action strict)
            {
                {|MM3002:plain|}.RunQuietly();
                strict.RunQuietly();
            }
        }

        static class Extensions
        {
            public static void RunQuietly([Never<Sleep>] this Action action) { }
        """);

    [Fact]
    public Task UnderALock_TheConversionIsTheOnlyReport() => InHooks(
        """
            static void Run([Never<Sleep>] Action callback) => callback();

            void M(TicketLock held)
            {
                using (held.Hold())
                {
                    Run({|MM3002:() =>|} Scheduler.Schedule());
                    Run({|MM3002:Sleeps|});
                    Run(Spins);
                }
            }
        """);
}
