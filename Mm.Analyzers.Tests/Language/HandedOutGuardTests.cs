using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>'bool TryTake(out Guard guard)': there is one if it says so, and otherwise none.</summary>
public class HandedOutGuardTests
{
    private const string Guards =
        """
        [Scope<SpinLockHeld>] readonly struct Guard : IDisposable { public void Dispose() { } }
        class Gate
        {
            int _taken;
            public bool TryTake(out Guard guard) { guard = default; if (_taken++ > 0) return false; guard = new Guard(); return true; }
            public bool TryLate(out Guard guard) { if (_taken++ == 0) { guard = new Guard(); return true; } guard = default; return false; }
            public bool Take(out Guard guard) { guard = new Guard(); return _taken++ > 0; }
        }
        """;

    [Theory]
    [InlineData("if (!_gate.TryTake(out var guard)) { Work.Do(); return; } guard.Dispose();")]
    [InlineData("if (_gate.TryLate(out var guard)) using (guard) _count++; Work.Do();")]
    [InlineData("bool taken = _gate.TryTake(out var guard); if (taken) guard.Dispose(); Work.Do();")]
    [InlineData("if (!_gate.TryTake(out var guard)) return; try { _count++; } finally { guard.Dispose(); } Work.Do();")]
    [InlineData("_gate.Take(out var guard); guard.Dispose(); Work.Do();")]
    public Task Guard_OfATry_IsHeldWhereItSucceeded(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("if (!_gate.TryTake(out var guard)) return; {|MM1001:Work.Do()|}; guard.Dispose();")]
    [InlineData("if (_gate.TryLate(out var guard)) using (guard) {|MM1001:Work.Do()|};")]
    [InlineData("_gate.Take(out var guard); {|MM1001:Work.Do()|}; guard.Dispose();")]
    public Task Guard_OfATryThatSucceeded_Forbids(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("if (!{|MM2004:_gate.TryTake(out var guard)|}) return; _count++;")]
    public Task Guard_ThatNobodyDisposesOf_IsReported(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("_gate.TryTake(out var guard); guard?.Dispose(); Wait.Do();")]
    [InlineData("_gate.TryTake(out var guard); if (guard != null) guard.Dispose(); Wait.Do();")]
    [InlineData("if (_gate.TryTake(out var guard) && guard == null) Wait.Do(); guard?.Dispose();")]
    [InlineData("_gate.TryTake(out var guard); if (guard != null) {|MM1001:Wait.Do()|}; guard?.Dispose();")]
    public Task Guard_OfAClass_IsNullWhereThereIsNone(string statements) => CheckAsync(statements, Guards.Replace("readonly struct", "sealed class", StringComparison.Ordinal));

    private static async Task CheckAsync(string statements)
    {
        await CheckAsync(statements, Guards);
        await CheckAsync(statements, Guards.Replace("readonly struct", "sealed class", StringComparison.Ordinal));
    }

    private static Task CheckAsync(string statements, string guards) => LanguageCase.ReportedInAsync(
        $$"""
        using System;

        {{guards}}

        static class Work { [Might<Sleep>, Trusted("waits")] public static void Do() { } }

        class Case
        {
            readonly Gate _gate = new();
            int _count;

            void M()
            {
                {{statements}}
            }
        }
        """.Replace("Work", "Wait", StringComparison.Ordinal));
}
