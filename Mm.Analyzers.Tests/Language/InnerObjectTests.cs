using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Objects that a constructor makes of what it was given: whoever has made the object around knows what is in them.</summary>
public class InnerObjectTests
{
    private const string Types =
        """
        VISIBLE sealed class Inner { readonly Action _act; public Inner(Action act) { _act = act; } public void Run() => _act(); }
        VISIBLE sealed class Outer { public Inner In { get; } public Outer(Action act) { In = new Inner(act); } public void Go() => In.Run(); }
        VISIBLE sealed class Holding { public Inner In { get; } public Holding(Inner inner) { In = inner; } public void Go() => In.Run(); }
        VISIBLE sealed class Deep { public Holding Held { get; } public Deep(Action act) => Held = new Holding(new Inner(act)); }
        VISIBLE sealed class Pool { readonly Gfp _flags; public Pool(Gfp flags) { _flags = flags; } public void Get() => Slab.Allocate(8, _flags); }
        VISIBLE sealed class Owner { readonly Pool _pool; public Owner(Gfp flags) { _pool = new Pool(flags); } public void Get() => _pool.Get(); }
        VISIBLE sealed class Changing { public Inner In { get; } public Changing(Action act) { act = () => Scheduler.Schedule(); In = new Inner(act); } }
        """;

    [Theory]
    [InlineData("new Outer(Nothing).In.Run(); {|MM1001:new Outer(Wait).In.Run()|};")]
    [InlineData("Outer quick = new(Nothing), slow = new(Wait); quick.In.Run(); {|MM1001:slow.In.Run()|};")]
    [InlineData("Outer quick = new(Nothing), slow = new(Wait); quick.Go(); {|MM1001:slow.Go()|};")]
    [InlineData("_quick.In.Run(); {|MM1001:_slow.In.Run()|};")]
    [InlineData("_quick.Go(); {|MM1001:_slow.Go()|};")]
    [InlineData("new Holding(new Inner(Nothing)).Go(); {|MM1001:new Holding(new Inner(Wait)).In.Run()|};")]
    [InlineData("Deep quick = new(Nothing), slow = new(Wait); quick.Held.Go(); {|MM1001:slow.Held.Go()|};")]
    [InlineData("Deep quick = new(Nothing), slow = new(Wait); quick.Held.In.Run(); {|MM1001:slow.Held.In.Run()|};")]
    [InlineData("_deep.Held.In.Run(); {|MM1001:_deepSlow.Held.In.Run()|};")]
    [InlineData("{|MM1001:new Changing(Nothing).In.Run()|};")]
    [InlineData("{|MM1001:given.In.Run()|};")]
    [InlineData("new Owner(Gfp.Atomic).Get(); {|MM1003:new Owner(Gfp.Kernel).Get()|};")]
    public Task Object_InAnObject_IsWhatItsMakerWasGiven(string statements) => CheckAsync(statements);

    private static Task CheckAsync(string statements) => LanguageCase.ReportedInBothAsync(
        $$"""
        using System;

        VISIBLE class Case
        {
            readonly TicketLock _lock = new();
            readonly Outer _quick = new(Nothing), _slow = new(Wait);
            readonly Deep _deep = new(Nothing), _deepSlow = new(Wait);
            static void Nothing() { }
            static void Wait() => Scheduler.Schedule();

            public void M(Outer given)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }

        {{Types}}
        """);
}
