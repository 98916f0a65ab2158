using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Guards that others dispose of, and guards that come back in out parameters.</summary>
public class GuardPassingTests
{
    private const string Guards =
        """

        [Scope<SpinLockHeld>] sealed class Guard : IDisposable { public int Size; public void Dispose() { } public void End() => Dispose(); public void EndDeep() { Size = 0; End(); } public void Look() => Size++; }
        Guard Take() => new();
        Guard? TryTake() => _count > 0 ? new Guard() : null;
        bool TryOut(out Guard? guard)
        {
            guard = TryTake();
            return guard != null;
        }
        bool TryEarly(out Guard? guard)
        {
            if (_count > 3)
            {
                guard = Take();
                return true;
            }
            guard = null;
            return false;
        }
        void Out(out Guard guard) => guard = Take();
        void Close(Guard? guard) => guard?.Dispose();
        void CloseIf(Guard guard, bool really) { if (really) guard.Dispose(); }
        void Forward(Guard guard) => Close(guard);
        void Look(Guard guard) { if (guard != null) _count++; }
        void Read(Guard guard) { bool some = guard != null; _count = some ? guard!.Size : 0; }
        void LookTwice(Guard guard) => Look(guard);
        void LookAt(ref Guard guard) => _count++;
        void Keep(Guard guard) => _kept = guard;
        void KeepBelow(Guard guard) => Keep(guard);
        Guard? _kept;
        (Guard, int) Pair() => (Take(), 1);
        (int, (Guard First, int)) Nested() { var g = Take(); return (1, (g, 2)); }
        void Any(IDisposable what) => what.Dispose();
        Guard Named(Guard guard, string name) { _count += name.Length; return guard; }
        Guard NamedTwice(Guard guard) => Named(Named(guard, "a"), "b");
        Guard Exchange(Guard guard) { guard.Dispose(); return Take(); }
        Guard Renew(Guard? guard, int size)
        {
            if (guard != null)
            {
                if (guard.Size == size) return guard;
                guard.Dispose();
            }
            return Take();
        }
        """;

    [Theory]
    [InlineData("Close(Take());")]
    [InlineData("Take().End();")]
    [InlineData("var g = Take(); try { _count++; } finally { g.EndDeep(); }")]
    [InlineData("var g = Take(); Close(g);")]
    [InlineData("var g = Take(); CloseIf(g, true);")]
    [InlineData("var g = Take(); Forward(g);")]
    [InlineData("var g = Take(); Any(g);")]
    [InlineData("var g = TryTake(); Close(g);")]
    [InlineData("var g = Take(); Action close = () => g.Dispose(); close();")]
    [InlineData("var g = Take(); void Done() => g.Dispose(); Done();")]
    [InlineData("var g = Take(); void Done(Guard x) => x.Dispose(); Done(g);")]
    [InlineData("var g = Take(); try { _count++; } finally { Close(g); }")]
    [InlineData("if (TryOut(out var g)) { _count++; g!.Dispose(); }")]
    [InlineData("Out(out var g); g.Dispose();")]
    [InlineData("if (TryEarly(out var g)) using (g) _count++;")]
    [InlineData("var g = Take(); LookAt(ref g); g.Dispose();")]
    [InlineData("var g = Take(); Read(g); LookTwice(g); g.Dispose();")]
    [InlineData("Func<Guard> take = Take; using (take()) _count++;")]
    [InlineData("Func<Guard> take = () => Take(); var g = take(); g.Dispose();")]
    [InlineData("var pair = Pair(); pair.Item1.Dispose();")]
    [InlineData("using (Named(Take(), nameof(M))) _count++;")]
    [InlineData("var g = NamedTwice(Take()); g.Dispose();")]
    [InlineData("var g = Take(); Named(g, nameof(M)); g.Dispose();")]
    [InlineData("using (Exchange(Take())) _count++;")]
    [InlineData("var g = Take(); g = Renew(g, 3); g.Dispose();")]
    [InlineData("Guard? g = null; for (int i = 0; i < 3; i++) g = Renew(g, i); g?.Dispose();")]
    public Task Guard_ThatIsDisposedOfElsewhere_IsLeft(string statements) =>
        ValueCase.CheckAsync(statements, $"void M() {{ {statements} Scheduler.Schedule(); }}" + Guards);

