using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags in what comes back from a callee: a struct that it left alone, an object that another one has made, one whose constructor stores in a block.</summary>
public class HandedBackTests
{
    private const string Types =
        """
            struct Options { public Gfp Flags; public int Order; }
            static void Look(ref Options options) { }
            static void LookTwice(ref Options options) => Look(ref options);
            static void Number(ref Options options) { options.Order = 3; }
            static void Put(ref Options options, Gfp flags) { options.Flags = flags; }
            static void PutTwice(ref Options options, Gfp flags) => Put(ref options, flags);
            sealed class Mode
            {
                public readonly Gfp Flags;
                Mode(Gfp flags) { Flags = flags; }
                public static Mode Of(Gfp flags) => new(flags);
                public static Mode Again(Gfp flags) => Of(flags);
                public static Mode Kept(Gfp flags) { var mode = Again(flags); return mode; }
            }
            sealed class Pool
            {
                readonly Gfp _flags;
                readonly Action _free;
                public Pool(Gfp flags, Action free)
                {
                    try
                    {
                        if (free == null) throw new ArgumentNullException(nameof(free));
                        { _flags = flags; }
                        checked { _free = free; }
                    }
                    catch (InvalidOperationException)
                    {
                        throw;
                    }
                }
                public object? Take() => Slab.Allocate(64, _flags);
                public void Drop() => _free();
            }
            sealed class Lax
            {
                readonly Gfp _flags = Gfp.Atomic;
                public Lax(Gfp flags) { try { _flags = flags; } catch (InvalidOperationException) { } }
                public object? Take() => Slab.Allocate(64, _flags);
            }
            void Use(Mode mode) { using (_lock.Hold()) Slab.Allocate(64, mode.Flags); }

        """;

    public static TheoryData<string, string> Cases => new()
    {
        { "looked at", "void N() { Options o = default; o.Flags = Gfp.Kernel; Look(ref o); using (_lock.Hold()) {|MM1003:Slab.Allocate(64, o.Flags)|}; }" },
        { "looked at, others", "void N() { Options o = default; o.Flags = Gfp.Atomic; Look(ref o); using (_lock.Hold()) Slab.Allocate(64, o.Flags); }" },
        { "looked at by a callee", "void N() { Options o = default; o.Flags = Gfp.Kernel; LookTwice(ref o); using (_lock.Hold()) {|MM1003:Slab.Allocate(64, o.Flags)|}; }" },
        { "another part written", "void N() { Options o = default; o.Flags = Gfp.Kernel; Number(ref o); using (_lock.Hold()) {|MM1003:Slab.Allocate(64, o.Flags)|}; }" },
        { "written by a callee", "void N() { Options o = default; o.Flags = Gfp.Atomic; PutTwice(ref o, Gfp.Kernel); using (_lock.Hold()) {|MM1003:Slab.Allocate(64, o.Flags)|}; PutTwice(ref o, Gfp.Atomic); using (_lock.Hold()) Slab.Allocate(64, o.Flags); }" },
        { "made two calls away", "void N() { {|MM1003:Use(Mode.Of(Gfp.Kernel))|}; {|MM1003:Use(Mode.Again(Gfp.Kernel))|}; {|MM1003:Use(Mode.Kept(Gfp.Kernel))|}; Use(Mode.Again(Gfp.Atomic)); Use(Mode.Kept(Gfp.Atomic)); }" },
        { "stored in a block", "void N() { var p = new Pool(Gfp.Kernel, () => { }); using (_lock.Hold()) { {|MM1003:p.Take()|}; p.Drop(); } }" },
        { "stored in a block, others", "void N() { var p = new Pool(Gfp.Atomic, () => Scheduler.Msleep(1)); using (_lock.Hold()) { p.Take(); {|MM1001:p.Drop()|}; } }" },
        { "perhaps not stored", "void N() { var p = new Lax(Gfp.Kernel); using (_lock.Hold()) p.Take(); }" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Flags_HandedBack_AreKnown(string name, string members)
    {
        Assert.NotEmpty(name);
        return RuleCase.CheckAsync(Types + members);
    }

    [Theory]
    [InlineData("(_all).Add(Slow);")]
    [InlineData("_all!.Add(Slow);")]
    [InlineData("this._all.Add(Slow);")]
    public Task Handlers_InAListThatIsWrittenInBrackets_AreSeen(string add) => RuleCase.CheckAsync(
        $$"""
            readonly System.Collections.Generic.List<Action> _all = new();
            static void Slow() => Scheduler.Msleep(1);
            public void Add() { {{add}} }
            void N()
            {
                using (_lock.Hold())
                {
                    foreach (var one in _all) {|MM1001:one()|};
                }
            }
        """);
}
