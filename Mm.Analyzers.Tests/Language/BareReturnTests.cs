using System;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A 'return;' has no node in the graph; what is reported there stands on it all the same.</summary>
public class BareReturnTests
{
    [Theory]
    [InlineData("switch (op) { case 0: {|MM2001:return;|} }")]
    [InlineData("switch (op) { case 0: case 1: {|MM2001:return;|} default: _count++; break; }")]
    [InlineData("switch (op) { case 0: _count++; break; default: {|MM2001:return;|} }")]
    [InlineData("switch (op) { default: {|MM2001:return;|} case 0: break; }")]
    [InlineData("switch (op) { case > 3 when Ready(): {|MM2001:return;|} }")]
    [InlineData("try { _count++; Ready(); } catch { {|MM2001:return;|} }")]
    [InlineData("try { Ready(); } catch (FormatException) { _count++; } catch (InvalidOperationException) { {|MM2001:return;|} }")]
    [InlineData("try { Ready(); } catch (FormatException error) when (error.Data is null) { {|MM2001:return;|} }")]
    [InlineData("if (op == 1) goto done; _lock.Release(); return; done: {|MM2001:return;|}")]
    [InlineData("if (op == 1) { } else {|MM2001:return;|}")]
    [InlineData("if (op == 1) { ; {|MM2001:return;|} }")]
    [InlineData("while (op-- > 0) { if (op == 7) break; Ready(); } if (op > 0) {|MM2001:return;|}")]
    public Task Return_WithALockHeld_IsReportedWhereItStands(string statements) => RuleCase.CheckAsync(
        $$"""
            void M(int op)
            {
                _lock.Acquire();
                {{statements}}
                _lock.Release();
            }
        """);

    [Theory]
    [InlineData("if (!_lock.TryAcquire()) return; {|MM2001:return;|}")]
    [InlineData("if (_lock.TryAcquire()) {|MM2001:return;|} return;")]
    [InlineData("if (!_lock.TryAcquire()) return; else {|MM2001:return;|}")]
    [InlineData("if (!(Ready() && _lock.TryAcquire())) return; {|MM2001:return;|}")]
    [InlineData("if (Ready() || !_lock.TryAcquire()) return; {|MM2001:return;|}")]
    [InlineData("if (Ready() && (_lock.TryAcquire())) {|MM2001:return;|} return;")]
    [InlineData("bool taken = _lock.TryAcquire(); if (!taken) return; { {|MM2001:return;|} }")]
    [InlineData("if (!_lock.TryAcquire()) return; {|MM2001:}|} void Other() {")]
    public Task Return_BehindATry_IsTheOneOfThePathThatTookIt(string statements) => RuleCase.CheckAsync("void M() { " + statements + " }");

    [Theory]
    [InlineData("System.Threading.Tasks.Task.Run(() => { {0} });")]
    [InlineData("System.Threading.Tasks.Task.Run(delegate { {0} });")]
    [InlineData("System.Threading.Tasks.Task.Run([RunsIn<RcuRead>] () => { {0} });")]
    public Task Return_AloneInACatchClauseOfAFunction_IsReportedWhereItStands(string function) => RuleCase.CheckAsync(
        $$"""
            void M()
            {
                try { Ready(); } catch { return; }
                {{function.Replace("{0}", "_lock.Acquire(); try { Ready(); } catch { {|MM2001:return;|} } _lock.Release();", StringComparison.Ordinal)}}
            }

            void Right()
            {
                {{function.Replace("{0}", "_lock.Acquire(); try { Ready(); } catch { _lock.Release(); return; } _lock.Release();", StringComparison.Ordinal)}}
            }
        """);

    [Fact]
    public Task Returns_OfOneSwitch_AreReportedOneByOne() => RuleCase.CheckAsync(
        """
            void M(int op)
            {
                _lock.Acquire();
                switch (op)
                {
                    case 0: {|MM2001:return;|}
                    case 1: {|MM2001:return;|}
                    case 2: _lock.Release(); return;
                }

                _lock.Release();
            }
        """);

    [Fact]
    public Task YieldBreak_AloneInACase_IsReportedWhereItStands() => RuleCase.CheckAsync(
        """
            System.Collections.Generic.IEnumerable<int> M(int op)
            {
                _lock.Acquire();
                switch (op)
                {
                    case 0: {|MM2001:yield break;|}
                }

                _lock.Release();
                yield return 1;
            }
        """);

    [Theory]
    [InlineData("if (Ready()) _lock.Acquire(); {|MM2003:return;|}")]
    [InlineData("switch (op) { case 0: _lock.Acquire(); break; } {|MM2001:return;|}")]
    [InlineData("bool taken = op > 3; if (taken) _lock.Acquire(); if (taken) _lock.Release(); return;")]
    public Task Return_AtAJoin_IsTheFirstStatementBehindIt(string statements) => RuleCase.CheckAsync(
        $$"""
            void M(int op) { {{statements}} }
        """);
}
