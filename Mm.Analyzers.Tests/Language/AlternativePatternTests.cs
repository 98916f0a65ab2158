using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Patterns: a number in an object has a type, null has none, and alternatives exclude the rest.</summary>
public class AlternativePatternTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "a switch expression kept",
            """
            void N(Kind k)
            {
                var g = k switch { Kind.A => Gfp.Kernel, Kind.B => Gfp.Atomic, _ => Gfp.None };
                using (_lock.Hold())
                {
                    if (k == Kind.B) Slab.Allocate(64, g);
                    if (k != Kind.A) Slab.Allocate(64, g);
                    if (k == Kind.A) {|MM1003:Slab.Allocate(64, g)|};
                }
            }
            """
        },
        {
            "one of two",
            """
            void N(Kind k)
            {
                if (k is Kind.A or Kind.B)
                {
                    using (_lock.Hold())
                    {
                        if (k == Kind.C) Scheduler.Schedule();
                        if (k == Kind.A) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "none of the others",
            """
            void N(Kind k)
            {
                if (k is not (Kind.A or Kind.B)) return;
                using (_lock.Hold())
                {
                    if (k is Kind.C or Kind.D) Scheduler.Schedule();
                    Primitive.Do(k);
                }
            }
            """
        },
        {
            "a range asked twice",
            """
            void N(int n)
            {
                if (n is > 0 and < 5) _lock.Acquire();
                if (n is > 0 and < 5) _lock.Release();
            }
            """
        },
        {
            "a range kept",
            """
            void N(int n)
            {
                bool b = n is > 0 and < 5;
                if (b) _lock.Acquire();
                Scheduler.Udelay(1);
                if (b) _lock.Release();
                else Scheduler.Schedule();
            }
            """
        },
        {
            "a guard of a section",
            """
            void N(Kind k, bool w)
            {
                switch (k)
                {
                    case Kind.A when w: _lock.Acquire();
                    break;
                    case Kind.B: break;
                }
                if (k == Kind.A && w) _lock.Release();
            }
            """
        },
        {
            "strings",
            """
            void N(string? s)
            {
                using (_lock.Hold())
                {
                    switch (s)
                    {
                        case "a": return;
                        case null: return;
                        case { Length: 2 }: return;
                    }
                    if (s == "a") Scheduler.Schedule();
                    if (s is null) Scheduler.Schedule();
                    if (s == "b") {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "sections over masked flags",
            """
            void M(Gfp gfp)
            {
                switch (gfp & (Gfp.MayBlock | Gfp.StartIo))
                {
                    case Gfp.MayBlock: case Gfp.MayBlock | Gfp.StartIo: return;
                }
                using (_lock.Hold()) Slab.Allocate(64, gfp);
            }
            """
        },
        {
            "characters",
            """
            void M(char c)
            {
                using (_lock.Hold())
                {
                    if (c is >= '0' and <= '9') return;
                    if (c is 'a' or 'b')
                    {
                        if (c == 'c') Scheduler.Schedule();
                        c++;
                        if (c == 'd') Scheduler.Schedule();
                    if (c == 'b') {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "a section with a guard",
            """
            [ThreadStatic] static Gfp s_f;
            void Q(Gfp g)
            {
                g = g switch { Gfp.Kernel => Gfp.Atomic, var x when (x & Gfp.MayBlock) == 0 => x, _ => Gfp.NoWait };
                using (_lock.Hold()) Slab.Allocate(64, g);
            }
            """
        },
        {
            "flags",
            """
            void Q(Gfp g)
            {
                using (_lock.Hold())
                {
                    if (g is Gfp.Kernel or Gfp.NoFs) {|MM1003:Slab.Allocate(64, g)|};
                    else if (g is Gfp.Atomic or Gfp.NoWait) Slab.Allocate(64, g);
                }
            }
            """
        },
        {
            "a range that returns",
            """
            void Q(int order)
            {
                using (_lock.Hold())
                {
                    var g = Gfp.Kernel;
                    if (order is >= 0 and < 10) g &= ~Gfp.MayBlock;
                    else return;
                    Slab.Allocate(64, g);
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Alternatives_OfAPattern_ExcludeTheRest(string what, string members) => ValueCase.CheckAsync(what, members);
}
