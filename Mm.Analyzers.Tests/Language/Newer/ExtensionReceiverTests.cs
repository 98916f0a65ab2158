using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language.Newer;

/// <summary>What a member of an extension block is called on, beside its parameters: told apart, and known like any argument.</summary>
public class ExtensionReceiverTests
{
    private const string Types =
        """
        static class Extensions
        {
            extension(Gfp own)
            {
                public void Take(int count) => Slab.Allocate(count, own);
                public void TakeOther(Gfp other) => Slab.Allocate(1, other);
                public bool MayWait => (own & Gfp.Kernel) == Gfp.Kernel;
            }

            extension(bool own)
            {
                public void Maybe() { if (own) Work.Do(); }
                public void Other(bool other) { if (other) Work.Do(); }
                public void Either(bool other) { if (own || other) Work.Do(); }
            }

            extension(Action? own)
            {
                public void Once() => own?.Invoke();
                public void OtherOnce(Action other) => other();
            }
        }
        """;

    [Theory]
    [InlineData("{|MM1001:true.Maybe()|};")]
    [InlineData("{|MM1001:false.Other(true)|};")]
    [InlineData("{|MM1001:true.Either(false)|};")]
    [InlineData("{|MM1001:false.Either(true)|};")]
    [InlineData("{|MM1001:Extensions.Maybe(true)|};")]
    [InlineData("{|MM1001:Extensions.Other(false, true)|};")]
    [InlineData("{|MM1001:((Action)Work.Do).Once()|};")]
    [InlineData("{|MM1001:((Action)Quiet).OtherOnce(Work.Do)|};")]
    [InlineData("{|MM1001:Extensions.Once(Work.Do)|};")]
    public Task Receiver_ThatDecides_IsThatOfTheCall(string statement) => LanguageCase.FoundAsync(statement, "static void Quiet() { }", Types);

    [Theory]
    [InlineData("false.Maybe(); Extensions.Maybe(false);")]
    [InlineData("true.Other(false); Extensions.Other(true, false);")]
    [InlineData("false.Either(false);")]
    [InlineData("((Action)Quiet).Once(); ((Action?)null).Once();")]
    [InlineData("((Action)Work.Do).OtherOnce(Quiet);")]
    public Task Receiver_ThatDecidesOtherwise_IsSilent(string statement) => LanguageCase.SilentAsync(statement, "static void Quiet() { }", Types);

    [Fact]
    public Task Flags_ThatAreTheReceiver_AreThoseOfTheCall() => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            static void Asked(Gfp gfp) { if (gfp.MayWait) Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    Gfp.Atomic.Take(1);
                    {|MM1003:Gfp.Kernel.Take(1)|};
                    Gfp.Kernel.TakeOther(Gfp.Atomic);
                    {|MM1003:Gfp.Atomic.TakeOther(Gfp.Kernel)|};
                    Extensions.Take(Gfp.Atomic, 1);
                    {|MM1003:Extensions.Take(Gfp.Kernel, 1)|};
                    Asked(Gfp.Atomic);
                    {|MM1001:Asked(Gfp.Kernel)|};
                }
            }
        }

        {{Types}}
        """);

    [Theory]
    [InlineData("{|MM3002:_field|}.Quietly();")]
    [InlineData("{|MM3002:_field|}.QuietlyBy(1);")]
    [InlineData("_ = {|MM3002:_field|}.IsQuiet;")]
    [InlineData("((Action){|MM3002:Work.Do|}).Quietly();")]
    [InlineData("Extensions.Quietly({|MM3002:Work.Do|});")]
    [InlineData("((Action)Quiet).Quietly(); Extensions.Quietly(Quiet); ((Action)(() => { })).QuietlyBy(2);")]
    [InlineData("_field.Any(); _field.Later();")]
    [InlineData("using (_lock.Hold()) { ((Action)Quiet).Quietly(); {|MM1001:_field.Any()|}; _field.Later(); }")]
    public Task Promise_OfAReceiver_IsCheckedAtTheCall(string statement) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            Action _field = () => { };
            static void Quiet() { }
            void Set() => _field = Sleeping;
            static void Sleeping() => Scheduler.Schedule();
            void M() { {{statement.Replace("Work.Do", "Sleeping")}} }
        }

        static class Extensions
        {
            static Action? Kept;

            extension([Never<Sleep>] Action own)
            {
                public void Quietly() => own();
                public void QuietlyBy(int count) { for (int i = 0; i < count; i++) own(); }
                public bool IsQuiet { get { own(); return true; } }
            }

            extension(Action own)
            {
                public void Any() => own();
                public void Later() => Extensions.Kept = own;
            }
        }
        """);

    [Fact]
    public Task Operator_ThatIsNoStaticMethod_IsGivenItsOperand() => LanguageCase.FoundAsync(
        "_item += false; {|MM1001:_item += true|}; _item -= false; {|MM1001:_item -= true|};",
        "Item _item = new();",
        """
        sealed class Item
        {
            public void operator +=(bool run) { if (run) Work.Do(); }
            public void operator -=(bool run) { if (run) Work.Do(); }
        }
        """);
}
