using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A callee that throws unless it is called in a context: behind the call, code is in it.</summary>
public class AssertionTests
{
    private const string Assertions =
        """
            static void ThrowIfPreemptible() { if (!Preemption.IsOff) throw new InvalidOperationException(); }

            static void ThrowUnlessInterruptsAreOff() { if (Interrupts.AreOff) return; throw new InvalidOperationException("interrupts are on"); }

            static void ThrowIfAtomic() { if (Preemption.IsOff) throw new InvalidOperationException(); }

            static void ThrowUnless(bool holds) { if (!holds) throw new InvalidOperationException(); }

            static void ThrowIf(bool holds, string message) { if (holds) throw new InvalidOperationException(message); }

            static void Outer() => ThrowIfPreemptible();

            static void Handing(bool holds) { ThrowUnless(holds); }

            static int Owner() => Preemption.IsOff ? 3 : throw new InvalidOperationException();

            int Checked { get { if (!Preemption.IsOff) throw new InvalidOperationException(); return _count; } }

            void Insist() { if (!Preemption.IsOff) { _count++; throw new InvalidOperationException(); } }

            static async System.Threading.Tasks.Task Later() { if (!Preemption.IsOff) throw new InvalidOperationException(); }

            static void Note(bool holds) { if (!holds) Console.WriteLine(); }

            static void Catching() { try { ThrowIfPreemptible(); } catch (InvalidOperationException) { } }

            [Requires<PreemptOff>] static void Need() { }

        """;

    [Theory]
    [InlineData("ThrowIfPreemptible();")]
    [InlineData("ThrowUnlessInterruptsAreOff();")]
    [InlineData("Outer();")]
    [InlineData("_ = Owner();")]
    [InlineData("int count = Checked;")]
    [InlineData("Insist();")]
    [InlineData("ThrowUnless(Preemption.IsOff);")]
    [InlineData("ThrowUnless(Interrupts.AreOff);")]
    [InlineData("ThrowIf(!Preemption.IsOff, \"on\");")]
    [InlineData("Handing(Preemption.IsOff);")]
    [InlineData("ThrowUnless(a && Preemption.IsOff);")]
    [InlineData("ThrowUnless(a & Preemption.IsOff);")]
    [InlineData("ThrowUnless(Interrupts.AreOff | Preemption.IsOff);")]
    [InlineData("bool both = Preemption.IsOff && a; ThrowUnless(both);")]
    [InlineData("if (a) ThrowIfPreemptible(); else ThrowUnless(Interrupts.AreOff);")]
    [InlineData("void Check() { if (!Preemption.IsOff) throw new InvalidOperationException(); } Check();")]
    [InlineData("Action check = () => { if (!Preemption.IsOff) throw new InvalidOperationException(); }; check();")]
    public Task Code_BehindAnAssertion_IsInTheContext(string assertion) => RuleCase.CheckAsync(
        Assertions +
        $$"""
            void Meets(bool a) { {{assertion}} Need(); }

            void Sleeps(bool a) { {{assertion}} {|MM1001:Scheduler.Schedule()|}; }
        """);

    [Theory]
    [InlineData("")]
    [InlineData("Catching();")]
    [InlineData("_ = Later();")]
    [InlineData("Note(Preemption.IsOff);")]
    [InlineData("ThrowUnless(a);")]
    [InlineData("ThrowUnless(a || Preemption.IsOff);")]
    [InlineData("ThrowUnless(!Preemption.IsOff);")]
    [InlineData("ThrowIf(Preemption.IsOff, \"off\");")]
    [InlineData("if (a) ThrowIfPreemptible();")]
    [InlineData("try { ThrowIfPreemptible(); } catch (InvalidOperationException) { }")]
    public Task Code_BehindWhatAssertsNothing_IsNotInTheContext(string statements) => RuleCase.CheckAsync(
        Assertions +
        $$"""
            void Misses(bool a) { {{statements}} {|MM1008:Need()|}; }

            void Sleeps(bool a) { {{statements}} Scheduler.Schedule(); }
        """);

    [Theory]
    [InlineData("ThrowIfAtomic();")]
    [InlineData("ThrowIf(Preemption.IsOff, \"off\");")]
    [InlineData("ThrowUnless(!Preemption.IsOff);")]
    [InlineData("if (Preemption.IsOff) throw new InvalidOperationException();")]
    public Task Code_BehindTheOppositeAssertion_IsNotReachedInTheContext(string assertion) => RuleCase.CheckAsync(
        Assertions +
        $$"""
            static void Settle() { {{assertion}} Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold()) Settle();
                Settle();
            }

            static void Late() { Scheduler.Schedule(); {{assertion}} }

            void N()
            {
                using (_lock.Hold()) {|MM1001:Late()|};
            }
        """);

    // The verdict does not hang on the configuration of the build.
    [Theory]
    [InlineData("System.Diagnostics.Debug.Assert(Preemption.IsOff);")]
    [InlineData("System.Diagnostics.Debug.Assert(Preemption.IsOff, \"on\");")]
    [InlineData("Insisted(!Preemption.IsOff);")]
    public Task Assertion_ThatIsCompiledOut_TellsOfTheContextAllTheSame(string assertion) => RuleCase.CheckAsync(
        Assertions +
        $$"""
            [System.Diagnostics.Conditional("NOT_DEFINED")] static void Insisted([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(true)] bool fails) { }

            void Meets() { {{assertion}} Need(); }

            void Sleeps() { {{assertion}} {|MM1001:Scheduler.Schedule()|}; }
        """);

    [Theory]
    [InlineData("System.Diagnostics.Debug.Assert(_lock.TryAcquire());")]
    [InlineData("System.Diagnostics.Debug.Assert(a);")]
    [InlineData("System.Diagnostics.Debug.WriteLine(Preemption.IsOff);")]
    public Task Assertion_ThatIsCompiledOut_RunsNothing(string assertion) => RuleCase.CheckAsync(
        Assertions +
        $$"""
            void Misses(bool a) { {{assertion}} {|MM1008:Need()|}; }

            void Sleeps(bool a) { {{assertion}} Scheduler.Schedule(); }
        """);

    [Fact]
    public Task Result_ThatIsAsserted_TellsWhatWasTaken() => RuleCase.CheckAsync(
        Assertions +
        """
            void M()
            {
                bool taken = _lock.TryAcquire();
                ThrowUnless(taken);
                {|MM1001:Scheduler.Schedule()|};
                _lock.Release();
            }

            void N()
            {
                ThrowIf(!_lock.TryAcquire(), "held");
                _lock.Release();
            }
        """);
}
