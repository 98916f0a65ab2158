using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Handlers in an array that nobody writes to: the index tells which of them is invoked.</summary>
public class HandlerArrayTests
{
    private const string Table = "static readonly Action<Case>[] s_table = { Quiet, Wait, static c => c._count++ };";

    [Theory]
    [InlineData("s_table[0](this); s_table[2](this);", Table)]
    [InlineData("{|MM1001:s_table[1](this)|};", Table)]
    [InlineData("s_table[(int)Kind.Third](this); {|MM1001:s_table[(int)Kind.Second](this)|};", Table)]
    [InlineData("if (n == 0) s_table[n](this); else {|MM1001:s_table[n](this)|};", Table)]
    [InlineData("if (n != 1) s_table[n](this);", Table)]
    [InlineData("int at = 2; s_table[at](this); at--; {|MM1001:s_table[at](this)|};", Table)]
    [InlineData("var quiet = s_table[0]; quiet(this); var loud = s_table[1]; {|MM1001:loud(this)|};", Table)]
    [InlineData("Run(0); {|MM1001:Run(1)|}; {|MM1001:Run(n)|};", Table + " void Run(int at) => s_table[at](this);")]
    [InlineData("{|MM1001:Run(0)|}; Run(1); {|MM1001:Run(2)|};", "static readonly Action<Case>[] s_table = { Wait, Quiet, Wait }; void Run(int at) => s_table[at](this);")]
    [InlineData("s_table[0]?.Invoke(this); s_table[1]?.Invoke(this);", "static readonly Action<Case>?[] s_table = [Quiet, null, Wait];")]
    [InlineData("_table[0](); {|MM1001:_table[1]()|};", "readonly Action[] _table; public Case() { _table = new Action[] { Tick, Sleep }; } void Tick() => _count++; void Sleep() => Wait(this);")]
    [InlineData("foreach (var handler in s_table) {|MM1001:handler(this)|};", Table)]
    public Task Handler_AtAKnownIndex_IsTheOneThere(string statements, string members) => CheckAsync(statements, members);

    [Theory]
    [InlineData("{|MM1001:s_table[0](this)|};", Table + " void Set() => s_table[0] = Wait;")]
    [InlineData("{|MM1001:s_table[0](this)|};", "static Action<Case>[] s_table = { Quiet, Wait }; static void Set() { s_table = new Action<Case>[] { Wait }; }")]
    public Task Handler_InATableThatIsWritten_IsAnyOfThem(string statements, string members) => CheckAsync(statements, members);

    private static Task CheckAsync(string statements, string members) => AnalyzerTest.CheckAsync(
        $$"""
        using System;

        enum Kind { First, Second, Third }

        sealed class Case
        {
            readonly TicketLock _lock = new();
            int _count;
            {{members}}

            static void Quiet(Case c) => c._count++;
            static void Wait(Case c) => Scheduler.Schedule();

            void M(int n)
            {
                using (_lock.Hold()) { {{statements}} }
            }
        }
        """);
}
