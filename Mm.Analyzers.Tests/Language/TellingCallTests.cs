using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What the result of a call tells beside itself: contexts, arguments that are not null, whether there is anything behind it.</summary>
public class TellingCallTests
{
    [Theory]
    [InlineData("bool MaySleep() => !Preemption.IsOff;", "if (MaySleep()) Scheduler.Schedule();")]
    [InlineData("bool MaySleep() { if (Preemption.IsOff) return false; return true; }", "bool may = MaySleep(); if (may) Scheduler.Schedule();")]
    [InlineData("bool MaySleep() => !Preemption.IsOff && _count > 0; bool Twice() => MaySleep();", "if (!Twice()) return; Scheduler.Schedule();")]
    public Task Answer_OfAMethodThatAsks_IsThatOfTheTest(string asking, string body) => RuleCase.CheckAsync(
        $$"""
            {{asking}}

            void Settle() { {{body}} }

            void M()
            {
                using (_lock.Hold()) Settle();
                Settle();
            }
        """);

    [Theory]
    [InlineData("bool MaySleep() => Preemption.IsOff;", "if (MaySleep()) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("bool MaySleep() => !Preemption.IsOff || _count > 0;", "if (MaySleep()) Scheduler.Schedule();", "{|MM1001:Settle()|}")]
    [InlineData("bool MaySleep() => !Preemption.IsOff;", "Note(MaySleep()); Scheduler.Schedule();", "{|MM1001:Settle()|}")]
    public Task Answer_ThatSaysNothingOfTheCaller_HidesNothing(string asking, string body, string call = "Settle()") => RuleCase.CheckAsync(
        $$"""
            {{asking}}

            void Note(bool value) { if (value) _count++; }

            void Settle() { {{body}} }

            void M()
            {
                using (_lock.Hold()) {{call}};
            }
        """);

    [Fact]
    public Task Flags_ChosenByATest_AreThoseOfTheCallersContext() => RuleCase.CheckAsync(
        """
            object? Grow() => Slab.Allocate(8, Preemption.IsOff ? Gfp.Atomic : Gfp.Kernel);

            object? GrowWrongly() => Slab.Allocate(8, Preemption.IsOff ? Gfp.Kernel : Gfp.Atomic);

            void M()
            {
                using (_lock.Hold()) Grow();
                using (_lock.Hold()) {|MM1003:GrowWrongly()|};
            }
        """);

    [Theory]
    [InlineData("var flags = Preemption.IsOff ? Gfp.Atomic : Gfp.Kernel;")]
    [InlineData("Gfp flags; if (Preemption.IsOff) flags = Gfp.Atomic; else flags = Gfp.Kernel; _count++;")]
    [InlineData("var flags = Gfp.Kernel; if (Preemption.IsOff) flags &= ~Gfp.MayBlock; _count++;")]
    [InlineData("bool may = !Preemption.IsOff && _count > 0; var flags = may ? Gfp.Kernel : Gfp.Atomic;")]
    public Task Flags_KeptInAVariable_AreThoseOfTheCallersContext(string choosing) => RuleCase.CheckAsync(
        $$"""
            object? Grow() { {{choosing}} return Slab.Allocate(8, flags); }

            object? GrowWrongly() { {{choosing}} return Slab.Allocate(8, flags | Gfp.Kernel); }

            void M()
            {
                using (_lock.Hold()) Grow();
                using (_lock.Hold()) { {{choosing}} Slab.Allocate(8, flags); }
                using (_lock.Hold()) {|MM1003:GrowWrongly()|};
            }
        """);

    [Fact]
    public Task Argument_ThatMustHold_RulesTheOtherPathOut() => RuleCase.CheckAsync(
        """
            static void Insist([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds) { }

            void M(bool ready)
            {
                using (_lock.Hold())
                {
                    Insist(!ready);
                    if (ready) Scheduler.Schedule();
                    if (!ready) {|MM1001:Scheduler.Schedule()|};
                }
            }
        """);

    [Fact]
    public Task Argument_ThatMustHold_TellsTheContextThatItAsksFor() => RuleCase.CheckAsync(
        """
            static void Insist([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds) { }

            static void Refuse([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(true)] bool holds) { }

            [Requires<IrqOff>] void Need() { }

            void M()
            {
                {|MM1008:Need()|};
                Insist(Interrupts.AreOff);
                Need();
            }

            void Not()
            {
                Refuse(!Interrupts.AreOff);
                Need();
            }

            void Wrong()
            {
                Insist(!Interrupts.AreOff);
                {|MM1008:Need()|};
            }
        """);

    [Theory]
    [InlineData("ArgumentNullException.ThrowIfNull(value); if (value == null) Scheduler.Schedule();")]
    [InlineData("ArgumentException.ThrowIfNullOrEmpty(text); if (text is null) Scheduler.Schedule();")]
    [InlineData("Insist(value); if (value is null) Scheduler.Schedule();")]
    [InlineData("if (value == null) { Insist(value); Scheduler.Schedule(); }")]
    [InlineData("Look(value); if (value is null) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("Insist(value); if (text is null) {|MM1001:Scheduler.Schedule()|};")]
    public Task Argument_OfWhatThrowsForNull_IsNotNullBehindIt(string statements) => RuleCase.CheckAsync(
        $$"""
            static void Insist([System.Diagnostics.CodeAnalysis.NotNull] object? value) { if (value is null) throw new ArgumentNullException(nameof(value)); }
            static void Look(object? value) { }
            void M(object? value, string? text) { using (_lock.Hold()) { {{statements}} } }
        """);

    [Fact]
    public Task Argument_NotNullWhenSaidSo_NeedsNoSecondTest() => RuleCase.CheckAsync(
        """
            static bool IsBlank([System.Diagnostics.CodeAnalysis.NotNullWhen(false)] object? value) => value is not string;

            void M(object? value)
            {
                using (_lock.Hold())
                {
                    if (IsBlank(value))
                    {
                        if (value == null) {|MM1001:Scheduler.Schedule()|};
                        return;
                    }

                    if (value == null) Scheduler.Schedule();
                }
            }
        """);

    [Theory]
    [InlineData("readonly object _made = new();", "_ = _made ?? Work();")]
    [InlineData("readonly object _made = new();", "if (_made == null) Scheduler.Schedule();")]
    [InlineData("static readonly int[] s_made = { 1 };", "if (s_made is null) Scheduler.Schedule();")]
    [InlineData("readonly object? _made = new(); public Case(bool other) { if (other) _made = null; }", "_ = _made ?? {|MM1001:Work()|};")]
    [InlineData("object? _made = new();", "_ = _made ?? {|MM1001:Work()|};")]
    public Task Field_ThatIsAlwaysNew_IsNotNull(string field, string statements) => RuleCase.CheckAsync(
        $$"""
            {{field}}

            static object Work() { Scheduler.Schedule(); return ""; }

            void M()
            {
                using (_lock.Hold()) { {{statements}} }
            }
        """);
}
