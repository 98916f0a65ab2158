using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What is put into a tuple comes out of it as what it was.</summary>
public class TupleTests
{
    private const string Parts =
        """
        static void Quiet() { }
        static (Action First, Action Second) Pair() => (Quiet, Work.Do);
        static void RunFirst((Action First, int Count) pair) => pair.First();
        """;

    [Theory]
    [InlineData("(Action work, int n) = (Work.Do, 1); {|MM1001:work()|};")]
    [InlineData("(Action, Action) pair = (Quiet, Work.Do); pair.Item1(); {|MM1001:pair.Item2()|};")]
    [InlineData("(Action First, Action Second) pair = (Quiet, Work.Do); pair.First(); {|MM1001:pair.Second()|}; {|MM1001:pair.Item2()|};")]
    [InlineData("var pair = (First: (Action)Quiet, Second: (Action)Work.Do); pair.First(); {|MM1001:pair.Second()|}; {|MM1001:pair.Item2()|};")]
    [InlineData("var (a, b) = Pair(); a(); {|MM1001:b()|};")]
    [InlineData("{|MM1001:Pair().Second()|}; Pair().First();")]
    [InlineData("Action a = Work.Do, b = Quiet; (a, b) = (b, a); a(); {|MM1001:b()|};")]
    [InlineData("(Action, Action) pair = (Quiet, Quiet); pair.Item1 = Work.Do; pair.Item2(); {|MM1001:pair.Item1()|};")]
    [InlineData("RunFirst((Quiet, 1)); {|MM1001:RunFirst((Work.Do, 1))|};")]
    [InlineData("var ((a, b), c) = (((Action)Quiet, (Action)Work.Do), 1); a(); {|MM1001:b()|};")]
    [InlineData("(Action, object) pair = (Work.Do, \"\"); (Action Run, object Text) other = pair; {|MM1001:other.Run()|};")]
    [InlineData("var (a, b) = _count > 0 ? (1, (Action)Quiet) : (2, Work.Do); {|MM1001:b()|};")]
    public Task Delegate_InATuple_IsWhatItWas(string statements) => LanguageCase.FoundAsync(statements, Parts);

    [Theory]
    [InlineData("(Action a, Action b) = (Quiet, Work.Do); a();")]
    [InlineData("(Action, Action) pair = (Work.Do, Work.Do); pair.Item1 = Quiet; pair.Item1();")]
    [InlineData("Action a = Work.Do, b = Quiet; (a, b) = (b, a); a();")]
    [InlineData("var (a, _) = Pair(); a();")]
    public Task Delegate_TheOtherOfATuple_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Parts);

    [Fact]
    public Task Flags_InATuple_AreDecided() => CheckAsync(
        """
            void M()
            {
                var (size, gfp) = (8, Gfp.Atomic);
                var pair = (Size: 8, Gfp: Gfp.Kernel);
                using (_lock.Hold())
                {
                    Slab.Allocate(size, gfp);
                    {|MM1003:Slab.Allocate(pair.Size, pair.Gfp)|};
                }
            }
        """);

    [Fact]
    public Task Taken_InATuple_TellsThePathsApart() => CheckAsync(
        """
            void M()
            {
                var (taken, n) = (_lock.TryAcquire(), 1);
                if (taken) _lock.Release();
            }

            void Other(bool shared)
            {
                if (shared) _lock.Acquire();
                var pair = (shared, 1);
                if (pair.shared) _lock.Release();
            }

            int OnBoth(bool a, bool b)
            {
                if (a) _lock.Acquire();
                int result = (a, b) switch
                {
                    (true, _) => 1,
                    (false, true) => 2,
                    _ => 3,
                };
                if (a) _lock.Release();
                return result;
            }
        """);

    [Fact]
    public Task Reference_ToAPartOfATuple_IsForgotten() => CheckAsync(
        """
            static void Set(out Gfp gfp) => gfp = Gfp.Kernel;

            void M()
            {
                var pair = (Size: 8, Gfp: Gfp.Atomic);
                using (_lock.Hold())
                {
                    Slab.Allocate(pair.Size, pair.Gfp);
                    Set(out pair.Gfp);
                    {|MM1003:Slab.Allocate(pair.Size, pair.Gfp)|};
                }
            }
        """);

    [Theory]
    [InlineData("_ = {|MM1001:a == b|}; _ = a != b;")]
    [InlineData("_ = {|MM1001:(1, a.Item1) == (1, b.Item1)|};")]
    [InlineData("_ = {|MM1001:(a, 1) == (b, 1)|};")]
    [InlineData("Length? c = default(Length); _ = {|MM1001:(c, 1) == (c, 2)|};")]
    public Task Comparison_OfParts_CallsTheirOperator(string statements) => LanguageCase.FoundAsync(
        "(Length, int) a = default, b = default; " + statements,
        types: """
        struct Length
        {
            public static bool operator ==(Length a, Length b) { Work.Do(); return true; }
            public static bool operator !=(Length a, Length b) => false;
            public override bool Equals(object? other) => true;
            public override int GetHashCode() => 1;
        }
        """);

    private static Task CheckAsync(string members) => AnalyzerTest.CheckAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();

        {{members}}
        }
        """);

    [Theory]
    [InlineData("var (a, b) = new Both(); a(); {|MM1001:b()|};")]
    [InlineData("var (a, b) = 3; a(); {|MM1001:b()|};")]
    public Task Delegate_ThatDeconstructGives_IsWhatItWas(string statements) => LanguageCase.FoundAsync(
        statements,
        types: """
        sealed class Both { public void Deconstruct(out Action a, out Action b) { a = () => { }; b = Work.Do; } }
        static class Apart { public static void Deconstruct(this int n, out Action a, out Action b) { a = () => { }; b = Work.Do; } }
        """);

    [Fact]
    public Task Guard_ThatDeconstructGives_IsEntered() => CheckAsync(
        """
            void Deconstruct(out TicketGuard guard, out int count) { guard = _lock.Hold(); count = 1; }

            void M()
            {
                var (guard, count) = this;
                {|MM1001:Scheduler.Schedule()|};
                guard.Dispose();
                Scheduler.Schedule();
            }
        """);
}
