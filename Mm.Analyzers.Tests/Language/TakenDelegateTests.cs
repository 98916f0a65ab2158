using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates that are taken out of their field before they are invoked, so that they are invoked once.</summary>
public class TakenDelegateTests
{
    [Theory]
    [InlineData("var act = _act; _act = null; act?{|MM1001:.Invoke()|};")]
    [InlineData("var act = _act; _act = null; if (act != null) {|MM1001:act()|};")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _act, null)?{|MM1001:.Invoke()|};")]
    [InlineData("var act = System.Threading.Interlocked.Exchange(ref _act, null); act?{|MM1001:.Invoke()|};")]
    [InlineData("System.Threading.Volatile.Read(ref _act)?{|MM1001:.Invoke()|};")]
    [InlineData("_act = null; _act?.Invoke();")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _act, null); _act?.Invoke();")]
    [InlineData("System.Threading.Volatile.Write(ref _act, null); _act?.Invoke();")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _quiet, null)?.Invoke();")]
    [InlineData("System.Threading.Interlocked.Exchange(ref _quiet, static () => { })?.Invoke(); _quiet();")]
    public Task Delegate_TakenOutOfAField_IsWhatWasPutThere(string statements) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            Action? _act, _quiet;
            void Set() => _act = static () => Scheduler.Schedule();
            void SetQuiet() => System.Threading.Volatile.Write(ref _quiet, static () => { });
            void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }
        """);

    [Theory]
    [InlineData("Action? _act = act; public void Dispose() => System.Threading.Interlocked.Exchange(ref _act, null)?.Invoke();")]
    [InlineData("Action? _act = act; public void Dispose() { var act = _act; _act = null; act?.Invoke(); }")]
    [InlineData("bool _isDone; public void Dispose() { if (_isDone) return; _isDone = true; act(); }")]
    [InlineData("bool _isDone; public void Dispose() { if (!_isDone) { _isDone = true; act(); } }")]
    [InlineData("int _isDone; public void Dispose() { if (System.Threading.Interlocked.Exchange(ref _isDone, 1) != 0) return; act(); }")]
    [InlineData("int _isDone; public void Dispose() { if (System.Threading.Interlocked.CompareExchange(ref _isDone, 1, 0) == 0) act(); }")]
    public Task Object_ThatRunsItsDelegateOnce_DoesNotRunItAgain(string members) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void Early(bool isShort)
            {
                _lock.Acquire();
                using var undo = new Undo(() => _lock.Release());
                {|MM1001:Scheduler.Schedule()|};
                if (isShort)
                {
                    undo.Dispose();
                    Scheduler.Schedule();
                    return;
                }

                {|MM1001:Scheduler.Schedule()|};
            }

            void Slow()
            {
                using (_lock.Hold())
                {
                    using (new Undo(static () => { })) { }
                    using ({|MM1001:new Undo(static () => Scheduler.Schedule())|}) { }
                }
            }
        }

        sealed class Undo(Action act) : IDisposable
        {
            {{members}}
        }
        """);

    [Theory]
    [InlineData("bool _isDone = true; public void Dispose() { if (_isDone) return; _isDone = true; act(); }")]
    [InlineData("public bool IsDone { get; set; } public void Dispose() { if (IsDone) return; act(); }")]
    public Task Object_ThatMayNotRunItsDelegate_IsNotTakenToHaveRunIt(string members) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                _lock.Acquire();
                using var undo = new Undo(() => _lock.Release());
            {|MM2001:}|}
        }

        sealed class Undo(Action act) : IDisposable
        {
            {{members}}
        }
        """);
}
