using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Recording;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags that stand in an object, and of which it can be seen what was put there.</summary>
public class StoredFlagTests
{
    private const string Types =
        """
            class Options
            {
                public Gfp Flags { get; init; }
                public Gfp Default { get; init; } = Gfp.Kernel;
                public Gfp Other { get; set; }
            }

            class Given
            {
                public readonly Gfp Field;
                public Gfp Property { get; }
                public Given(Gfp flags) { Field = flags; this.Property = flags; }
                public Given() : this(Gfp.Kernel) { }
                public Given(int count) { Field = count > 1 ? Gfp.Kernel : Gfp.Atomic; Property = Gfp.Kernel; if (count == 2) Property = Gfp.Atomic; }
                public Given(Gfp flags, bool changed) { if (changed) flags = Gfp.Atomic; Field = flags; Property = flags; }
            }

            sealed class Derived : Given { public Derived(Gfp flags) : base(flags) { } }

            class Blocking
            {
                public Gfp Property { get; }
                public readonly Gfp Field;
                public Blocking() { Property = Gfp.Kernel; Field = Gfp.Kernel; }
                public Blocking(int count) : this() { }
                public Blocking(bool really) { Property = Gfp.Kernel; Field = Gfp.Kernel; if (!really) return; }
            }

            class Always
            {
                public Gfp Property { get; }
                public readonly Gfp Field;
                public Gfp Mixed { get; }
                public Always() { Property = Gfp.Kernel; Field = Gfp.Kernel; Mixed = Gfp.Kernel; }
                public Always(int count) { Property = Gfp.Kernel; Field = Gfp.Kernel; Mixed = Gfp.Atomic; }
                public Always(Gfp flags) : this() { }
            }

            record Positional(Gfp Flags, int Size);
            record struct Small(Gfp Flags);
            class Primary(Gfp flags) { public Gfp Flags { get; } = flags; }

            static readonly Gfp[] s_table = { Gfp.Kernel, Gfp.Atomic };
            static readonly Gfp[] s_made = new[] { Gfp.Kernel, Gfp.Atomic };
            static readonly Gfp[] s_quiet = { Gfp.NoWait, Gfp.Atomic };
            static readonly Gfp[] s_written = { Gfp.Kernel, Gfp.Atomic };
            static readonly Gfp[] s_passed = { Gfp.Kernel, Gfp.Atomic };
            internal static readonly Gfp[] Seen = { Gfp.Kernel, Gfp.Atomic };
            static void Write() { s_written[0] = Gfp.Atomic; Fill(s_passed); }
            static void Fill(Gfp[] table) => table[0] = Gfp.Atomic;

            struct Request { public Gfp Flags; public int Size; }
            struct Outer { public int Size; public Request Inner; }
            static Request s_request;
            static Request Receive(Gfp flags) { s_request.Flags = flags; return s_request; }
            static void ServeStruct(Request request) => Slab.Allocate(8, request.Flags);
            static void ServeByReference(in Request request) => ServeStruct(request);
            static void ServeNested(Outer outer) => Slab.Allocate(8, outer.Inner.Flags);
            static void ServeWithout(Request request) { request.Flags &= ~Gfp.MayBlock; ServeByReference(request); }

            static void More(Gfp flags, out Gfp more) => more = flags | Gfp.Zeroed;
            static void Less(ref Gfp flags) => flags &= ~Gfp.MayBlock;
            static void Leave(ref Gfp flags) { }
            static void Choose(bool wait, out Gfp flags) { if (wait) flags = Gfp.Kernel; else flags = Gfp.Atomic; }

            static Gfp Blocks => Gfp.Kernel;
            static void Serve(Options options) => Slab.Allocate(8, options.Flags);
            static void ServeDeep(Options options) => Serve(options);
            static void ServeSettable(Options options) => Slab.Allocate(8, options.Other);

        """;

    [Theory]
    [InlineData("new Options { Flags = Gfp.Kernel }.Flags")]
    [InlineData("new Options().Default")]
    [InlineData("new Given(Gfp.Kernel).Field")]
    [InlineData("new Given(Gfp.Kernel).Property")]
    [InlineData("new Given().Property")]
    [InlineData("new Derived(Gfp.Kernel).Field")]
    [InlineData("always.Property")]
    [InlineData("always.Field")]
    [InlineData("new Positional(Gfp.Kernel, 1).Flags")]
    [InlineData("new Small(Gfp.Kernel).Flags")]
    [InlineData("new Primary(Gfp.Kernel).Flags")]
    [InlineData("s_table[0]")]
    [InlineData("s_made[0]")]
    [InlineData("Blocks")]
    public Task Flags_ThatTheirObjectIsSeenToKeep_AreJudged(string flags) => CheckAsync($"{{|MM1003:Slab.Allocate(8, {flags})|}};");

    [Theory]
    [InlineData("new Options { Flags = Gfp.Atomic }.Flags")]
    [InlineData("new Options { Default = Gfp.Atomic }.Default")]
    [InlineData("new Given(Gfp.Atomic).Field")]
    [InlineData("new Derived(Gfp.Atomic).Property")]
    [InlineData("new Positional(Gfp.Atomic, 1).Flags")]
    [InlineData("(new Positional(Gfp.Kernel, 1) with { Flags = Gfp.Atomic }).Flags")]
    [InlineData("new Primary(Gfp.Atomic).Flags")]
    [InlineData("s_table[1]")]
    public Task Flags_ThatDoNotBlock_AreSilent(string flags) => CheckAsync($"Slab.Allocate(8, {flags});");

