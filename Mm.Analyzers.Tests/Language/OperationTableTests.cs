using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Tables of operations: each object keeps its own, and a call through one does what is in that one.</summary>
public class OperationTableTests
{
    [Theory]
    [InlineData("Quiet.Run();", "{|MM1001:Slow.Run()|};", "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }", "new Ops")]
    [InlineData("Quiet.Run!();", "{|MM1001:Slow.Run!()|};", "sealed class Ops { public Action? Run; public Ops(Action? run) => Run = run; }", "new Ops")]
    [InlineData("Quiet.Run();", "{|MM1001:Slow.Run()|};", "sealed record Ops(Action Run);", "new Ops")]
    [InlineData("Quiet.Run();", "{|MM1001:Slow.Run()|};", "readonly struct Ops { public readonly Action Run; public Ops(Action run) => Run = run; }", "new Ops")]
    [InlineData("Quiet.Start();", "{|MM1001:Slow.Start()|};", "sealed class Ops(Action run) { public void Start() => run(); }", "new Ops")]
    [InlineData("Quiet.Start();", "{|MM1001:Slow.Start()|};", "sealed class Ops { readonly Action _run; public Ops(Action? run) => _run = run ?? (static () => { }); public void Start() => _run(); }", "new Ops")]
    [InlineData("Quiet.Run();", "{|MM1001:Slow.Run()|};", "sealed class Ops { public Action Run { get; } public Ops(Action run) : this(run, 1) { } Ops(Action run, int size) => Run = run; }", "new Ops")]
    [InlineData("Quiet.Run();", "{|MM1001:Slow.Run()|};", "sealed class Ops { public Action Run { get; init; } = null!; public static Ops Of(Action run) => new() { Run = run }; }", "Made")]
    public Task Table_OfTwoOfOneClass_RunsWhatItHolds(string quiet, string slow, string type, string make) => CheckAsync(
        $$"""
            {{(make == "Made" ? "static readonly Ops Quiet = new() { Run = Nothing }, Slow = new() { Run = Wait };" : "static readonly Ops Quiet = new(Nothing), Slow = new(Wait);")}}
            void M() { using (_lock.Hold()) { {{quiet}} {{slow}} } }
        """,
        type);

    [Theory]
    [InlineData("readonly Ops _ops = new(Nothing);", "_ops.Run();")]
    [InlineData("readonly Ops _ops; public Case() { _ops = new Ops(() => _count++); }", "_ops.Run();")]
    [InlineData("static readonly Ops s_ops = new(Nothing); readonly Ops _ops = s_ops;", "_ops.Run();")]
    [InlineData("static Ops Make() => new(Nothing); readonly Ops _ops = Make();", "_ops.Run();")]
    [InlineData("sealed class Part { public readonly Ops Ops; public Part(Ops ops) { Ops = ops; } } static readonly Part s_part = new(new Ops(Nothing));", "s_part.Ops.Run();")]
    [InlineData("sealed class Part { public Ops? Ops { get; init; } } static readonly Part s_part = new() { Ops = new Ops(Nothing) };", "s_part.Ops?.Run();")]
    [InlineData("", "var ops = new Ops(Nothing); ops.Run();")]
    [InlineData("void Start(Ops ops) => ops.Run();", "Start(new Ops(Nothing));")]
    [InlineData("static readonly Ops s_ops = new(Nothing); void Start(Ops ops) => Next(ops); void Next(Ops ops) => ops.Run();", "Start(s_ops); {|MM1001:Start(Slow)|};")]
    public Task Table_OfAnyOrigin_IsTheOneThatWasMade(string members, string statements) => CheckAsync(
        $$"""
            static readonly Ops Slow = new(Wait);
            {{members}}
            void M() { using (_lock.Hold()) { {{statements}} } }
        """,
        "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }");

