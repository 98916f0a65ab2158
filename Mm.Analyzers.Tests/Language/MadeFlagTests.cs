using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags in an object that another method makes, or changes and hands back: whoever gets the object knows them.</summary>
public class MadeFlagTests
{
    private const string Types =
        """
        VISIBLE sealed class Options
        {
            public Gfp Flags { get; set; }
            public static Options Blocking() => new Options { Flags = Gfp.Kernel };
            public static Options Quick() { var options = new Options(); options.Flags = Gfp.Atomic; return options; }
            public static Options Of(Gfp flags) => new() { Flags = flags };
            public Options With(Gfp flags) { Flags = flags; return this; }
            public Options And(Gfp flags) { Flags |= flags; return this; }
        }

        VISIBLE sealed class Pool
        {
            readonly Gfp _flags;
            Pool(Gfp flags) => _flags = flags;
            public static Pool Blocking() => new(Gfp.Kernel);
            public static Pool Quick() => new(Gfp.Atomic);
            public static Pool For(bool wait) => wait ? new Pool(Gfp.Kernel) : new Pool(Gfp.Atomic);
            public Pool With(Gfp flags) => new(flags);
            public void Get() => Slab.Allocate(8, _flags);
        }

        VISIBLE sealed record Mode(Gfp Flags)
        {
            public static Mode Of(Gfp flags) => new(flags);
            public Mode Quickly() => this with { Flags = Gfp.Atomic };
        }

        VISIBLE class Builder
        {
            Gfp _flags = Gfp.Kernel;
            public Builder Quickly() { _flags = Gfp.Atomic; return this; }
            public Builder Slowly() { _flags = Gfp.Kernel; return this; }
            public void Build() => Slab.Allocate(8, _flags);
        }
        """;

    [Theory]
    [InlineData("var options = Options.Blocking(); using (_lock.Hold()) {|MM1003:Slab.Allocate(8, options.Flags)|};")]
    [InlineData("var options = Options.Blocking(); using (_lock.Hold()) {|MM1003:Take(options)|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Take(Options.Of(Gfp.Kernel))|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Take(new Options { Flags = Gfp.Kernel })|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Take(Options.Quick().With(Gfp.Kernel))|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Take(Options.Quick().And(Gfp.MayBlock))|};")]
    [InlineData("var options = Options.Quick(); options.With(Gfp.Kernel); using (_lock.Hold()) {|MM1003:Take(options)|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Pool.Blocking().Get()|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Pool.Quick().With(Gfp.Kernel).Get()|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:Pool.For(true).Get()|};")]
    [InlineData("using (_lock.Hold()) {|MM1003:s_blocking.Get()|};")]
    [InlineData("var mode = Mode.Of(Gfp.Kernel); using (_lock.Hold()) {|MM1003:Slab.Allocate(8, mode.Flags)|};")]
    [InlineData("var builder = new Builder(); using (_lock.Hold()) {|MM1003:builder.Build()|};")]
    [InlineData("var builder = new Builder().Quickly(); builder.Slowly(); using (_lock.Hold()) {|MM1003:builder.Build()|};")]
    [InlineData("TakeLocked(Options.Quick()); {|MM1003:TakeLocked(Options.Blocking())|};")]
    public Task Flags_ThatMayBlock_AreReported(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("var options = Options.Quick(); using (_lock.Hold()) Slab.Allocate(8, options.Flags);")]
    [InlineData("var options = Options.Blocking(); options.Flags = Gfp.Atomic; using (_lock.Hold()) Take(options);")]
    [InlineData("using (_lock.Hold()) Take(Options.Blocking().With(Gfp.Atomic));")]
    [InlineData("var options = Options.Blocking(); options.With(Gfp.Atomic); using (_lock.Hold()) Take(options);")]
    [InlineData("using (_lock.Hold()) Pool.Quick().Get();")]
    [InlineData("using (_lock.Hold()) Pool.For(false).Get();")]
    [InlineData("using (_lock.Hold()) s_quick.Get();")]
    [InlineData("var mode = Mode.Of(Gfp.Kernel).Quickly(); using (_lock.Hold()) Slab.Allocate(8, mode.Flags);")]
    [InlineData("var builder = new Builder(); builder.Quickly(); using (_lock.Hold()) builder.Build();")]
    [InlineData("using (_lock.Hold()) { Take(given); Slab.Allocate(8, given.Flags); }")]
    public Task Flags_ThatDoNot_OrThatNobodyKnows_AreSilent(string statements) => CheckAsync(statements);

    private static Task CheckAsync(string statements) => LanguageCase.ReportedInBothAsync(
        $$"""
        VISIBLE class Case
        {
            readonly TicketLock _lock = new();
            static readonly Pool s_blocking = Pool.Blocking(), s_quick = Pool.Quick();
            static void Take(Options options) => Slab.Allocate(8, options.Flags);
            void TakeLocked(Options options) { using (_lock.Hold()) Take(options); }

            public void M(Options given)
            {
                {{statements}}
            }
        }

        {{Types}}
        """);
}
