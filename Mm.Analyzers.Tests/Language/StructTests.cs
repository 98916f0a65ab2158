using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Mutable structs: a copy knows what the original knew, and from there on the two go different ways.</summary>
public class StructTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "copied forth and back",
            """
            void M()
            {
                S s = default;
                s.G = Gfp.Kernel;
                var t = s;
                t.G = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, t.G);
                    {|MM1003:Slab.Allocate(64, s.G)|};
                    s = t;
                    Slab.Allocate(64, s.G);
                    t.G |= Gfp.MayBlock;
                    Slab.Allocate(64, s.G);
                    {|MM1003:Slab.Allocate(64, t.G)|};
                }
            }
            """
        },
        {
            "default and new",
            """
            void M()
            {
                S s = default;
                S n = new S();
                Inner i = new();
                using (_lock.Hold())
                {
                    Slab.Allocate(64, s.G | n.I.G | i.G);
                    {|MM1003:Slab.Allocate(64, s.G | Gfp.Kernel)|};
                    if (s.B) Scheduler.Schedule();
                    if (!n.B) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "one in another",
            """
            void M()
            {
                S s = default;
                s.I.G = Gfp.Kernel;
                var t = s;
                t.I.G = Gfp.Atomic;
                var i = s.I;
                var j = t.I;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, t.I.G);
                    Slab.Allocate(64, j.G);
                    {|MM1003:Slab.Allocate(64, s.I.G)|};
                    {|MM1003:Slab.Allocate(64, i.G)|};
                    i.G = Gfp.Atomic;
                    {|MM1003:Slab.Allocate(64, s.I.G)|};
                }
            }
            """
        },
        {
            "parameters by value and by reference",
            """
            void M(S s)
            {
                var t = s;
                t.B = true;
                if (s.B) _lock.Acquire();
                if (t.B) {|MM1001:Scheduler.Schedule()|};
                if (s.B) _lock.Release();
            }
            void Same(S s)
            {
                var t = s;
                if (t.B) _lock.Acquire();
                s.G = Gfp.None;
                if (s.B) _lock.Release();
            }
            void ByReference(ref S s, ref S other)
            {
                s.G = Gfp.Kernel;
                var t = s;
                t.G = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, t.G);
                    {|MM1003:Slab.Allocate(64, s.G)|};
                    other.G = Gfp.Atomic;
                    Slab.Allocate(64, s.G);
                }
            }
            """
        },
        {
            "with",
            """
            void M()
            {
                S s = default;
                s.G = Gfp.Kernel;
                var t = s with { G = Gfp.Atomic };
                var u = t with { B = true };
                using (_lock.Hold())
                {
                    Slab.Allocate(64, t.G);
                    Slab.Allocate(64, u.G);
                    if (!u.B) Scheduler.Schedule();
                    {|MM1003:Slab.Allocate(64, s.G)|};
                }
            }
            """
        },
        {
            "in an object",
            """
            void M(Box box, Box other)
            {
                box.S.G = Gfp.Kernel;
                var t = box.S;
                t.G = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, t.G);
                    {|MM1003:Slab.Allocate(64, box.S.G)|};
                    box.S = t;
                    t.G = Gfp.Kernel;
                    Slab.Allocate(64, box.S.G);
                    box.S.G = Gfp.Kernel;
                    other.S.G = Gfp.Atomic;
                    Slab.Allocate(64, box.S.G);
                }
            }
            """
        },
        {
            "elements of an array",
            """
            void M(S[] a)
            {
                a[0].G = Gfp.Kernel;
                a[1].G = Gfp.Atomic;
                var t = a[0];
                t.G = Gfp.Kernel;
                a[0].G = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, a[0].G);
                    {|MM1003:Slab.Allocate(64, t.G)|};
                }
            }
            """
        },
        {
            "captured",
            """
            void Written()
            {
                S s = default;
                s.G = Gfp.Kernel;
                Action a = () => s.G = Gfp.Atomic;
                a();
                using (_lock.Hold()) Slab.Allocate(64, s.G);
            }
            void Read()
            {
                S s = default;
                s.G = Gfp.Kernel;
                Func<Gfp> a = () => s.G;
                a();
                using (_lock.Hold()) {|MM1003:Slab.Allocate(64, s.G)|};
            }
            """
        },
        {
            "references to one of two",
            """
            static ref S Find(ref S s) => ref s;
            void Chosen(bool b)
            {
                S s = default, t = default;
                s.G = Gfp.Kernel;
                t.G = Gfp.Kernel;
                ref var r = ref (b ? ref s : ref t);
                r.G = Gfp.Atomic;
                using (_lock.Hold()) Slab.Allocate(64, s.G);
            }
            void Returned()
            {
                S s = default;
                s.G = Gfp.Kernel;
                Find(ref s).G = Gfp.Atomic;
                using (_lock.Hold()) Slab.Allocate(64, s.G);
            }
            void Plain()
            {
                S s = default;
                ref var r = ref s;
                r.G = Gfp.Kernel;
                using (_lock.Hold()) {|MM1003:Slab.Allocate(64, s.G)|};
            }
            """
        },
        {
            "where paths meet and in a loop",
            """
            void M(bool b, int n)
            {
                S s = default;
                s.G = Gfp.Atomic;
                if (b)
                {
                    S t = s;
                    t.G |= Gfp.Zeroed;
                    s = t;
                }

                for (int i = 0; i < n; i++)
                {
                    var t = s;
                    t.G |= Gfp.UseReserve;
                    s = t;
                    using (_lock.Hold())
                    {
                        Slab.Allocate(64, s.G);
                        {|MM1003:Slab.Allocate(64, s.G | Gfp.Kernel)|};
                    }
                }
            }
            void Chosen(bool b)
            {
                S s = new S { G = Gfp.Atomic };
                S t = new S { G = Gfp.Kernel };
                var u = b ? s : t;
                using (_lock.Hold()) {|MM1003:Slab.Allocate(64, u.G)|};
            }
            void Chained()
            {
                S a, b;
                a = b = new S { G = Gfp.Kernel };
                a.G = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, a.G);
                    {|MM1003:Slab.Allocate(64, b.G)|};
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Fields_OfMutableStructs_BelongToTheVariable(string what, string members) => ValueCase.CheckAsync(what, members + Types);

    private const string Types =
        """

        struct Inner { public Gfp G; public int N; }
        struct S { public Gfp G; public bool B; public Inner I; }
        class Box { public S S; }
        """;

    [Fact]
    public Task Structure_MadeByAConstructorThatNobodyDeclares_IsItsDefault() => LanguageCase.FoundAsync(
        "_ = new Started(); _ = {|MM1001:new Started(1)|}; _ = {|MM1001:new Declared()|};",
        types: """
        struct Started(int n) { public int Size = n + Work.Get(); }
        struct Declared { public int Size = Work.Get(); public Declared() { } }
        """);
}