    [Theory]
    [InlineData("new Given(1).Field")]
    [InlineData("new Given(2).Property")]
    [InlineData("new Given(Gfp.Kernel, true).Field")]
    [InlineData("new Given(Gfp.Kernel, true).Property")]
    [InlineData("always.Mixed")]
    [InlineData("options.Flags")]
    [InlineData("options.Default")]
    [InlineData("new Blocking(true).Field")]
    [InlineData("s_table[count]")]
    [InlineData("s_written[0]")]
    [InlineData("s_passed[0]")]
    [InlineData("Seen[0]")]
    public Task Flags_ThatMayBeOthers_AreNotJudged(string flags) => CheckAsync($"Slab.Allocate(8, {flags});");

    [Theory]
    [InlineData("{|MM1003:Serve(new Options { Flags = Gfp.Kernel })|};")]
    [InlineData("{|MM1003:ServeDeep(new Options { Flags = Gfp.Kernel })|};")]
    [InlineData("var made = new Options { Flags = Gfp.Kernel }; {|MM1003:ServeDeep(made)|};")]
    [InlineData("ServeDeep(new Options { Flags = Gfp.Atomic });")]
    [InlineData("ServeDeep(options);")]
    [InlineData("{|MM1003:ServeSettable(new Options { Other = Gfp.Kernel })|};")]
    [InlineData("ServeSettable(new Options { Other = Gfp.Atomic });")]
    [InlineData("ServeSettable(options);")]
    [InlineData("{|MM1003:ServeStruct(new Request { Flags = Gfp.Kernel })|};")]
    [InlineData("{|MM1003:ServeByReference(new Request { Flags = Gfp.Kernel })|};")]
    [InlineData("var made = new Request { Flags = Gfp.Kernel }; var other = made; other.Flags = Gfp.Atomic; {|MM1003:ServeStruct(made)|}; ServeStruct(other);")]
    [InlineData("var outer = new Outer { Inner = new Request { Flags = Gfp.Kernel } }; {|MM1003:ServeNested(outer)|};")]
    [InlineData("var made = new Request { Flags = Gfp.Kernel }; ServeWithout(made); ServeStruct(new Request { Flags = Gfp.Atomic });")]
    [InlineData("var made = Receive(Gfp.Kernel); {|MM1003:ServeStruct(made)|}; ServeStruct(s_request);")]
    public Task Flags_InAnObjectThatIsHandedOver_AreTheCallersToTell(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("options.Other |= Gfp.Zeroed; Slab.Allocate(8, options.Other);")]
    [InlineData("options.Other &= ~Gfp.StartIo; Slab.Allocate(8, options.Other);")]
    [InlineData("options.Other &= ~Gfp.MayBlock; Slab.Allocate(8, options.Other);")]
    [InlineData("options.Other |= Gfp.MayBlock; {|MM1003:Slab.Allocate(8, options.Other)|};")]
    [InlineData("var before = options.Other; options.Other = Gfp.Kernel; Slab.Allocate(8, before); {|MM1003:Slab.Allocate(8, options.Other)|};")]
    public Task Flags_ChangedInAnObject_AreKnownAsFarAsTheyWereChanged(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("foreach (var flags in s_table) {|MM1003:Slab.Allocate(8, flags)|};")]
    [InlineData("foreach (Gfp flags in s_made) { if (count > 2) {|MM1003:Slab.Allocate(8, flags | Gfp.Zeroed)|}; }")]
    [InlineData("foreach (var flags in s_table) Slab.Allocate(8, flags & ~Gfp.MayBlock);")]
    [InlineData("foreach (var flags in s_quiet) Slab.Allocate(8, flags);")]
    [InlineData("foreach (var flags in s_table) { if ((flags & Gfp.MayBlock) == 0) Slab.Allocate(8, flags); }")]
    public Task Flags_OfATableThatIsGoneThrough_AreEachOfThem(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("More(Gfp.Kernel, out var flags); {|MM1003:Slab.Allocate(8, flags)|};")]
    [InlineData("More(Gfp.Atomic, out var flags); Slab.Allocate(8, flags);")]
    [InlineData("var flags = Gfp.Kernel; Less(ref flags); Slab.Allocate(8, flags);")]
    [InlineData("var flags = Gfp.Atomic; Leave(ref flags); Slab.Allocate(8, flags);")]
    [InlineData("var flags = Gfp.Kernel; Leave(ref flags); {|MM1003:Slab.Allocate(8, flags)|};")]
    [InlineData("Choose(false, out var flags); Slab.Allocate(8, flags);")]
    [InlineData("Choose(true, out var flags); {|MM1003:Slab.Allocate(8, flags)|};")]
    public Task Flags_ThatComeBackByReference_AreWhatTheCalleeMadeOfItsArguments(string statements) => CheckAsync(statements);

    [Fact]
    public Task Flags_InAnObjectOfAnotherAssembly_AreNotRecordedAsDecided() => new AnalyzerTest(
        """
        class Case
        {
            readonly TicketLock _lock = new();

            void M(Options options) { using (_lock.Hold()) Server.Serve(options); }
        }
        """)
    {
        Kernel = Kernel.Reference,
        References =
        [
            Recorded.Of(
                "Library",
                """
                public sealed class Options { public Gfp Flags { get; init; } }
                public static class Server { public static void Serve(Options options) => Slab.Allocate(8, options.Flags); }
                """).Reference,
        ],
    }.CheckAsync();

    private static Task CheckAsync(string statements) => RuleCase.CheckAsync(
        Types +
        $$"""
            void M(Options options, Always always, int count)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        """);
}
