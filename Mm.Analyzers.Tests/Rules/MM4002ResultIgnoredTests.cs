using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM4002ResultIgnoredTests
{
    [Fact]
    public Task Direct_ThrownAway_IsReported() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void M()
            {
                {|MM4002:TryTake()|};
            }

            void Arrow() => {|MM4002:TryTake()|};

            bool Right()
            {
                _ = TryTake();
                bool taken = TryTake();
                if (TryTake())
                {
                    taken = TryTake();
                }

                return TryTake();
            }

            void Free() => Ready();
        """);

    [Fact]
    public Task Deep_ForwardedResult_IsOnlyTheInnerContract() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            bool Forward() => TryTake();

            void M()
            {
                Forward();
                Swallow();
            }

            void Swallow() => {|MM4002:TryTake()|};
        """);

    [Fact]
    public Task Virtual_OverridesAndImplementations_Inherit() => RuleCase.CheckAsync(
        """
            interface ISource { [MustCheck] bool TryTake(); }

            class Plain : ISource { public bool TryTake() => true; }

            class Hidden : ISource { bool ISource.TryTake() => true; }

            class Base { [MustCheck] public virtual bool Take() => true; }

            class Derived : Base
            {
                [Never<Sleep>]
                public override bool Take() => false;
            }

            class Loud : Quiet
            {
                [MustCheck]
                public override bool Take() => false;
            }

            class Quiet { public virtual bool Take() => true; }

            void M(ISource source, Plain plain, Derived derived, Base? maybe, Quiet quiet, Loud loud)
            {
                {|MM4002:source.TryTake()|};
                {|MM4002:plain.TryTake()|};
                {|MM4002:((ISource)new Hidden()).TryTake()|};
                {|MM4002:derived.Take()|};
                maybe?{|MM4002:.Take()|};
                quiet.Take();
                {|MM4002:loud.Take()|};
            }
        """);

    [Fact]
    public Task Finally_ThrownAwayThere_IsReportedOnce() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void M()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM4002:TryTake()|};
                }
            }

            void Right()
            {
                try
                {
                    _count++;
                }
                finally
                {
                    _ = TryTake();
                }
            }
        """);

    [Fact]
    public Task Lambda_BodyThatReturnsNothing_ThrowsAway() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void M()
            {
                Action wrong = () => {|MM4002:TryTake()|};
                Func<bool> right = () => TryTake();
                Func<bool> group = TryTake;
                wrong();
                right();
                group();
            }
        """);

    [Fact]
    public Task LocalFunction_Annotated_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                {|MM4002:TryTake()|};
                _ = TryTake();

                [MustCheck]
                static bool TryTake() => true;
            }
        """);

    [Fact]
    public Task Await_ResultThrownAway_IsReported() => RuleCase.CheckAsync(
        """
            [MustCheck]
            static async System.Threading.Tasks.Task<bool> TakeAsync()
            {
                await System.Threading.Tasks.Task.Yield();
                return true;
            }

            [MustCheck]
            static System.Threading.Tasks.Task RunAsync() => System.Threading.Tasks.Task.CompletedTask;

            async System.Threading.Tasks.Task M()
            {
                await {|MM4002:TakeAsync()|};
                await {|MM4002:TakeAsync()|}.ConfigureAwait(false);
                _ = await TakeAsync();
                if (await TakeAsync())
                {
                    await RunAsync();
                }
            }

            void NotAwaited()
            {
                {|MM4002:TakeAsync()|};
                {|MM4002:RunAsync()|};
            }
        """);

    [Fact]
    public Task Loop_HeaderAndBody_AreStatements() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void M()
            {
                for ({|MM4002:TryTake()|}; TryTake(); {|MM4002:TryTake()|})
                {
                    _count++;
                }
            }
        """);

    [Fact]
    public Task Recursion_EachLevelThrownAway_IsReportedAtEachCall() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool Walk(int depth)
            {
                if (depth > 0)
                {
                    {|MM4002:Walk(depth - 1)|};
                }

                return depth > 1 && Walk(depth - 2);
            }
        """);

    [Fact]
    public Task Generic_AnyTypeArgument_IsReported() => RuleCase.CheckAsync(
        """
            [MustCheck]
            static T Take<T>(T value) => value;

            void M()
            {
                {|MM4002:Take(1)|};
                {|MM4002:Take("one")|};
                _ = Take(2);
            }
        """);

    [Fact]
    public Task DeadCode_AndTrustedBodies_AreSilent() => RuleCase.CheckAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void Dead()
            {
                if (false)
                {
                    TryTake();
                }
            }

            [Trusted("the count is looked at elsewhere")]
            void Taken() => TryTake();
        """);

    [Fact]
    public async Task Message_ThrownAway_SaysHowToDecide() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            [MustCheck]
            bool TryTake() => Ready();

            void M() => {|MM4002:TryTake()|};
        """));
}
