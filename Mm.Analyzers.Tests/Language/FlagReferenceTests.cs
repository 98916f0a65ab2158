using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags through operators, calls, references, tuples and loops.</summary>
public class FlagReferenceTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "one of two tuples",
            """
            void N(bool b)
            {
                var (g, n) = b ? (Gfp.Atomic, 1) : (Gfp.Kernel, 2);
                using (_lock.Hold())
                {
                    {|MM1003:Slab.Allocate(64, g)|};
                }
            }
            """
        },
        {
            "ref",
            """
            void Fix(ref Gfp g)
            {
                g &= ~Gfp.MayBlock;
            }
            void N()
            {
                var g = Gfp.Kernel;
                Fix(ref g);
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g);
                }
            }
            """
        },
        {
            "out",
            """
            void Get(out Gfp g)
            {
                g = Gfp.Atomic;
            }
            void Get2(out Gfp g)
            {
                g = Gfp.Kernel;
            }
            void N()
            {
                Get(out var g);
                Get2(out Gfp h);
                using (_lock.Hold())
                {
                    Slab.Allocate(64, g);
                    {|MM1003:Slab.Allocate(64, h)|};
                }
            }
            """
        },
        {
            "in",
            """
            void Q(in Gfp g)
            {
                Slab.Allocate(64, g);
            }
            void N()
            {
                using (_lock.Hold())
                {
                    Q(Gfp.Atomic);
                    {|MM1003:Q(Gfp.Kernel)|};
                    var g = Gfp.Atomic;
                    Q(in g);
                }
            }
            """
        },
        {
            "a ref local",
            """
            void N()
            {
                var f = Gfp.Atomic;
                ref var r = ref f;
                r |= Gfp.MayBlock;
                using (_lock.Hold())
                {
                    {|MM1003:Slab.Allocate(64, f)|};
                }
            }
            """
        },
        {
            "a ref parameter",
            """
            void M(ref Gfp g)
            {
                g &= ~Gfp.MayBlock;
                using (_lock.Hold()) Slab.Allocate(64, g);
            }
            """
        },
        {
            "a field and a reference to it",
            """
            Gfp _f;
            void M()
            {
                _f = Gfp.Atomic;
                using (_lock.Hold())
                {
                    Slab.Allocate(64, _f);
                    _f |= Gfp.MayBlock;
                    {|MM1003:Slab.Allocate(64, _f)|};
                }
            }
            void M2()
            {
                ref var r = ref _f;
                r = Gfp.Kernel;
                using (_lock.Hold()) {|MM1003:Slab.Allocate(64, _f)|};
            }
            """
        },
        {
            "a struct copied",
            """
            struct S { public Gfp G; public S(Gfp g)
            {
                G = g;
            }
            }
            void Q()
            {
            var s = new S(Gfp.Atomic);
            s.G |= Gfp.MayBlock;
            using (_lock.Hold()) {|MM1003:Slab.Allocate(64, s.G)|};
            var t = s;
            t.G = Gfp.Atomic;
            using (_lock.Hold())
            {
                Slab.Allocate(64, t.G);
                {|MM1003:Slab.Allocate(64, s.G)|};
            }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Flags_ThroughReferences_AreThoseOfTheVariable(string what, string members) => ValueCase.CheckAsync(what, members);
}
