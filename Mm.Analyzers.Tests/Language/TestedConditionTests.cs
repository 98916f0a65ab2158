using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Conditions that hold the answer of a test and something else: where they are asked, they tell what the test told.</summary>
public class TestedConditionTests
{
    [Theory]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (both)")]
    [InlineData("bool both = n > 2 && Interrupts.AreOff; if (both)")]
    [InlineData("bool both = Interrupts.AreOff & n > 2; if (both)")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (!both) return;")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (_count > 0) _count++; if (both)")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; for (int i = 0; i < n; i++) if (both)")]
    [InlineData("while (true) { bool both = Interrupts.AreOff && n > 2; n--; if (!both) continue; break; }")]
    [InlineData("bool both = true; both &= Interrupts.AreOff; if (both)")]
    [InlineData("bool off = false; if (Interrupts.AreOff) off = n > 2; _count++; if (off)")]
    [InlineData("int way = Interrupts.AreOff ? 1 : 2; if (way == 1)")]
    [InlineData("if (Interrupts.AreOff & n > 2)")]
    [InlineData("if (Interrupts.AreOff | Preemption.IsOff)")]
    [InlineData("bool either = Interrupts.AreOff | Preemption.IsOff; if (either)")]
    [InlineData("bool either = Interrupts.AreOff || Preemption.IsOff; if (either)")]
    [InlineData("bool neither = !Interrupts.AreOff & !Preemption.IsOff; if (!neither)")]
    [InlineData("bool neither = !(Interrupts.AreOff | Preemption.IsOff); if (neither) return;")]
    [InlineData("bool off; if (n > 2) off = Interrupts.AreOff; else off = Preemption.IsOff; if (off)")]
    [InlineData("bool off = n > 2 ? Interrupts.AreOff : Preemption.IsOff; if (off && n < 9)")]
    public Task Condition_WithATest_IsInTheContextWhereItHolds(string before) => RuleCase.CheckAsync(
        $$"""
            void M(int n) { {{before}} {|MM1001:Scheduler.Schedule()|}; }
        """);

    [Theory]
    [InlineData("bool both = Interrupts.AreOff && n > 2;")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (!both)")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (both) _count++;")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; if (both || n == 1)")]
    [InlineData("bool either = Interrupts.AreOff || n > 2; if (either)")]
    [InlineData("bool either = Interrupts.AreOff | n > 2; if (either)")]
    [InlineData("bool either = n > 2; either |= Interrupts.AreOff; if (either)")]
    [InlineData("bool either = Interrupts.AreOff | Preemption.IsOff; if (!either)")]
    [InlineData("int way = Interrupts.AreOff ? 1 : 2; if (way == 2)")]
    [InlineData("bool both = Interrupts.AreOff && n > 2; both = n > 3; if (both)")]
    [InlineData("while (true) { bool both = Interrupts.AreOff && n > 2; n--; if (both) continue; break; }")]
    public Task Condition_ThatMayHoldElsewhere_TellsNothing(string before) => RuleCase.CheckAsync(
        $$"""
            void M(int n) { {{before}} Scheduler.Schedule(); }
        """);

    [Theory]
    [InlineData("bool Both(int n) => Interrupts.AreOff && n > 2;", "if (Both(n))")]
    [InlineData("bool Both(int n) => Interrupts.AreOff & n > 2;", "if (Both(n))")]
    [InlineData("bool Both(int n) { bool both = n > 2 && Interrupts.AreOff; return both; }", "if (!Both(n)) return;")]
    [InlineData("bool Both(int n) => Interrupts.AreOff && n > 2;", "bool both = Both(n); if (_count > 0) _count++; if (both)")]
    [InlineData("bool Both(int n) => Interrupts.AreOff && n > 2;", "bool more = Both(n) && _count > 7; if (more)")]
    [InlineData("bool Either() => Interrupts.AreOff | Preemption.IsOff;", "if (Either())")]
    [InlineData("bool Either() { bool either = Interrupts.AreOff || Preemption.IsOff; return either; }", "bool more = n > 3 && Either(); if (more)")]
    [InlineData("bool Both => Interrupts.AreOff && _count > 2;", "if (Both)")]
    public Task Condition_OfAMethod_IsThatOfItsCaller(string member, string before) => RuleCase.CheckAsync(
        $$"""
            {{member}}

            void M(int n) { {{before}} {|MM1001:Scheduler.Schedule()|}; }
        """);

