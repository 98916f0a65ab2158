using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags through operators, calls, references, tuples and loops.</summary>
public class FlagTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "a conditional expression",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    Q(false, Gfp.Kernel);
                    {|MM1003:Q(true, Gfp.Kernel)|};
                }
            }
            void Q(bool wait, Gfp g)
            {
                Slab.Allocate(64, wait ? g : g & ~Gfp.MayBlock);
            }
            """
        },
        {
            "named and optional arguments",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    Q(g: Gfp.Atomic, order: 3);
                    {|MM1003:Q(order: 1, g: Gfp.Kernel)|};
                    {|MM1003:Q()|};
                }
            }
            void Q(int order = 0, Gfp g = Gfp.Kernel)
            {
                PageAllocator.AllocatePages(g, order);
            }
            """
        },
        {
            "HasFlag and exclusive or",
            """
            void N(Gfp g)
            {
                using (_lock.Hold())
                {
                    if (g.HasFlag(Gfp.MayBlock)) g ^= Gfp.MayBlock;
                    Slab.Allocate(64, g);
                }
            }
            """
        },
        {
            "exclusive or, again and again",
            """
            void N()
            {
                Gfp g = Gfp.Kernel;
                g ^= Gfp.MayBlock;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g);
                    g ^= Gfp.MayBlock;
                    {|MM1003:Slab.Allocate(64, g)|};
                    if ((g ^= Gfp.MayBlock) == Gfp.None)
                    {
                    }
                    Slab.Allocate(64, g);
                    if ((g |= Gfp.MayBlock) != 0) {|MM1003:Slab.Allocate(64, g)|};
                }
            }
            """
        },
        {
            "built up from nothing",
            """
            void N()
            {
                Gfp g = Gfp.None;
                using (_lock.Hold())
                {
                    g |= Gfp.UseReserve;
                    g |= Gfp.Zeroed;
                    Slab.Allocate(64, g);
                    g &= ~Gfp.UseReserve;
                    {|MM1003:Slab.Allocate(64, g | Gfp.Kernel)|};
                    g -= 1;
                }
            }
            """
        },
        {
            "a switch expression in a call",
            """
            static Gfp Map(Kind k) => k switch { Kind.A => Gfp.Kernel, Kind.B => Gfp.Atomic, Kind.C or Kind.D => Gfp.NoWait, _ => Gfp.None };
            void N()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, Map(Kind.B));
                    Slab.Allocate(64, Map(Kind.D));
                    {|MM1003:Slab.Allocate(64, Map(Kind.A))|};
                }
            }
            """
        },
        {
            "constants of constants",
            """
            const Gfp Flags = Gfp.Atomic | Gfp.Zeroed;
            const Gfp Bad = Flags | Gfp.MayBlock;
            void N()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, Flags);
                    {|MM1003:Slab.Allocate(64, Bad)|};
                    Slab.Allocate(64, Bad & ~Gfp.MayBlock);
                }
            }
            """
        },
        {
            "readonly fields",
            """
            readonly Gfp _flags = Gfp.Atomic;
            static readonly Gfp S = Gfp.Kernel;
            void N()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, _flags);
                    {|MM1003:Slab.Allocate(64, S)|};
                }
            }
            """
        },
        {
            "properties",
            """
            Gfp Fixed { get; } = Gfp.Atomic;
            Gfp Sleeping { get; } = Gfp.Kernel;
            Gfp Assigned { get; } = Gfp.Atomic;
            Gfp Computed => Gfp.Atomic;
            Case() => Assigned = Gfp.Kernel;
            void M()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, Fixed);
                    Slab.Allocate(64, Computed);
                    {|MM1003:Slab.Allocate(64, Sleeping)|};
                    {|MM1003:Slab.Allocate(64, Assigned)|};
                    {|MM1003:Slab.Allocate(64, Assigned | Gfp.Kernel)|};
                }
            }
            """
        },
        {
            "a readonly field assigned in a tuple",
            """
            readonly Gfp _flags = Gfp.Atomic;
            public Case(Gfp g)
            {
                (_flags, _count) = (g, 1);
            }
            void N(Gfp f)
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, _flags);
                    (f, _count) = (Gfp.Kernel, 1);
                    {|MM1003:Slab.Allocate(64, f)|};
                    (f, _count) = (Gfp.Atomic, 1);
                    Slab.Allocate(64, f);
                    f = Never;
                    Slab.Allocate(64, f | Gfp.Zeroed);
                    {|MM1003:Slab.Allocate(64, f | Gfp.Kernel)|};
                }
            }
            readonly Gfp Never = Gfp.Atomic;
            """
        },
        {
            "a readonly field assigned by reference",
            """
            readonly Gfp _flags = Gfp.Atomic;
            public Case()
            {
                ref Gfp g = ref _flags;
                g = Gfp.Kernel;
                using (_lock.Hold())
                {
                    {|MM1003:Slab.Allocate(64, _flags)|};
                    {|MM1003:Slab.Allocate(64, g)|};
                }
            }
            void N()
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, _flags);
                }
            }
            """
        },
        {
            "elements of an array",
            """
            void M(Gfp[] all)
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, all[0]);
                    {|MM1003:Slab.Allocate(64, all[0] | Gfp.Kernel)|};
                }
            }
            """
        },
        {
            "under a lock that is entered and left by hand",
            """
            void Q(Gfp g)
            {
                _lock.Acquire();
                Slab.Allocate(64, g);
                _lock.Release();
            }
            void If(Gfp g, bool locks)
            {
                if (locks) _lock.Acquire();
                Slab.Allocate(64, g);
                if (locks) _lock.Release();
            }
            void N()
            {
                Q(Gfp.Atomic);
                {|MM1003:Q(Gfp.Kernel)|};
                If(Gfp.Kernel, false);
                {|MM1003:If(Gfp.Kernel, true)|};
            }
            """
        },
        {
            "a mask that is not constant",
            """
            void N(Gfp a, Gfp b)
            {
                var g = (a & Gfp.MayBlock) != 0 ? b : a;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g & ~(Gfp.MayBlock | b));
                }
            }
            """
        },
        {
            "a branch that takes the lock",
            """
            void M(Gfp gfp, bool atomic)
            {
                if (atomic) gfp = (gfp & ~Gfp.MayBlock) | Gfp.UseReserve;
                if (atomic) _lock.Acquire();
                Slab.Allocate(64, gfp);
                if (atomic) _lock.Release();
            }
            """
        },
        {
            "a truth value of a mask",
            """
            void M(Gfp gfp)
            {
                bool can = (gfp & Gfp.MayBlock) != 0;
                if (!can) _lock.Acquire();
                if (can) Scheduler.Schedule();
                Slab.Allocate(64, gfp);
                if (!can) _lock.Release();
            }
            """
        },
        {
            "saved and put back",
            """
            void M(Gfp gfp)
            {
                var saved = gfp;
                gfp &= ~Gfp.MayBlock;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, gfp);
                    gfp = saved;
                }
                Slab.Allocate(64, gfp);
            }
            """
        },
        {
            "not all of them",
            """
            void M(Gfp gfp)
            {
                if ((gfp & Gfp.Kernel) == Gfp.Kernel) return;
                using (_lock.Hold()) Slab.Allocate(64, gfp);
            }
            void N()
            {
                {|MM1003:M(Gfp.NoFs)|};
                M(Gfp.Kernel);
                M(Gfp.Atomic);
            }
            """
        },
        {
            "asked by a call",
            """
            static bool CanSleep(Gfp g) => (g & Gfp.MayBlock) != 0;
            void M(Gfp g)
            {
                if (CanSleep(g))
                {
                    Slab.Allocate(64, g);
                    return;
                }
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g);
                    if (CanSleep(g)) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "changed by a call",
            """
            static Gfp Strip(Gfp g) => g & ~Gfp.MayBlock;
            static Gfp Add(Gfp g)
            {
                g |= Gfp.MayBlock;
                return g;
            }
            void M(Gfp g)
            {
                using (_lock.Hold())
                {
                    Slab.Allocate(64, Strip(g));
                    Slab.Allocate(64, Strip(Add(g)));
                    {|MM1003:Slab.Allocate(64, Add(Strip(g)))|};
                }
            }
            """
        },
        {
            "two conditional expressions",
            """
            void M(Gfp g, bool b, bool c)
            {
                var f = b ? Gfp.Atomic : c ? Gfp.NoWait : Gfp.Kernel;
                using (_lock.Hold())
                {
                    if (b) Slab.Allocate(64, f);
                    else if (c) Slab.Allocate(64, f);
                    else {|MM1003:Slab.Allocate(64, f)|};
                }
            }
            """
        },
        {
            "in a try",
            """
            void Q(Gfp g)
            {
                try
                {
                    g &= ~Gfp.MayBlock;
                    _lock.Acquire();
                    Slab.Allocate(64, g);
                }
                finally
                {
                    _lock.Release();
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Flags_ThroughOperators_AreFollowed(string what, string members) => ValueCase.CheckAsync(what, members);
}
