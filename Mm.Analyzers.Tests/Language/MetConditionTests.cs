using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Conditions over several arguments, which the compiler takes apart into branches: behind these they are one condition again.</summary>
public class MetConditionTests
{
    [Theory]
    [InlineData("bool block = wait && more; if (block) Work();")]
    [InlineData("bool block = wait && more; if (!block) return; Work();")]
    [InlineData("bool block = !(!wait || !more); if (block) { _count++; Work(); }")]
    [InlineData("bool none = !wait || !more; if (!none) Work();")]
    [InlineData("var block = wait ? more : false; if (block) Work();")]
    [InlineData("bool block = false; if (wait) block = more; if (block) Work();")]
    [InlineData("if (Both(wait, more)) Work();")]
    [InlineData("if (!Both(wait, more)) return; Work();")]
    [InlineData("if (Nested(wait, more)) Work();")]
    [InlineData("bool first = Both(wait, more), second = first && wait; if (second) Work();")]
    public Task Condition_OfTwoArguments_HoldsOnlyWhereBothDo(string body) => RuleCase.CheckAsync(
        $$"""
            static void Work() => Scheduler.Schedule();
            static bool Both(bool a, bool b) => a && b;
            static bool Nested(bool a, bool b) { if (!a) return false; return Both(b, a); }
            void Try(bool wait, bool more) { {{body}} }

            void M(bool unknown)
            {
                using (_lock.Hold())
                {
                    Try(true, false);
                    Try(false, true);
                    Try(unknown, false);
                    {|MM1001:Try(true, true)|};
                    {|MM1001:Try(unknown, true)|};
                }
            }
        """);

    [Theory]
    [InlineData("bool block = (g & Gfp.MayBlock) != 0 && n > 3; if (block) Work();")]
    [InlineData("bool block = n > 3 && (g & Gfp.MayBlock) != 0; if (block) Work();")]
    [InlineData("if ((g & Gfp.MayBlock) == 0 || n <= 3) return; Work();")]
    [InlineData("bool quick = (g & Gfp.MayBlock) == 0 || n is >= 0 and <= 3; if (!quick) Work();")]
    [InlineData("if (May(g, n)) Work();")]
    public Task Condition_OfBitsAndNumbers_HoldsOnlyWhereBothDo(string body) => RuleCase.CheckAsync(
        $$"""
            static void Work() => Scheduler.Schedule();
            static bool May(Gfp g, int n) => g.HasFlag(Gfp.MayBlock) && n > 3;
            void Try(Gfp g, int n) { {{body}} }

            void M()
            {
                using (_lock.Hold())
                {
                    Try(Gfp.Kernel, 3);
                    Try(Gfp.Atomic, 9);
                    {|MM1001:Try(Gfp.Kernel, 4)|};
                }
            }
        """);

    [Theory]
    [InlineData("if ((g & Gfp.MayBlock) != 0 && (g & Gfp.Zeroed) != 0) return; Work();")]
    [InlineData("if (!((g & Gfp.MayBlock) != 0 && (g & Gfp.Zeroed) != 0)) Work();")]
    [InlineData("bool both = (g & Gfp.MayBlock) != 0 && (g & Gfp.Zeroed) != 0; if (both) return; Work();")]
    public Task Condition_OfTwoBits_IsToldByEither(string body) => RuleCase.CheckAsync(
        $$"""
            static void Work() => Scheduler.Schedule();
            void Try(Gfp g) { {{body}} }

            void M()
            {
                using (_lock.Hold())
                {
                    Try(Gfp.Kernel | Gfp.Zeroed);
                    {|MM1001:Try(Gfp.Kernel)|};
                    {|MM1001:Try(Gfp.Zeroed)|};
                }
            }
        """);

    [Theory]
    [InlineData("if (n is 1 or 2 or 5 or 9) return; Work();", 9, 3)]
    [InlineData("switch (n) { case 0: break; case >= 1 and <= 3: _count++; break; default: Work(); break; }", 2, 4)]
    [InlineData("if (n is >= 2 and <= 4) return; Work();", 4, 5)]
    public Task Condition_OfARangeOrASet_IsToldByANumber(string body, int quiet, int loud) => RuleCase.CheckAsync(
        $$"""
            static void Work() => Scheduler.Schedule();
            void Try(int n) { {{body}} }

            void M()
            {
                using (_lock.Hold())
                {
                    Try({{quiet}});
                    {|MM1001:Try({{loud}})|};
                }
            }
        """);

    [Theory]
    [InlineData("bool locked = a && b; if (locked) _lock.Acquire(); _count++; if (locked) _lock.Release(); Scheduler.Schedule();")]
    [InlineData("bool locked = a && b; if (locked) _lock.Acquire(); _count++; if (a && b) _lock.Release(); Scheduler.Schedule();")]
    [InlineData("bool locked = a && _lock.TryAcquire(); _count++; if (locked) _lock.Release(); Scheduler.Schedule();")]
    [InlineData("while (_count-- > 0) { bool locked = a && _count > 2; if (locked) _lock.Acquire(); if (locked) _lock.Release(); Scheduler.Schedule(); }")]
    [InlineData("bool locked = a && b; if (locked) _lock.Acquire(); if (!a) Scheduler.Schedule(); {|MM1001:Scheduler.Schedule()|}; if (locked) _lock.Release();")]
    public Task Condition_OverALock_IsTheSameWhereItIsAskedAgain(string body) => RuleCase.CheckAsync($"    void M(bool a, bool b) {{ {body} }}");
}
