using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What may be null is neither true nor false, and equals nothing but null.</summary>
public class NullableNumberTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "neither above nor below",
            """
            void M(int? n)
            {
                using (_lock.Hold())
                {
                    if (n > 3) return;
                    if (n <= 3) return;
                    {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "a mask over a missing value",
            """
            void M(Gfp? g)
            {
                using (_lock.Hold())
                {
                    if ((g & Gfp.MayBlock) == 0)
                    {
                        Slab.Allocate(64, g.Value);
                    }
                }
            }
            """
        },
        {
            "taken out by a pattern",
            """
            void M(Gfp? g)
            {
                using (_lock.Hold())
                {
                    if (g is { } v && (v & Gfp.MayBlock) == 0) Slab.Allocate(64, v);
                    if (g is Gfp w && !w.HasFlag(Gfp.MayBlock)) Slab.Allocate(64, w);
                    if (g is Gfp.Kernel) {|MM1003:Slab.Allocate(64, g.Value)|};
                }
            }
            """
        },
        {
            "null returns first",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    Q(null);
                    {|MM1003:Q(Gfp.Kernel)|};
                    Q();
                    Q(Gfp.Atomic);
                }
            }
            void Q(Gfp? g = null)
            {
                if (g == null) return;
                Slab.Allocate(64, g.Value);
            }
            """
        },
        {
            "coalesced with harmless flags",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    Q(null);
                    {|MM1003:Q(Gfp.Kernel)|};
                    Q();
                    Q(Gfp.Atomic);
                }
            }
            void Q(Gfp? g = null)
            {
                Slab.Allocate(64, g ?? Gfp.Atomic);
            }
            """
        },
        {
            "GetValueOrDefault with harmless flags",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    Q(null);
                    {|MM1003:Q(Gfp.Kernel)|};
                    Q();
                    Q(Gfp.Atomic);
                }
            }
            void Q(Gfp? g = null)
            {
                Slab.Allocate(64, g.GetValueOrDefault(Gfp.Atomic));
            }
            """
        },
        {
            "coalesced with flags that may block",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    {|MM1003:Q(null)|};
                    {|MM1003:Q(Gfp.Kernel)|};
                    {|MM1003:Q()|};
                    Q(Gfp.Atomic);
                }
            }
            void Q(Gfp? g = null)
            {
                g ??= Gfp.Kernel;
                Slab.Allocate(64, g.Value);
            }
            """
        },
        {
            "boxed",
            """
            void N(int? n)
            {
                object? o = n;
                using (_lock.Hold())
                {
                    if (o == null) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "assigned if null, known to be or not",
            """
            void Q(Gfp? g)
            {
                if (g != null)
                {
                    g ??= Gfp.Kernel;
                    using (_lock.Hold()) if (g == Gfp.Kernel) {|MM1001:Scheduler.Schedule()|};
                }
                else
                {
                    g ??= Gfp.Atomic;
                    using (_lock.Hold())
                    {
                        if (g == Gfp.Kernel) Scheduler.Schedule();
                        Slab.Allocate(64, g.Value);
                    }
                }
            }
            """
        },
        {
            "a copy assigned if null",
            """
            void N()
            {
                using (_lock.Hold()) Q(Gfp.Atomic);
            }
            void Q(Gfp? g)
            {
                Gfp? k = g;
                k ??= Gfp.Kernel;
                Slab.Allocate(64, k.Value);
            }
            """
        },
        {
            "patterns",
            """
            void Q(int? n)
            {
                using (_lock.Hold())
                {
                    if (n is 5)
                    {
                        if (n is null) Scheduler.Schedule();
                        if (n == 6) Scheduler.Schedule();
                        if (n.Value == 5) {|MM1001:Scheduler.Schedule()|};
                        if (n + 1 == 6) {|MM1001:Scheduler.Schedule()|};
                    }
                    if (n is not > 3 && n is null) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Number_ThatMayBeMissing_IsJudgedByItsValue(string what, string members) => ValueCase.CheckAsync(what, members);
}
