using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Patterns: a number in an object has a type, null has none, and alternatives exclude the rest.</summary>
public class ConditionFormTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "a bit and its absence",
            """
            void Q(int n)
            {
                bool even = (n & 1) == 0;
                if (even) _lock.Acquire();
                if ((n & 1) != 0) Scheduler.Schedule();
                if ((n & 1) == 0) _lock.Release();
            }
            """
        },
        {
            "exclusive or and unequal",
            """
            void Q(bool a, bool b)
            {
                if (a ^ b) _lock.Acquire();
                if (a != b) _lock.Release();
            }
            """
        },
        {
            "equal and not exclusive or",
            """
            void Q(bool a, bool b)
            {
                if (a == b) _lock.Acquire();
                if (!(a ^ b)) _lock.Release();
            }
            """
        },
        {
            "and without a branch",
            """
            void Q(bool a, bool b)
            {
                bool c = a & b;
                if (c) _lock.Acquire();
                if (a && b) _lock.Release();
            }
            """
        },
        {
            "compound and",
            """
            void Q(bool a, bool b)
            {
                bool c = a;
                c &= b;
                if (c) _lock.Acquire();
                if (a && b) _lock.Release();
                c |= true;
                if (!c) Scheduler.Schedule();
                using (_lock.Hold()) if (!c) Scheduler.Schedule();
            }
            """
        },
        {
            "negated twice",
            """
            void Q(bool a)
            {
                bool c = !a;
                c = !c;
                if (c) _lock.Acquire();
                if (a) _lock.Release();
            }
            """
        },
        {
            "read before it is written",
            """
            void N(bool f)
            {
                using (_lock.Hold())
                {
                    if (f == (f = true)) return;
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
            void Both(Gfp a, Gfp b)
            {
                Slab.Allocate(64, a);
            }
            void N3()
            {
                var g = Gfp.Kernel;
                using (_lock.Hold())
                {
                    {|MM1003:Both(g, g = Gfp.Atomic)|};
                    var h = Gfp.Atomic;
                    Both(h, h = Gfp.Kernel);
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Conditions_WrittenInTwoWays_AreOne(string what, string members) => ValueCase.CheckAsync(what, members);
}