    [Theory]
    [InlineData("bool Both(int n) => Interrupts.AreOff && n > 2;", "if (!Both(n))")]
    [InlineData("bool Both(int n) => Interrupts.AreOff && n > 2;", "bool both = Both(n);")]
    [InlineData("bool Either(int n) => Interrupts.AreOff | n > 2;", "if (Either(n))")]
    [InlineData("bool Either(int n) { bool either = Interrupts.AreOff || n > 2; return either; }", "if (Either(n))")]
    public Task Condition_OfAMethodThatMayHoldElsewhere_TellsNothing(string member, string before) => RuleCase.CheckAsync(
        $$"""
            {{member}}

            void M(int n) { {{before}} Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Requirement_BehindACondition_IsMetByWhatTheTestsHaveInCommon() => RuleCase.CheckAsync(
        """
            [Requires<IrqOff>] void NeedInterrupts() { }

            [Requires<PreemptOff>] void NeedPreemption() { }

            void M(int n)
            {
                bool both = Interrupts.AreOff && n > 2, either = Interrupts.AreOff | Preemption.IsOff;
                if (both) NeedInterrupts();
                if (!both) {|MM1008:NeedInterrupts()|};
                if (either) NeedPreemption();
                if (either) {|MM1008:NeedInterrupts()|};
            }
        """);

    [Theory]
    [InlineData("static Gfp Usual() => Interrupts.AreOff ? Gfp.Atomic : Gfp.Kernel;", "Slab.Allocate(8, Usual());")]
    [InlineData("static Gfp Usual() => Interrupts.AreOff ? Gfp.Atomic : Gfp.Kernel;", "Make(Usual() | Gfp.Zeroed);")]
    [InlineData("static Gfp Usual() { if (Interrupts.AreOff) return Gfp.NoWait; return Gfp.NoIo; }", "var usual = Usual(); Make(usual);")]
    [InlineData("static Gfp Usual(Gfp more) => more | (Interrupts.AreOff ? Gfp.Atomic : Gfp.Kernel);", "Make(Usual(Gfp.Zeroed));")]
    [InlineData("static Gfp Inner() => Interrupts.AreOff ? Gfp.Atomic : Gfp.Kernel; static Gfp Usual() => Inner();", "Make(Usual());")]
    public Task Flags_ThatAMethodChoosesByATest_AreThoseOfTheContext(string choosing, string allocating) => RuleCase.CheckAsync(
        $$"""
            {{choosing}}

            static void Make(Gfp g) => Slab.Allocate(8, g);

            void Fill() { {{allocating}} }

            void M()
            {
                using (Interrupts.Off()) Fill();
                using (Interrupts.Off()) { {{allocating}} }
                using (_lock.Hold()) {|MM1003:Fill()|};
                Fill();
            }

            [RunsIn<HardIrq>] void OnInterrupt() => Fill();
        """);

    [Fact]
    public Task Effect_BehindANo_CountsWhateverTheBodyHasEnteredSince() => RuleCase.CheckAsync(
        """
            void Fill(Gfp g)
            {
                if (Interrupts.AreOff) return;
                using (Interrupts.Off()) Slab.Allocate(8, g);
            }

            void M()
            {
                {|MM1003:Fill(Gfp.Kernel)|};
                Fill(Gfp.Atomic);
                using (Interrupts.Off()) Fill(Gfp.Kernel);
            }
        """);

    [Fact]
    public Task Effect_BehindAYes_IsOfThoseOnlyWhoAreInTheContext() => RuleCase.CheckAsync(
        """
            void Fill(Gfp g)
            {
                if (!Interrupts.AreOff) return;
                using (Interrupts.Off()) Slab.Allocate(8, g);
            }

            void Wait()
            {
                if (!Interrupts.AreOff) return;
                Interrupts.Enable();
                Scheduler.Schedule();
                Interrupts.Disable();
            }

            void M()
            {
                Fill(Gfp.Kernel);
                using (Interrupts.Off()) {|MM1003:Fill(Gfp.Kernel)|};
                using (Interrupts.Off()) Wait();
                using (_lock.Hold())
                using (Interrupts.Off())
                    {|MM1001:Wait()|};
            }
        """);

    [Theory]
    [InlineData("bool IsOff() => Preemption.IsOff && _count > 0;")]
    [InlineData("bool IsOff() { bool off = Preemption.IsOff; return off; }")]
    [InlineData("bool IsOff() { if (Preemption.IsOff) return _count > 0; return false; }")]
    public Task Condition_AskedInASection_SpeaksOfThatSection(string asking) => RuleCase.CheckAsync(
        $$"""
            {{asking}}

            void M(bool a)
            {
                bool off = false, direct = false, outside = false;
                if (a)
                {
                    outside = IsOff();
                    Preemption.Disable();
                    off = IsOff();
                    direct = Preemption.IsOff;
                    Preemption.Enable();
                }

                if (off) Scheduler.Schedule();
                if (direct) Scheduler.Schedule();
                if (outside) {|MM1001:Scheduler.Schedule()|};
            }
        """);

    [Fact]
    public Task Condition_AskedBeforeTheContextWasLeft_SpeaksOfThen() => RuleCase.CheckAsync(
        """
            void M(int n)
            {
                bool off = Interrupts.AreOff && n > 2;
                if (off) Interrupts.Enable();
                if (off) Scheduler.Schedule();
                if (off) Interrupts.Disable();
            }

            void Again(int n)
            {
                if (!Interrupts.AreOff) return;
                Interrupts.Enable();
                if (n > 2) Scheduler.Schedule();
                Interrupts.Disable();
            }
        """);

    [Theory]
    [InlineData("int n", "n > 3 && Preemption.IsOff", "7", "3")]
    [InlineData("int n", "Preemption.IsOff && n > 3", "7", "3")]
    [InlineData("int n", "Preemption.IsOff && n == 3", "3", "7")]
    [InlineData("int n", "n > 3 && n < 9 && Preemption.IsOff", "8", "9")]
    [InlineData("uint n", "Preemption.IsOff && n > 3 && n <= 9", "9", "10")]
    [InlineData("bool a, bool b", "a && b && Preemption.IsOff", "true, true", "true, false")]
    [InlineData("bool a, bool b", "(a || b) && Preemption.IsOff", "false, true", "false, false")]
    [InlineData("bool a, int n", "a && n > 3 && Preemption.IsOff", "true, 4", "true, 3")]
    public Task CheckedCaller_IsToldFromOthers_ByWhatItPasses(string parameters, string condition, string isChecked, string others) => RuleCase.CheckAsync(
        $$"""
            void Wait({{parameters}})
            {
                if ({{condition}}) return;
                Scheduler.Schedule();
            }

            void M()
            {
                Preemption.Disable();
                Wait({{isChecked}});
                {|MM1001:Wait({{others}})|};
                Preemption.Enable();
            }
        """);

    [Theory]
    [InlineData("Func<bool> may = () => !Preemption.IsOff; if (may())")]
    [InlineData("Func<bool> may = () => !Preemption.IsOff; if (!may()) return;")]
    [InlineData("Func<bool> off = () => Preemption.IsOff; if (!off())")]
    [InlineData("Func<bool> off = IsOff; if (!off())")]
    [InlineData("bool Off() => Preemption.IsOff; Func<bool> off = Off; if (off()) return;")]
    public Task Delegate_ThatAsks_TellsWhatItWasTold(string before) => RuleCase.CheckAsync(
        $$"""
            static bool IsOff() => Preemption.IsOff;
            static void Wait() { {{before.Replace("Func<", "System.Func<")}} Scheduler.Schedule(); }

            void M()
            {
                Preemption.Disable();
                Wait();
                Preemption.Enable();
                Rcu.EnterRead();
                {|MM1001:Wait()|};
                Rcu.ExitRead();
            }
        """);

    [Theory]
    [InlineData("System.Func<bool> may = () => _count > 3; if (may())")]
    [InlineData("System.Func<bool> may = () => !Interrupts.AreOff; if (may())")]
    [InlineData("System.Func<bool> may = () => !Preemption.IsOff; may();")]
    [InlineData("System.Func<bool> may = () => !Preemption.IsOff; may = () => true; if (may())")]
    [InlineData("System.Func<int, bool> off = n => n > 3 && Preemption.IsOff; if (off(_count)) return;")]
    public Task Delegate_ThatAsksSomethingElse_TellsNothing(string before) => RuleCase.CheckAsync(
        $$"""
            void Wait() { {{before}} Scheduler.Schedule(); }

            void M()
            {
                Preemption.Disable();
                {|MM1001:Wait()|};
                Preemption.Enable();
            }
        """);
}
