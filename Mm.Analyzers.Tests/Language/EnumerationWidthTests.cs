using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Numbers wrap, extend and compare as their C# types do.</summary>
public class EnumerationWidthTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "the complement of a byte",
            """
            void M(B b)
            {
                using (_lock.Hold())
                {
                    if (~b == B.All)
                    {
                        if (b == 0) {|MM1001:Scheduler.Schedule()|};
                    }
                    Primitive.AllocB(b & ~B.Reclaim);
                    {|MM1003:Primitive.AllocB(~b | B.Reclaim)|};
                    Primitive.AllocB(~(b | B.Reclaim));
                }
            }
            """
        },
        {
            "the complement of nothing",
            """
            void M()
            {
                B b = B.None;
                using (_lock.Hold())
                {
                    {|MM1003:Primitive.AllocB(~b)|};
                    if ((int)~b == 255) {|MM1001:Scheduler.Schedule()|};
                    if ((int)~b == -1) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "the highest of 32 bits",
            """
            void M(U u)
            {
                using (_lock.Hold())
                {
                    Primitive.AllocU(u & ~U.Reclaim);
                    {|MM1003:Primitive.AllocU(u | U.Reclaim)|};
                    Primitive.AllocU(U.Io);
                    {|MM1003:Primitive.AllocU(U.Reclaim)|};
                    {|MM1003:Primitive.AllocU((U)0x80000000u)|};
                    {|MM1003:Primitive.AllocU((U)unchecked((uint)int.MinValue))|};
                    int n = int.MinValue;
                    {|MM1003:Primitive.AllocU((U)n)|};
                }
            }
            """
        },
        {
            "the highest of 64 bits",
            """
            void M(L u)
            {
                using (_lock.Hold())
                {
                    Primitive.AllocL(u & ~L.Reclaim);
                    Primitive.AllocL(L.Io);
                    {|MM1003:Primitive.AllocL(L.Reclaim | u)|};
                    long m = long.MinValue;
                    {|MM1003:Primitive.AllocL((L)m)|};
                    if ((ulong)u < 8) Primitive.AllocL(u & L.Io);
                    if ((u & L.Reclaim) != 0) {|MM1003:Primitive.AllocL(u)|};
                }
            }
            """
        },
        {
            "converted from an integer",
            """
            void M(int n)
            {
                B b = (B)n;
                using (_lock.Hold())
                {
                    if ((n & 1) == 0) Primitive.AllocB(b);
                    if ((n & 128) != 0) {|MM1003:Primitive.AllocHi(b)|};
                    Primitive.AllocB((B)(n & 0x100));
                    Primitive.AllocB((B)(n << 1));
                    {|MM1003:Primitive.AllocB((B)((n << 1) | 1))|};
                }
            }
            """
        },
        {
            "a mask before the conversion",
            """
            void M(int flags)
            {
                if ((flags & 1) != 0)
                {
                    Primitive.AllocB((B)flags);
                    return;
                }
                using (_lock.Hold())
                {
                    Primitive.AllocB((B)flags);
                    {|MM1003:Primitive.AllocB((B)(flags | 1))|};
                }
            }
            """
        },
        {
            "bits made by shifts",
            """
            void Q()
            {
                Gfp g = (Gfp)(1 << 3 | 1 << 4);
                int bit = 0;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g);
                    {|MM1003:Slab.Allocate(64, g | (Gfp)(1 << bit))|};
                    bit = 4;
                    Slab.Allocate(64, (Gfp)(1 << bit));
                }
            }
            """
        },
        {
            "a mask as a number",
            """
            void Q(Gfp g)
            {
                using (_lock.Hold())
                {
                    if (((int)g & 1) == 0) Slab.Allocate(64, g);
                    if ((g & Gfp.MayBlock) > 0)
                    {
                        {|MM1003:Slab.Allocate(64, g)|};
                    }
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Enumeration_OfAnotherWidth_KeepsItsBits(string what, string members) => ValueCase.CheckAsync(what, members);
}
