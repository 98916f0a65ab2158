using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags that an object was made with, used by its own methods: whoever has made the object knows them.</summary>
public class KeptFlagTests
{
    private const string Types =
        """
            class Pool
            {
                readonly Gfp _flags;
                readonly TicketLock _own = new();
                public Pool(Gfp flags) { _flags = flags; }
                public Pool() : this(Gfp.Kernel) { }
                public Pool(int count) { _flags = count > 1 ? Gfp.Kernel : Gfp.Atomic; }
                public void Get() => Slab.Allocate(8, _flags);
                public void GetDeep() => Get();
                public void GetWithout() => Slab.Allocate(8, _flags & ~Gfp.MayBlock);
                public void GetLocked() { using (_own.Hold()) Get(); }
            }

            sealed class Derived : Pool { public Derived(Gfp flags) : base(flags | Gfp.None) { } public Derived() : base(Gfp.Kernel) { } }
            class Settable { public Gfp Flags { get; set; } public void Get() => Slab.Allocate(8, Flags); }
            class Init { public Gfp Flags { get; init; } = Gfp.Atomic; public void Get() => Slab.Allocate(8, Flags); }
            class Primary(Gfp flags) { readonly Gfp _flags = flags; public void Get() => Slab.Allocate(8, _flags); }
            class Capturing(Gfp flags) { public void Get() => Slab.Allocate(8, flags); }
            class Changing(Gfp flags) { public void Get() => Slab.Allocate(8, flags); public void Change() => flags = Gfp.Atomic; }

            readonly Pool _blocking = new(Gfp.Kernel), _quick = new(Gfp.Atomic), _usual = new(), _either = new(2), _set, _unlike;
            readonly Derived _derived = new();
            readonly Init _init = new() { Flags = Gfp.NoIo }, _default = new();
            readonly Primary _primary = new(Gfp.Kernel);
            readonly Capturing _capturing = new(Gfp.Kernel), _quietly = new(Gfp.NoWait);
            readonly Changing _changing = new(Gfp.Kernel);
            readonly Settable _settable = new() { Flags = Gfp.Kernel };
            static readonly Pool s_pool = new(Gfp.Kernel);
            Pool _open = new(Gfp.Kernel);
            Pool Property { get; } = new(Gfp.Kernel);
            public Case() { _set = new Pool(Gfp.Kernel); _unlike = new Pool(Gfp.Kernel); if (_open != null) _unlike = new Pool(Gfp.Atomic); }

        """;

    [Theory]
    [InlineData("{|MM1003:_blocking.Get()|};")]
    [InlineData("{|MM1003:_blocking.GetDeep()|};")]
    [InlineData("{|MM1003:_usual.Get()|};")]
    [InlineData("{|MM1003:_set.Get()|};")]
    [InlineData("{|MM1003:_derived.Get()|};")]
    [InlineData("{|MM1003:_init.Get()|};")]
    [InlineData("{|MM1003:_primary.Get()|};")]
    [InlineData("{|MM1003:_capturing.Get()|};")]
    [InlineData("{|MM1003:s_pool.GetDeep()|};")]
    [InlineData("{|MM1003:Property.Get()|};")]
    [InlineData("{|MM1003:new Pool(Gfp.Kernel).GetDeep()|};")]
    [InlineData("var made = new Pool(Gfp.Kernel); {|MM1003:made.Get()|};")]
    [InlineData("{|MM1003:Serve(_blocking)|}; Serve(_quick);")]
    public Task Flags_OfTheObjectThatIsCalled_AreJudged(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("_quick.Get();")]
    [InlineData("_quick.GetDeep();")]
    [InlineData("_blocking.GetWithout();")]
    [InlineData("_quietly.Get();")]
    [InlineData("new Pool(Gfp.Atomic).Get();")]
    public Task Flags_OfTheObjectThatDoNotBlock_AreSilent(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("pool.Get();")]
    [InlineData("_open.Get();")]
    [InlineData("_either.Get();")]
    [InlineData("_unlike.Get();")]
    [InlineData("_default.Get();")]
    [InlineData("_changing.Get();")]
    [InlineData("_settable.Get();")]
    public Task Flags_OfAnObjectThatMayHaveOthers_AreNotJudged(string statements) => CheckAsync(statements);

    [Fact]
    public Task Flags_UnderTheObjectsOwnLock_AreItsMakersToTell() => RuleCase.CheckAsync(
        Types +
        """
            void M(Pool pool)
            {
                {|MM1003:_blocking.GetLocked()|};
                _quick.GetLocked();
                pool.GetLocked();
            }
        """);

    private static Task CheckAsync(string statements) => RuleCase.CheckAsync(
        Types +
        $$"""
            static void Serve(Pool pool) => pool.GetDeep();

            void M(Pool pool)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        """);
}
