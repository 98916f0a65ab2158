using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Numbers wrap, extend and compare as their C# types do.</summary>
public class IntegerTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "unchecked overflow",
            """
            void M()
            {
                int n = int.MaxValue;
                n = unchecked(n + 1);
                using (_lock.Hold())
                {
                    if (n < 0) {|MM1001:Scheduler.Schedule()|};
                    if (n > 0) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "checked overflow",
            """
            void M()
            {
                int n = int.MaxValue;
                n = checked(n + 1);
                using (_lock.Hold())
                {
                    if (n < 0) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "a byte incremented",
            """
            void M()
            {
                byte b = 255;
                b++;
                using (_lock.Hold())
                {
                    if (b == 0) {|MM1001:Scheduler.Schedule()|};
                    if (b == 256) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "an unsigned number decremented",
            """
            void M()
            {
                uint u = 0;
                u--;
                using (_lock.Hold())
                {
                    if (u == uint.MaxValue) {|MM1001:Scheduler.Schedule()|};
                    if (u < 5) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "an unsigned long",
            """
            void M()
            {
                ulong u = ulong.MaxValue;
                using (_lock.Hold())
                {
                    if (u > 5) {|MM1001:Scheduler.Schedule()|};
                    if (u < 5) Scheduler.Schedule();
                    if (u >> 63 == 1) {|MM1001:Scheduler.Schedule()|};
                    if ((long)u < 0) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "a negative number converted",
            """
            void M()
            {
                int n = -1;
                using (_lock.Hold())
                {
                    if (n >>> 28 == 15) {|MM1001:Scheduler.Schedule()|};
                    if (n >> 28 == 15) Scheduler.Schedule();
                    if ((uint)n > 5) {|MM1001:Scheduler.Schedule()|};
                    if ((byte)n == 255) {|MM1001:Scheduler.Schedule()|};
                    if ((sbyte)(byte)n == 255) Scheduler.Schedule();
                    if ((char)n == '\uffff') {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "a short as it is and unsigned",
            """
            void M(short s)
            {
                using (_lock.Hold())
                {
                    int n = s;
                    if ((ushort)s == 0xFFFF)
                    {
                        if (n == -1) {|MM1001:Scheduler.Schedule()|};
                        if (n == 0) Scheduler.Schedule();
                    }
                }
            }
            """
        },
        {
            "counts of shifts",
            """
            void M()
            {
                int i = 1;
                i <<= 33;
                using (_lock.Hold())
                {
                    if (i == 2) {|MM1001:Scheduler.Schedule()|};
                }
                long l = 1;
                l <<= 33;
                using (_lock.Hold())
                {
                    if (l == 2) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "the negative of the least",
            """
            void M()
            {
                sbyte s = -128;
                s = (sbyte)-s;
                using (_lock.Hold())
                {
                    if (s == 128) Scheduler.Schedule();
                    if (s == -128) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "a byte in a compound assignment",
            """
            void M()
            {
                byte b = 200;
                b += 100;
                using (_lock.Hold())
                {
                    if (b == 44) {|MM1001:Scheduler.Schedule()|};
                    if (b == 300) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "product, quotient and remainder",
            """
            void M()
            {
                int x = 7;
                using (_lock.Hold())
                {
                    if (x * 3 % 2 == 1) {|MM1001:Scheduler.Schedule()|};
                    if (x / 2 == 3) {|MM1001:Scheduler.Schedule()|};
                    if (-x % 2 == 1) Scheduler.Schedule();
                    if (-x % 2 == -1) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "increments in conditions",
            """
            void N()
            {
                int i = 0;
                using (_lock.Hold())
                {
                    if (i++ == 0) {|MM1001:Scheduler.Schedule()|};
                    if (i == 1 && ++i == 2) {|MM1001:Scheduler.Schedule()|};
                    if (i-- == 3) Scheduler.Schedule();
                    if (--i == 0) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "assignments in conditions",
            """
            void N()
            {
                int n = 0;
                using (_lock.Hold())
                {
                    if ((n = n + 1) == 1) {|MM1001:Scheduler.Schedule()|};
                    if ((n += 1) == 2) {|MM1001:Scheduler.Schedule()|};
                    if ((n += 1) == 4) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "a timeout computed",
            """
            void M(int t)
            {
                using (_lock.Hold())
                {
                    Primitive.WaitT(0);
                    Primitive.WaitT(t = 0);
                    Primitive.WaitT(t);
                    {|MM1001:Primitive.WaitT(t + 1)|};
                    Primitive.WaitT(t * 5);
                    Primitive.WaitT(-t);
                    Primitive.WaitT(t >> 1);
                    {|MM1001:Primitive.WaitT(~t)|};
                    {|MM1001:Primitive.WaitT((int)TimeSpan.Zero.TotalMilliseconds)|};
                }
            }
            """
        },
        {
            "the greatest unsigned number",
            """
            void M(uint u)
            {
                using (_lock.Hold())
                {
                    if (u == 0xFFFFFFFF)
                    {
                        if ((int)u == -1) {|MM1001:Scheduler.Schedule()|};
                        if (~u == 0) {|MM1001:Scheduler.Schedule()|};
                        if (u + 1 == 0) {|MM1001:Scheduler.Schedule()|};
                        if (u + 1L == 0) Scheduler.Schedule();
                        if (u == uint.MaxValue - 1) Scheduler.Schedule();
                    }
                }
            }
            """
        },
        {
            "cut to 32 bits",
            """
            void Q(long a)
            {
                using (_lock.Hold())
                {
                    if ((int)a == 0)
                    {
                        if (a == 0x100000000L) {|MM1001:Scheduler.Schedule()|};
                        if (a == 1) Scheduler.Schedule();
                    }
                    if ((uint)a == uint.MaxValue && a == -1) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "the same remainder twice",
            """
            void N(int i)
            {
                bool odd = i % 2 == 1;
                if (i % 2 == 1) _lock.Acquire();
                if (odd) _lock.Release();
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Integer_AtTheEndOfItsRange_IsThatOfItsType(string what, string members) => ValueCase.CheckAsync(what, members);
}
