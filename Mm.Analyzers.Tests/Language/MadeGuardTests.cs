using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A method that promises an interface, and returns an object that it has just made: what runs is that object's.</summary>
public class MadeGuardTests
{
    private const string Token =
        """
            [Scope<SpinLockHeld>]
            sealed class Token : IDisposable { public void Dispose() { } }

            sealed class Idle : IDisposable { public void Dispose() { } }

            sealed class Slow : IDisposable { public void Dispose() => Scheduler.Schedule(); }

            IDisposable Hold() => new Token();

            IDisposable Nothing() => new Idle();

            IDisposable Flushing() => new Slow();

            IDisposable Either() { if (Ready()) return new Token(); return new Idle(); }

        """;

    [Theory]
    [InlineData("using (Hold()) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (Nothing()) { Scheduler.Schedule(); }")]
    [InlineData("using (Hold()) { _count++; } Scheduler.Schedule();")]
    [InlineData("var held = {|MM2004:Hold()|}; _count++;")]
    [InlineData("using (_lock.Hold()) { using ({|MM1001:Flushing()|}) { } }")]
    [InlineData("using (_lock.Hold()) { using (Nothing()) { } }")]
    [InlineData("using (Either()) { Scheduler.Schedule(); }")]
    public Task Guard_ReturnedAsDisposable_IsWhatItIs(string statements) => RuleCase.CheckAsync(Token + $"void M() {{ {statements} }}");
}
