using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A method that promises an interface, and returns a guard that it has just made.</summary>
public class MadeGuardTests
{
    private const string Token =
        """
            [Scope<SpinLockHeld>]
            sealed class Token : IDisposable { public void Dispose() { } }

            sealed class Idle : IDisposable { public void Dispose() { } }

            [Scope<SpinLockHeld>]
            readonly struct Held : IDisposable { public void Dispose() { } }

            Held Take() => default;

            IDisposable Boxed() => Take();

            void Dropped() { IDisposable held = {|MM2004:Take()|}; _count++; }

            IDisposable Hold() => new Token();

            Token Make() => new();

            IDisposable Hidden() => Make();

            IDisposable HiddenTwice() => Hidden();

            IDisposable HiddenInALocal() { var made = Make(); _count++; return made; }

            IDisposable Nothing() => new Idle();

            IDisposable Either() { if (Ready()) return new Token(); return new Idle(); }

        """;

    [Theory]
    [InlineData("using (Hold()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("IDisposable held = Take(); held.Dispose(); Scheduler.Schedule();")]
    [InlineData("using (IDisposable held = Take()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (Hidden()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (HiddenTwice()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (HiddenInALocal()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (Boxed()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (Hidden()) { _count++; } Scheduler.Schedule();")]
    [InlineData("var held = {|MM2004:Hidden()|}; _count++;")]
    [InlineData("using (Nothing()) { Scheduler.Schedule(); }")]
    [InlineData("using (Hold()) { _count++; } Scheduler.Schedule();")]
    [InlineData("var held = {|MM2004:Hold()|}; _count++;")]
    [InlineData("using (_lock.Hold()) { using (Nothing()) { } }")]
    [InlineData("using (Either()) { Scheduler.Schedule(); }")]
    public Task Guard_ReturnedAsDisposable_IsWhatItIs(string statements) => RuleCase.CheckAsync(Token + $"void M() {{ {statements} }}");
}