    [Theory]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) ops.Run(); }", "Locked(s_quiet); Locked(new Ops(static () => { }));")]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) {|MM1001:ops.Run()|}; }", "Locked(s_quiet); Locked(s_slow);")]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) {|MM1001:ops.Run()|}; }", "Locked(s_quiet); Locked(_unseen);")]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) {|MM1001:ops.Run()|}; }", "Locked(s_quiet); Action<Ops> other = Locked;")]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) Next(ops); } void Next(Ops ops) => ops.Run();", "Locked(s_quiet); Next(s_slow);")]
    [InlineData("void Locked(Ops ops) { using (_lock.Hold()) {|MM1001:ops.Run()|}; }", "var ops = s_quiet; if (_count > 0) ops = s_slow; Locked(ops);")]
    public Task Table_UnderTheLockOfAMethodThatIsGivenIt_IsOneOfThoseThatCallersGive(string members, string statements) => CheckAsync(
        $$"""
            static readonly Ops s_quiet = new(Nothing), s_slow = new(Wait);
            Ops _unseen = s_quiet;
            public void Set(Ops ops) => _unseen = ops;
            {{members}}
            void M() { {{statements}} }
        """,
        "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }");

    [Theory]
    [InlineData("sealed class Driver(Ops ops) { readonly TicketLock _held = new(); public void Poll() { using (_held.Hold()) ops.Run(); } }", "new Driver(s_quiet).Poll();")]
    [InlineData("sealed class Driver { readonly TicketLock _held = new(); readonly Ops _ops; public Driver(Ops ops) { _ops = ops; } public void Poll() { using (_held.Hold()) {|MM1001:_ops.Run()|}; } }", "new Driver(s_quiet).Poll(); new Driver(s_slow).Poll();")]
    [InlineData("sealed class Driver { readonly TicketLock _held = new(); readonly Ops _ops; public Driver(Ops ops) { _ops = ops; } public void Poll() { using (_held.Hold()) {|MM1001:_ops.Run()|}; } }", "")]
    [InlineData("sealed class Driver { readonly TicketLock _held = new(); public Ops? Ops { get; init; } public void Poll() { using (_held.Hold()) Ops?.Run(); } }", "new Driver { Ops = s_quiet }.Poll();")]
    [InlineData("sealed class Driver { readonly TicketLock _held = new(); public Ops? Ops; public void Poll() { using (_held.Hold()) Ops?{|MM1001:.Run()|}; } }", "var driver = new Driver { Ops = s_quiet }; driver.Ops = s_slow; driver.Poll();")]
    [InlineData("class Driver { readonly TicketLock _held = new(); readonly Ops _ops; public Driver(Ops ops) { _ops = ops; } public void Poll() { using (_held.Hold()) {|MM1001:_ops.Run()|}; } } sealed class Special() : Driver(s_slow);", "new Driver(s_quiet).Poll();")]
    public Task Table_OfADriver_IsWhatTheDriverWasMadeWith(string driver, string statements) => CheckAsync(
        $$"""
            static readonly Ops s_quiet = new(Nothing), s_slow = new(Wait);
            {{driver}}
            void M() { {{statements}} }
        """,
        "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }");

    [Fact]
    public Task Table_WhoseEntryIsWrittenLater_IsAnyOfItsClass() => CheckAsync(
        """
            static readonly Ops s_ops = new() { Run = Nothing };
            void Set() => s_ops.Run = Wait;
            void M() { using (_lock.Hold()) s_ops.Run?{|MM1001:.Invoke()|}; }
        """,
        "sealed class Ops { public Action? Run; }");

    [Theory]
    [InlineData("sealed class Part { public Ops Ops { get; } = new(); } static readonly Part s_part = new() { Ops = { Run = Wait } };", "s_part.Ops.Run?{|MM1001:.Invoke()|};")]
    [InlineData("sealed class Part : System.Collections.IEnumerable { readonly TicketLock _held = new(); public void Add(Ops ops) { using (_held.Hold()) ops.Run?{|MM1001:.Invoke()|}; } public System.Collections.IEnumerator GetEnumerator() => null!; }", "new Part().Add(new Ops { Run = Nothing }); _ = new Part { new Ops { Run = Wait } };")]
    public Task Table_FilledWithoutACallByName_IsFilled(string members, string statements) => CheckAsync(
        $$"""
            {{members}}
            void M() { using (_lock.Hold()) { {{statements}} } }
        """,
        "sealed class Ops { public Action? Run { get; set; } }");

    [Theory]
    [InlineData("sealed class Device(Ops ops) { readonly Ops _ops = ops; public void Start() => _ops.Run(); }", "new Device(s_quiet).Start(); {|MM1001:new Device(s_slow).Start()|};")]
    [InlineData("sealed class Device(Ops ops) { public void Start() => ops.Run(); }", "var quiet = new Device(s_quiet); var slow = new Device(s_slow); quiet.Start(); {|MM1001:slow.Start()|};")]
    [InlineData("readonly struct Device(Ops ops, int at) { public int At => at; public void Start() => ops.Run(); }", "Go(new Device(s_quiet, 1)); {|MM1001:Go(new Device(s_slow, 1))|}; static void Go(in Device device) => device.Start();")]
    [InlineData("sealed class Device { readonly Ops _ops; readonly int _at; public Device(in Ops ops, int at) => (_ops, _at) = (ops, at); public void Start() => _ops.Run(); }", "new Device(s_quiet, 1).Start(); {|MM1001:new Device(s_slow, 1).Start()|};")]
    public Task Table_OfADeviceThatWasMadeHere_IsTheOneItWasGiven(string device, string statements) => CheckAsync(
        $$"""
            static readonly Ops s_quiet = new(Nothing), s_slow = new(Wait);
            {{device}}
            void M() { using (_lock.Hold()) { {{statements}} } }
        """,
        "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }");

    [Theory]
    [InlineData("static void Go(Ops ops) { if (ops.Poll != null) ops.Poll(); else ops.Run(); }")]
    [InlineData("static void Go(Ops ops) => (ops.Poll ?? ops.Run)();")]
    [InlineData("static void Go(Ops ops) { if (ops.Poll == null) Wait(); }")]
    [InlineData("sealed class Bus(Ops ops) { public void Go() { if (Interrupts.AreOff && ops.Poll != null) ops.Poll(); else ops.Run(); } } static readonly Bus s_full = new(Full), s_poor = new(Poor); static void Go(Ops ops) { if (ops == Full) s_full.Go(); else s_poor.Go(); }", "using (Interrupts.Off()) { s_full.Go(); {|MM1001:s_poor.Go()|}; }")]
    public Task Handler_ThatATableMayHave_IsAskedFor(string member, string statements = "using (_lock.Hold()) { Go(Full); {|MM1001:Go(Poor)|}; }") => CheckAsync(
        $$"""
            static readonly Ops Full = new() { Run = Wait, Poll = Nothing }, Poor = new() { Run = Wait };
            {{member}}
            void M() { {{statements}} }
        """,
        "sealed class Ops { public required Action Run { get; init; } public Action? Poll { get; init; } }");

    [Fact]
    public Task Table_ThatIsNotThere_HasNoHandlers() => CheckAsync(
        """
            sealed class Driver(Ops? ops) { public readonly Ops? Ops = ops; }
            sealed class Device(Driver driver) { public Driver Driver { get; } = driver; }
            static readonly Device s_bare = new(new Driver(null)), s_slow = new(new Driver(new Ops(Wait))), s_quiet = new(new Driver(new Ops(Nothing)));
            static void Start(Device device) => device.Driver.Ops?.Run();
            void M() { using (_lock.Hold()) { Start(s_bare); Start(s_quiet); {|MM1001:Start(s_slow)|}; } }
        """,
        "sealed class Ops { public readonly Action Run; public Ops(Action run) => Run = run; }");

    [Fact]
    public Task Handlers_AssignedAsATuple_AreFollowed() => CheckAsync(
        """
            sealed class Trigger { readonly Action? _top; readonly Action _bottom; public Trigger(Action? top, Action bottom) => (_top, _bottom) = (top, bottom); public void Top() => _top?.Invoke(); public void Bottom() => _bottom(); }
            sealed class Late { Action? _top; Action _bottom; public Late(Action? top, Action bottom) { (_top, _bottom) = (top, bottom); } public void Bottom() => _bottom(); public void Clear() => _top = null; }
            static readonly Trigger s_good = new(Nothing, Wait), s_none = new(null, Nothing);
            static readonly Late s_late = new(Nothing, Wait);
            void M() { using (_lock.Hold()) { s_good.Top(); s_none.Top(); s_none.Bottom(); {|MM1001:s_good.Bottom()|}; {|MM1001:s_late.Bottom()|}; } }
        """,
        "static class Unused;");

    private static Task CheckAsync(string members, string types) => AnalyzerTest.CheckAsync(
        $$"""
        using System;

        {{types}}

        sealed class Case
        {
            readonly TicketLock _lock = new();
            static int s_count;
            int _count;

            static void Nothing() => s_count++;
            static void Wait() => Scheduler.Schedule();

        {{members}}
        }
        """);
}
