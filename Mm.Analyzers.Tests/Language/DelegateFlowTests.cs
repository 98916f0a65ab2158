using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates that come through a field: registered callbacks, tables of operations, function pointers.</summary>
public class DelegateFlowTests
{
    [Theory]
    [InlineData("_hook?{|MM1001:.Invoke()|};", "Action? _hook; public void Register(Action hook) => _hook = hook;", "static class Client { static void Set(Case to) => to.Register(Work.Do); }")]
    [InlineData("_hook?{|MM1001:.Invoke()|};", "Action? _hook; public void Register(Action hook) => Keep(hook); void Keep(Action hook) { _hook = hook; }", "static class Client { static void Set(Case to) => to.Register(() => Work.Do()); }")]
    [InlineData("_hook?{|MM1001:.Invoke()|};", "Action? _hook; public void Register(Action? hook) => _hook = hook ?? throw new ArgumentNullException(nameof(hook));", "static class Client { static void Set(Case to) => to.Register(Work.Do); }")]
    [InlineData("_hook?.Invoke();", "Action? _hook; public void Register(Action hook) => _hook = hook;", "static class Client { static void Set(Case to) => to.Register(() => { }); }")]
    [InlineData("_hook?.Invoke();", "Action? _hook, _other; public void Register(Action hook, Action other) { _hook = hook; _other = other; }", "static class Client { static void Set(Case to) => to.Register(() => { }, Work.Do); }")]
    [InlineData("_hook?.Invoke();", "Action? _hook; public void Register([Never<Sleep>] Action hook) => _hook = hook;", "static class Client { static void Set(Case to) => to.Register(() => { }); }")]
    public Task Callback_Registered_IsWhatTheCallersPass(string statements, string members, string types) => JudgeAsync(statements, members, types);

    [Theory]
    [InlineData("{|MM1001:_ops.Read!()|};", "readonly Ops _ops = new() { Read = Work.Do };", "class Ops { public Action? Read; }")]
    [InlineData("{|MM1001:_ops.Read!()|};", "readonly Ops _ops = new() { Read = Work.Do };", "class Ops { public Action? Read { get; init; } }")]
    [InlineData("{|MM1001:_ops.Read()|};", "readonly Ops _ops = new(Work.Do);", "class Ops { public readonly Action Read; public Ops(Action read) => Read = read; }")]
    [InlineData("{|MM1001:_ops.Read()|};", "readonly Ops _ops = new Ops(Work.Do, 1);", "record Ops(Action Read, int Size);")]
    [InlineData("{|MM1001:_ops.Read()|};", "Ops _ops; void Set() { _ops = new(Work.Do, 1); }", "readonly record struct Ops(Action Read, int Size);")]
    [InlineData("_part.Run();", "readonly Part _part = new Quiet();", "class Part { readonly Action _read; protected Part(Action read) => _read = read; public void Run() => _read(); } class Quiet : Part { public Quiet() : base(() => { }) { } }")]
    [InlineData("{|MM1001:_part.Run()|};", "readonly Part _part = new Loud();", "class Part { readonly Action _read; protected Part(Action read) => _read = read; public void Run() => _read(); } class Loud : Part { public Loud() : base(Work.Do) { } }")]
    [InlineData("{|MM1001:_part.Run()|};", "readonly Part _part = new(Work.Do);", "class Part(Action read) { public void Run() => read(); }")]
    [InlineData("{|MM1001:_part.Run()|};", "readonly Part _part = new(Work.Do);", "class Part(Action read) { readonly Action _read = read; public void Run() => _read(); }")]
    [InlineData("{|MM1001:_part.Read()|};", "readonly Part _part = new(Work.Do);", "class Part(Action read) { public Action Read { get; } = read; }")]
    [InlineData("_part.Run();", "readonly Part _part = new(() => { }, Work.Do);", "class Part(Action read, Action write) { readonly Action _read = read, _write = write; public void Run() => _read(); public void Other() => _write(); }")]
    [InlineData("_ops.Write!();", "readonly Ops _ops = new() { Read = Work.Do, Write = () => { } };", "class Ops { public Action? Read; public Action? Write; }")]
    [InlineData("{|MM1001:s_ops.Read!()|}; s_ops.Write!();", "static readonly Ops s_ops = new() { Read = Work.Do, Write = () => { } };", "struct Ops { public Action? Read, Write; }")]
    [InlineData("var ops = _ops; {|MM1001:ops.Read!()|}; ops.Write!();", "readonly Ops _ops = new() { Read = Work.Do, Write = () => { } };", "struct Ops { public Action? Read, Write; }")]
    [InlineData("{|MM1001:s_all[_count].Read!()|};", "static readonly Ops[] s_all = { new() { Read = Work.Do } };", "struct Ops { public Action? Read; }")]
    [InlineData("s_ops.Read!();", "static readonly Ops s_ops = new() { Read = Work.Do }; void Set(ref Ops ops, Action read) { ops.Read = read; } public void All(Action read) { var ops = s_ops; Set(ref ops, read); }", "public struct Ops { public Action? Read; }")]
    [InlineData("{|MM1001:_run()|};", "readonly Action _run; internal Case(Ops ops, bool on) { _run = ops.Read ?? Work.Do; }", "sealed class Ops { public Action? Read { get; init; } } static class Maker { static Case Make(bool on) => new(new Ops { Read = () => { } }, on); }")]
    [InlineData("{|MM1001:_run()|};", "readonly Action _run; internal Case(Ops? ops, bool on) { _run = ops?.Read ?? Work.Do; }", "sealed class Ops { public Action? Read { get; init; } } static class Maker { static Case Make(bool on) => new(new Ops { Read = () => { } }, on); }")]
    [InlineData("{|MM1001:_run()|};", "readonly Action _run; internal Case(Ops ops, bool on) { _run = on ? ops.Read! : Work.Do; }", "sealed class Ops { public Action? Read { get; init; } } static class Maker { static Case Make(bool on) => new(new Ops { Read = () => { } }, on); }")]
    [InlineData("_run();", "readonly Action _run; internal Case(Ops? ops, bool on) { _run = ops?.Read ?? (() => { }); }", "sealed class Ops { public Action? Read { get; init; } } static class Maker { static Case Make(bool on) => new(new Ops { Read = () => { } }, on); }")]
    public Task Operations_InATable_AreWhatIsPutThere(string statements, string members, string types) => JudgeAsync(statements, members, types);