    [Theory]
    [InlineData("var g = Take(); CloseIf(g, false); {|MM1001:Scheduler.Schedule()|}; g.Dispose();")]
    [InlineData("var g = Take(); {|MM1001:Scheduler.Schedule()|}; Close(g);")]
    [InlineData("var g = Take(); g.Look(); {|MM1001:Scheduler.Schedule()|}; g.EndDeep();")]
    [InlineData("var g = {|MM2004:Take()|}; g.Look();")]
    [InlineData("var nested = {|MM2004:Nested()|};")]
    [InlineData("var nested = Nested(); {|MM1001:Scheduler.Schedule()|}; nested.Item2.First.Dispose();")]
    [InlineData("var pair = {|MM2004:Pair()|}; if (_count > 3) return; pair.Item1.Dispose();")]
    [InlineData("if (TryOut(out var g)) { {|MM1001:Scheduler.Schedule()|}; g!.Dispose(); }")]
    [InlineData("Out(out var g); {|MM1001:Scheduler.Schedule()|}; g.Dispose();")]
    [InlineData("{|MM2004:Out(out var g)|};")]
    [InlineData("using (Named(Take(), nameof(M))) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("Named({|MM2004:Take()|}, nameof(M));")]
    [InlineData("var g = NamedTwice(Take()); {|MM1001:Scheduler.Schedule()|}; g.Dispose();")]
    [InlineData("var g = Take(); g = {|MM2004:Renew(g, 3)|}; _count++;")]
    [InlineData("Guard? g = null; for (int i = 0; i < 3; i++) { g = Renew(g, i); {|MM1001:Scheduler.Schedule()|}; } g?.Dispose();")]
    [InlineData("var g = {|MM2004:Take()|}; Look(g);")]
    [InlineData("Look({|MM2004:Take()|});")]
    [InlineData("var g = Take(); Look(g); {|MM1001:Scheduler.Schedule()|}; g.Dispose();")]
    [InlineData("if (!TryEarly(out var g)) return; using (g) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("var g = {|MM2004:Take()|}; Read(g);")]
    [InlineData("LookTwice({|MM2004:Take()|});")]
    [InlineData("var g = {|MM2004:Take()|}; LookAt(ref g);")]
    [InlineData("var g = Take(); LookAt(ref g); {|MM1001:Scheduler.Schedule()|}; g.Dispose();")]
    [InlineData("Func<Guard> take = Take; using (take()) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("Func<Guard> take = Take; var g = {|MM2004:take()|}; _count++;")]
    [InlineData("Func<Guard?> take = TryTake; using (var g = take()) { if (g == null) Scheduler.Schedule(); else {|MM1001:Scheduler.Schedule()|}; }")]
    public Task Guard_ThatIsStillHeld_Counts(string statements) =>
        ValueCase.CheckAsync(statements, $"void M() {{ {statements} }}" + Guards);

    [Theory]
    [InlineData("Keep(Take()); {|MM2001:return;|}")]
    [InlineData("KeepBelow(Take()); {|MM2001:return;|}")]
    public Task Guard_ThatACalleePutsAway_StaysEntered(string statements) =>
        ValueCase.CheckAsync(statements, $"void M() {{ {statements} }}" + Guards);

    [Fact]
    public Task Null_AsOnTheWayThatEnteredNothing_IsToldFromThis() => ValueCase.CheckAsync(
        "this",
        """
        object? Find(int key)
        {
            _lock.Acquire();
            if (key == 0)
            {
                _lock.Release();
                return null;
            }
            {|MM2001:return this;|}
        }
        void M(int key)
        {
            var found = Find(3);
            if (found == null)
            {
                Scheduler.Schedule();
                return;
            }
            {|MM1001:Scheduler.Schedule()|};
            _lock.Release();
        }
        """);

    [Fact]
    public Task Conditions_OfARecursion_KeepWhatTheyHaveInCommon() => ValueCase.CheckAsync(
        "recursion",
        """
        void Count(int n, bool wait)
        {
            if (n == 0)
            {
                if (wait) Scheduler.Schedule();
                return;
            }
            Count(n - 1, wait);
        }
        void M(int n)
        {
            using (_lock.Hold())
            {
                Count(n, false);
                {|MM1001:Count(n, true)|};
            }
        }
        """);
}
