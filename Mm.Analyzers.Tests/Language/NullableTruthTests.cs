using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What may be null is neither true nor false, and equals nothing but null.</summary>
public class NullableTruthTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "null is not true",
            """
            void M(bool? b)
            {
                _lock.Acquire();
                if (b == true) _lock.Release();
                if (b == null)
                {
                    {|MM1001:Scheduler.Schedule()|};
                }
                if (b != true) _lock.Release();
            }
            """
        },
        {
            "a pattern asks the same as a comparison",
            """
            void M(bool? b)
            {
                if (b == true) _lock.Acquire();
                if (b is true) _lock.Release();
            }
            """
        },
        {
            "coalesced with false",
            """
            void M(bool? b)
            {
                if (b ?? false) _lock.Acquire();
                if (b == true) _lock.Release();
            }
            """
        },
        {
            "GetValueOrDefault and Value",
            """
            void M(bool? b)
            {
                if (b.GetValueOrDefault()) _lock.Acquire();
                if (b.HasValue && b.Value) _lock.Release();
            }
            """
        },
        {
            "behind a true one",
            """
            void M(bool? b)
            {
                if (b != true) return;
                using (_lock.Hold())
                {
                    if (b == null) Scheduler.Schedule();
                    if (b == false) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "what is not true may be false or null",
            """
            void M(bool? b)
            {
                if (b == true) return;
                using (_lock.Hold())
                {
                    if (b == null) {|MM1001:Scheduler.Schedule()|};
                    if (b == false) {|MM1001:Scheduler.Schedule()|};
                    if (b == true) Scheduler.Schedule();
                    if (b is true) Scheduler.Schedule();
                    if (b.HasValue && b.Value) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "not false, and missing",
            """
            void M(bool? b)
            {
                using (_lock.Hold())
                {
                    if (b == false) return;
                    if (!b.HasValue) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "null itself",
            """
            void M()
            {
                bool? b = null;
                using (_lock.Hold())
                {
                    if (b == true) Scheduler.Schedule();
                    if (b == false) Scheduler.Schedule();
                    if (b != true) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "not false, through a call",
            """
            void M(bool? b)
            {
                using (_lock.Hold())
                {
                    if (b != false) {|MM1001:Scheduler.Schedule()|};
                }
            }
            void N()
            {
                using (_lock.Hold()) {|MM1001:M2(null)|};
            }
            void M2(bool? b)
            {
                if (b != false) Scheduler.Schedule();
            }
            """
        },
        {
            "false, through a call",
            """
            void N()
            {
                using (_lock.Hold()) M2(false);
            }
            void M2(bool? b)
            {
                if (b != false) Scheduler.Schedule();
            }
            """
        },
        {
            "conditions on a nullable parameter",
            """
            void N(bool? c)
            {
                using (_lock.Hold())
                {
                    {|MM1001:Primitive.WaitIfNotTrue(null)|};
                    Primitive.WaitIfNotTrue(true);
                    Primitive.WaitIfN(null);
                    Primitive.WaitIfN(false);
                    {|MM1001:Primitive.WaitIfN(true)|};
                    if (c == true) Primitive.WaitIfNotTrue(c);
                    if (c is false) {|MM1001:Primitive.WaitIfNotTrue(c)|};
                }
            }
            """
        },
        {
            "assigned if null",
            """
            bool? _wait;
            void M()
            {
                bool? b = null;
                b ??= false;
                using (_lock.Hold())
                {
                    if (b == true) Scheduler.Schedule();
                    if (b.Value) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "three-valued and",
            """
            void M(bool? a, bool? b)
            {
                using (_lock.Hold())
                {
                    if ((a & b) == true)
                    {
                    }
                    else if (a == false)
                    {
                        {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "neither true nor false",
            """
            void M(bool? a)
            {
                if (a == true || a == false) return;
                using (_lock.Hold())
                {
                    if (a == null) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "kept in a local",
            """
            void M(bool? a)
            {
                using (_lock.Hold())
                {
                    bool c = a == true;
                    if (c && a == null) Scheduler.Schedule();
                    if (!c && a.HasValue && a.Value) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "a switch over all three",
            """
            void M(bool? a)
            {
                using (_lock.Hold())
                {
                    switch (a)
                    {
                        case true: break;
                        case false: break;
                        case null: {|MM1001:Scheduler.Schedule()|};
                        break;
                    }
                }
            }
            """
        },
        {
            "not null behind the assignment",
            """
            void Q(Gfp? g)
            {
                g ??= Gfp.Kernel;
                using (_lock.Hold()) if (g == null) Scheduler.Schedule();
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Truth_OfANullable_KnowsThreeValues(string what, string members) => ValueCase.CheckAsync(what, members);
}
