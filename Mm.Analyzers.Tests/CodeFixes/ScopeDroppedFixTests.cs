using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class ScopeDroppedFixTests
{
    [Theory]
    [InlineData("{|MM2004:_lock.Hold()|};", "using var guard = _lock.Hold();")]
    [InlineData("{|MM2004:_lock.Hold()|}; // the lock", "using var guard = _lock.Hold(); // the lock")]
    [InlineData("_ = {|MM2004:_lock.Hold()|};", "using var guard = _lock.Hold();")]
    [InlineData("/* a */ _ = /* b */ {|MM2004:_lock.Hold()|} /* c */;", "/* a */ using var guard = /* b */ _lock.Hold() /* c */;")]
    [InlineData("int guard = 0; {|MM2004:_lock.Hold()|};", "int guard = 0; using var guard2 = _lock.Hold();")]
    [InlineData("{|MM2004:_lock.Hold()|}; guard++;", "using var guard2 = _lock.Hold(); guard++;")]
    [InlineData("await {|MM2004:HoldAsync()|};", "using var guard = await HoldAsync();")]
    [InlineData("System.Action late = () => { {|MM2004:_lock.Hold()|}; };", "System.Action late = () => { using var guard = _lock.Hold(); };")]
    public Task GuardThrownAway_InABlock_IsHeld(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("var held = {|MM2004:_lock.Hold()|};", "using var held = _lock.Hold();")]
    [InlineData("/* a */ TicketGuard held = {|MM2004:_lock.Hold()|}; // b", "/* a */ using TicketGuard held = _lock.Hold(); // b")]
    [InlineData("var held = {|MM2004:new Gate()|}; held.ToString();", "using var held = new Gate(); held.ToString();")]
    [InlineData("TicketGuard a = {|MM2004:_lock.Hold()|}, b = _other.Hold();", "using TicketGuard a = _lock.Hold(), b = _other.Hold();")]
    public Task LocalGuard_NeverDisposed_IsHeld(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("if (guard > 0) {|MM2004:_lock.Hold()|};")]                                     // would end at once
    [InlineData("switch (guard) { case 1: {|MM2004:_lock.Hold()|}; break; }")]                  // not allowed there
    [InlineData("{ var held = {|MM2004:_lock.Hold()|}; if (guard > 0) held.Dispose(); }")]      // would be disposed twice
    [InlineData("{ var held = {|MM2004:_lock.Hold()|}; held = _other.Hold(); }")]               // would not compile
    [InlineData("{ var held = {|MM2004:_lock.Hold()|}; Keep(held); }")]                         // somebody else's by now
    [InlineData("System.Console.WriteLine({|MM2004:HoldAsync()|});")]                           // no statement of its own
    public async Task Guard_ThatUsingWouldNotHelp_IsLeftAlone(string statement) =>
        Assert.False(await FixCase.IsOfferedAsync(new ScopeDroppedFix(), InMethod(statement)));

    [Fact]
    public async Task Guard_BeforeUsingDeclarationsExisted_IsLeftAlone() =>
        Assert.False(await FixCase.IsOfferedAsync(new ScopeDroppedFix(), InMethod("{|MM2004:_lock.Hold()|};"), LanguageVersion.CSharp7_3));

    [Fact]
    public async Task FixAll_SeveralInOneMember_GivesEachItsName() => Assert.Equal(
        InMethod("using var guard2 = _lock.Hold();\n        { using var guard3 = _other.Hold(); }\n        using var held = _lock.Hold(); guard++;"),
        await FixCase.FixAllAsync(
            new ScopeDroppedFix(),
            InMethod("{|MM2004:_lock.Hold()|};\n        { _ = {|MM2004:_other.Hold()|}; }\n        var held = {|MM2004:_lock.Hold()|}; guard++;")));

    private static async Task CheckAsync(string statement, string @fixed) =>
        Assert.Equal(InMethod(@fixed), await FixCase.FixFirstAsync(new ScopeDroppedFix(), InMethod(statement)));

    private static string InMethod(string statements) =>
        $$"""
        using System;
        using System.Threading.Tasks;

        class Case
        {
            readonly TicketLock _lock = new(), _other = new();
            static int guard;

            {{(statements.Contains("await") ? "async Task" : "void")}} M()
            {
                {{statements}}
            }

            Task<Gate> HoldAsync() => Task.FromResult(new Gate());
            static void Keep(TicketGuard held) => held.Dispose();

            [Scope<PreemptOff>] sealed class Gate : IDisposable { public void Dispose() { } }
        }
        """;
}