    [Theory]
    [InlineData("_hook?.Invoke();", "Action? _hook; public void Register(Action hook) => _hook = hook;", "static class Client { internal static void Set(Case to, Action hook) { to.Register(Work.Do); to.Register(hook); } }")]
    [InlineData("_hook?.Invoke();", "Action? _hook; public void Register(Action hook) => _hook = hook; static void Hand(Action<Action> register) { } void Give() { Hand(Register); Register(Work.Do); }", "")]
    [InlineData("_hook?.Invoke();", "Action? _hook; void Fill(ref Action? hook) { } void Give() { _hook = Work.Do; Fill(ref _hook); }", "")]
    [InlineData("_hook?.Invoke();", "Action? _hook; static (Action, int) Made() => (Work.Do, 1); void Give() { int size; _hook = Work.Do; (_hook, size) = Made(); }", "")]
    public Task Callback_OfWhichSomeAreUnseen_IsUnknown(string statements, string members, string types) => LanguageCase.SilentAsync(statements, members, types);

    [Theory]
    [InlineData("{|MM1001:s_table[_count]()|};", "static readonly Action[] s_table = { Work.Do, () => { } };")]
    [InlineData("{|MM1001:s_table[_count]()|};", "static readonly Action[] s_table = [() => { }, Work.Do];")]
    [InlineData("{|MM1001:_slots[_count]()|};", "readonly Action[] _slots = new Action[4]; void Set() { _slots[1] = Work.Do; }")]
    [InlineData("var entry = s_table[1]; {|MM1001:entry()|};", "static readonly Action[] s_table = { Work.Do };")]
    [InlineData("s_table[_count]();", "static readonly Action[] s_table = { () => { } }; static readonly Action[] s_other = { Work.Do };")]
    [InlineData("_slots[_count]();", "readonly Action[] _slots = { Work.Do }; static void Fill(Action[] slots) { } void Set() => Fill(_slots);")]
    public Task Handlers_InAnArray_AreItsElements(string statements, string members) => JudgeAsync(statements, members, "");

    [Theory]
    [InlineData("unsafe { delegate*<void> work = &Work.Do; {|MM1001:work()|}; }", "")]
    [InlineData("unsafe { {|MM1001:Run(&Work.Do)|}; }", "static unsafe void Run(delegate*<void> work) => work();")]
    [InlineData("unsafe { Run(&Quiet); }", "static unsafe void Run(delegate*<void> work) => work(); static void Quiet() { } static unsafe void Elsewhere() => Run(&Work.Do);")]
    [InlineData("unsafe { {|MM1001:s_work()|}; }", "static readonly unsafe delegate*<void> s_work = &Work.Do;")]
    [InlineData("unsafe { delegate*<void> work = &Work.Do; _ = work; }", "")]
    public Task Pointer_ToAFunction_RunsIt(string statements, string members) => JudgeAsync(statements, members, "");

    [Theory]
    [InlineData("_hook?{|MM1001:.Invoke()|};", "Action? _hook; void Set() { Action next = Work.Do; _hook = next; }")]
    [InlineData("_hook?{|MM1001:.Invoke()|};", "Action? _hook; void Set() { Action next = () => { }; if (_count > 3) next = Work.Do; _hook = next; }")]
    [InlineData("_hook?.Invoke();", "Action? _hook; void Set() { Action next = () => { }; if (_count > 3) next = static () => { }; _hook = next; }")]
    [InlineData("{|MM1001:_hooks[0]()|};", "readonly List<Action> _hooks = new(); void Set() { Action next = Work.Do; _hooks.Add(next); }")]
    [InlineData("System.Threading.Volatile.Read(ref _hook)?{|MM1001:.Invoke()|};", "Action? _hook; void Set() => _hook = Work.Do;")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _hook, null)?{|MM1001:.Invoke()|};", "Action? _hook; void Set() => _hook = Work.Do;")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _hook, null)?.Invoke();", "Action? _hook; void Set() => _hook = () => { };")]
    [InlineData("var hook = _hook; _hook = null; hook?{|MM1001:.Invoke()|};", "Action? _hook; void Set() => _hook = Work.Do;")]
    public Task Handler_ByWayOfAVariableOrTakenOutOfItsField_IsFollowed(string statements, string members) => JudgeAsync(statements, members, "");

    private static Task JudgeAsync(string statements, string members, string types) => statements.Contains("{|", StringComparison.Ordinal)
        ? LanguageCase.FoundAsync(statements, members, types)
        : LanguageCase.SilentAsync(statements, members, types);
}
