using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Numbers wrap, extend and compare as their C# types do.</summary>
public class FloatTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "differs from itself",
            """
            void M(double x)
            {
                using (_lock.Hold())
                {
                    if (x != x) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "equals itself",
            """
            void M(double x)
            {
                using (_lock.Hold())
                {
                    if (x == x) return;
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "neither below nor above",
            """
            void M(float x)
            {
                using (_lock.Hold())
                {
                    if (x < 1) return;
                    if (x >= 1) return;
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "compared with and matched",
            """
            void M()
            {
                double x = double.NaN;
                using (_lock.Hold())
                {
                    if (x == double.NaN) Scheduler.Schedule();
                    if (x is double.NaN) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "the same comparison twice",
            """
            void M(int n)
            {
                double x = n;
                if (x == 1.0) _lock.Acquire();
                if (x == 1.0) _lock.Release();
            }
            """
        },
        {
            "converted from an integer",
            """
            void M()
            {
                int n = 1;
                double d = n;
                using (_lock.Hold())
                {
                    if (d == 1.0) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "converted to an integer",
            """
            void M()
            {
                double d = 1.5;
                int n = (int)d;
                using (_lock.Hold())
                {
                    if (n == 1) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "two names",
            """
            void M(double x)
            {
                double y = x;
                using (_lock.Hold())
                {
                    if (y != x) {|MM1001:Scheduler.Schedule()|};
                    if (!(x < y) && !(x >= y)) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Float_ThatMayBeNoNumber_IsNotItself(string what, string members) => ValueCase.CheckAsync(what, members);
}
