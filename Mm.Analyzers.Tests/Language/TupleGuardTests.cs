using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Guards that come back as parts of a tuple: the context holds from the call until that part is disposed of.</summary>
public class TupleGuardTests
{
    [Theory]
    [InlineData("var (guard, n) = Take(); {|MM1001:Work.Do()|}; guard.Dispose(); Work.Do();")]
    [InlineData("(Guard guard, _) = Take(); using (guard) {|MM1001:Work.Do()|}; Work.Do();")]
    [InlineData("var both = Take(); {|MM1001:Work.Do()|}; both.Item1.Dispose(); Work.Do();")]
    [InlineData("var both = Take(); using (both.Item1) {|MM1001:Work.Do()|}; Work.Do();")]
    [InlineData("using (Take().Item1) {|MM1001:Work.Do()|}; Work.Do();")]
    [InlineData("using (TakeSmall().Small) {|MM1001:Work.Do()|}; Work.Do();")]
    [InlineData("using var small = TakeSmall().Small; {|MM1001:Work.Do()|};")]
    [InlineData("var (guard, n) = Again(); try { {|MM1001:Work.Do()|}; } finally { guard.Dispose(); } Work.Do();")]
    [InlineData("var (n, guard) = TryTake(true); if (guard != null) { {|MM1001:Work.Do()|}; guard.Dispose(); } Work.Do();")]
    [InlineData("var (n, guard) = TryTake(false); Work.Do(); guard?.Dispose();")]
    [InlineData("for (int i = 0; i < 3; i++) { var (guard, n) = Take(); guard.Dispose(); Work.Do(); }")]
    [InlineData("var both = Take(); Give(both); Work.Do();")]
    [InlineData("var ((guard, n), m) = TakeNested(); {|MM1001:Work.Do()|}; guard.Dispose(); Work.Do();")]
    [InlineData("Guard guard; int n, m; ((guard, n), m) = TakeNested(); using (guard) {|MM1001:Work.Do()|}; Work.Do();")]
    [InlineData("var nested = TakeNested(); {|MM1001:Work.Do()|}; nested.Item1.Item1.Dispose(); Work.Do();")]
    [InlineData("var ((guard, n), m) = ((Lock(), 1), 2); {|MM1001:Work.Do()|}; guard.Dispose(); Work.Do();")]
    [InlineData("_kept = Take();")]
    public Task Guard_InATuple_HoldsUntilItIsDisposed(string statements) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        [Scope<SpinLockHeld>] sealed class Guard : IDisposable { public void Dispose() { } }
        [Scope<SpinLockHeld>] readonly struct Small : IDisposable { public void Dispose() { } }

        class Case
        {
            (Guard, int) _kept;
            Guard Lock() => new();
            (Guard, int) Take() => (Lock(), _kept.Item2);
            (Guard, int) Again() { var both = Take(); return both; }
            ((Guard, int), int) TakeNested() => (Take(), 2);
            (int N, Small Small) TakeSmall() { Small small = LockSmall(); return (2, small); }
            Small LockSmall() => default;
            (int, Guard?) TryTake(bool may) { if (!may) return (0, null); return (1, Lock()); }
            static void Give((Guard Guard, int N) both) => both.Guard.Dispose();
            [Enters<SpinLockHeld>] void Keep() => _kept = Take();

            {{(statements.StartsWith("_kept", System.StringComparison.Ordinal) ? "[Enters<SpinLockHeld>] " : "")}}void M()
            {
                {{statements}}
            }
        }
        """);
}
