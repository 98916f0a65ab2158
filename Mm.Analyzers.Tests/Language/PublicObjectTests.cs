using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>
/// Objects of classes that anybody may make: what they were given is known to the method that made them. Of any other object, what is seen
/// being given to one of its class may be in it.
/// </summary>
public class PublicObjectTests
{
    [Theory]
    [InlineData("readonly Action _act; public Undo(Action act) => _act = act; public void Dispose() => _act();")]
    [InlineData("readonly Action _act; public Undo(Action act) { _act = act ?? throw new ArgumentNullException(nameof(act)); } public void Dispose() => _act();")]
    [InlineData("readonly Action _act; public Undo(Action act) => _act = act; public void Dispose() => Deeper(); void Deeper() => Deepest(); void Deepest() => _act();")]
    [InlineData("public Action Act { get; } public Undo(Action act) : this(act, 1) { } Undo(Action act, int size) => Act = act; public void Dispose() => Act();")]
    [InlineData("Action? _act; public Undo(Action act) => _act = act; public void Dispose() { if (_act is { } act) act(); }")]
    public Task Delegate_OfAnObjectMadeHere_IsWhatItWasGiven(string members) => CheckAsync(
        """
        using (new Undo(Nothing)) { }
        using (var {|MM1001:undo = new Undo(Wait)|}) { }
        using (var {|MM1001:undo = new Undo(() => Scheduler.Schedule())|}) { }
        Undo made = new(Nothing), slow = new(Wait);
        End(made);
        {|MM1001:EndDeeper(slow)|};
        {|MM1001:unknown.Dispose()|};
        {|MM1001:End(unknown)|};
        """,
        "static void End(Undo undo) => undo.Dispose(); static void EndDeeper(Undo undo) => End(undo);",
        $"public sealed class Undo : IDisposable {{ {members} }}");

    [Fact]
    public Task Delegate_ThatAClassCaptures_IsWhatItWasGiven() => CheckAsync(
        """
        new Undo(Nothing).Run();
        {|MM1001:new Undo(Wait).Run()|};
        new Later(Nothing).Complete();
        {|MM1001:new Later(Wait).Complete()|};
        using (new Cleanup(Nothing)) { }
        using ({|MM1001:new Cleanup(Wait)|}) { }
        {|MM1001:unknown.Run()|};
        """,
        "",
        """
        public class Undo(Action act) { public void Run() => act(); protected void Finish() => act(); }
        public sealed class Later(Action done) : Undo(done) { public void Complete() => Finish(); }
        public readonly struct Cleanup(Action act) : IDisposable { public void Dispose() => act(); }
        """);

    [Fact]
    public Task FlagsAndTruths_ThatAClassCaptures_AreWhatItWasGiven() => CheckAsync(
        """
        new Undo(false, Gfp.Atomic).Run();
        {|MM1001:new Undo(true, Gfp.Atomic).Run()|};
        new Undo(true, Gfp.Atomic).Take();
        {|MM1003:new Undo(false, Gfp.Kernel).Take()|};
        {|MM1001:unknown.Run()|};
        """,
        "",
        "public sealed class Undo(bool waits, Gfp gfp) { public void Run() { if (waits) Scheduler.Schedule(); } public void Take() => Slab.Allocate(1, gfp); }");

    [Fact]
    public Task Parameter_ThatAMemberWrites_IsNotWhatTheClassWasGiven() => CheckAsync(
        """
        {|MM1001:new Undo(false).Run()|};
        """,
        "",
        "public sealed class Undo(bool waits) { public void Slow() => waits = true; public void Run() { if (waits) Scheduler.Schedule(); } }");

    [Fact]
    public Task Handler_ThatWasInitialised_IsTheOneOfTheObject() => CheckAsync(
        """
        new Undo().Run();
        new Undo { Handler = Nothing }.Run();
        {|MM1001:new Undo { Handler = Wait }.Run()|};
        """,
        "",
        "public class Undo { public Action? Handler { get; init; } public void Run() => Handler?.Invoke(); }");

    [Theory]
    [InlineData("public event Action? Ended; public void End() => Ended?.Invoke();", "undo.Ended += Wait;", "undo.Ended += Nothing;")]
    [InlineData("public Action Ended { get; set; } = () => { }; public void End() => Ended();", "undo.Ended = Wait;", "undo.Ended = Nothing;")]
    [InlineData("public Action? Ended; public void End() => Ended?.Invoke();", "undo.Ended = () => Scheduler.Schedule();", "undo.Ended = () => { };")]
    [InlineData("Action? _ended; public void OnEnd(Action ended) => _ended = ended; public void End() => _ended?.Invoke();", "undo.OnEnd(Wait);", "undo.OnEnd(Nothing);")]
    public async Task Handler_ThatIsSeenGoingIn_MayBeTheOne(string members, string slow, string quick)
    {
        await CheckAsync("{|MM1001:unknown.End()|};", $"static void Set(Undo undo) {{ {slow} }}", $"public class Undo {{ {members} }}");
        await CheckAsync("unknown.End();", $"static void Set(Undo undo) {{ {quick} }}", $"public class Undo {{ {members} }}");
    }

    [Fact]
    public Task Handlers_OfWhichNoneIsSeen_AreUnknown() => CheckAsync(
        "unknown.End();",
        "",
        "public class Undo { public event Action? Ended; public void End() => Ended?.Invoke(); }");

    private static Task CheckAsync(string statements, string members, string types) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            static void Nothing() { }
            static void Wait() => Scheduler.Schedule();
            {{members}}
            void M(Undo unknown)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }

        {{types}}
        """);
}
