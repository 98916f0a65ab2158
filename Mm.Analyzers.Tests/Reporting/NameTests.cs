using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Reporting;

/// <summary>Names in messages are those that code is written with.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("{|MM1001:left + right|};", "'operator +'")]
    [InlineData("{|MM1001:left == right|};", "'operator =='")]
    [InlineData("checked({|MM1001:left - right|});", "'operator checked -'")]
    [InlineData("{|MM1001:(int)left|};", "'implicit operator int'")]
    [InlineData("{|MM1001:(Number)3|};", "'explicit operator Number'")]
    public Task Operator_IsWrittenAsItsToken(string expression, string name) => TellsAsync(
        $$"""
            void M(Number left, Number right)
            {
                using (_lock.Hold()) _ = {{expression}}
            }

            #pragma warning disable CS0660, CS0661
            struct Number
            {
                public static Number operator +(Number a, Number b) => Wait(a);
                public static Number operator -(Number a, Number b) => a;
                public static Number operator checked -(Number a, Number b) => Wait(a);
                public static bool operator ==(Number a, Number b) => Wait(true);
                public static bool operator !=(Number a, Number b) => false;
                public static implicit operator int(Number a) => Wait(1);
                public static explicit operator Number(int a) => Wait(default(Number));

                static T Wait<T>(T value)
                {
                    Scheduler.Schedule();
                    return value;
                }
            }
        """,
        name + " might sleep (Scheduler.Schedule) but runs");

    [Fact]
    public Task Generic_IsNamedByItsInstance() => TellsAsync(
        """
            void M(Cache<string> cache, Cache<Func<Func<string, string>, Func<string, string>>> large)
            {
                using (_lock.Hold())
                {
                    {|MM1001:cache.Drop()|};
                    {|MM1001:large.Drop()|};
                    {|MM1001:Each<Disk>(new())|};
                    {|MM1001:new Cache<int>()|};
                }
            }

            static void Each<T>(T device) where T : IDevice => device.Flush();

            interface IDevice { void Flush(); }
            sealed class Disk : IDevice { public void Flush() => Scheduler.Schedule(); }
            sealed class Cache<T>
            {
                public Cache() => Scheduler.Schedule();
                public void Drop() => Inner();
                void Inner() => Scheduler.Schedule();
            }
        """,
        "'Cache<string>.Drop' might sleep",
        "Path: Cache<string>.Drop → Inner → Scheduler.Schedule",
        "'Cache<…>.Drop' might sleep",
        "'new Cache<int>' might sleep",
        "Path: Each<Disk> → Disk.Flush → Scheduler.Schedule");

    [Fact]
    public Task Implementation_IsNamedWithItsType() => TellsAsync(
        """
            void M(IDevice device, Disk disk)
            {
                using (_lock.Hold())
                {
                    {|MM1001:device.Flush()|};
                    {|MM1001:disk.Flush()|};
                }
            }

            interface IDevice { void Flush(); }
            sealed class Memory : IDevice { public void Flush() { } }
            sealed class Disk : IDevice { public void Flush() => Scheduler.Schedule(); }
        """,
        "'Disk.Flush' might sleep (Scheduler.Schedule)",
        "'Flush' might sleep (Scheduler.Schedule)");

    [Fact]
    public Task Namesake_IsNamedWithItsType() => TellsAsync(
        """
            void M(Journal journal)
            {
                using (_lock.Hold()) {|MM1001:journal.Write()|};
            }

            class Sink { public virtual void Write() => Scheduler.Schedule(); }
            sealed class Journal : Sink { public override void Write() => base.Write(); }
        """,
        "Path: Write → Sink.Write → Scheduler.Schedule");

    [Fact]
    public Task WithoutANameInCode_IsNotQuoted() => TellsAsync(
        """
            readonly Action _hook = () => Scheduler.Schedule();

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:_hook()|};
                    {|MM1001:Table.Size()|};
                }
            }

            [Never<Allocate>] object Boxed(int number) => {|MM3003:number|};

            static class Table
            {
                static readonly int s_size = Measure();
                public static int Size() => 1;
                static int Measure() { Scheduler.Schedule(); return 1; }
            }
        """,
        ": A lambda might sleep (Scheduler.Schedule) but runs",
        ": The static constructor of Table might sleep (Scheduler.Schedule) but runs",
        "Path: the static constructor of Table → Measure → Scheduler.Schedule",
        ": Boxing of int might allocate, which");

    [Fact]
    public Task ExplicitImplementation_IsNamedByItsMember() => TellsAsync(
        """
            interface IStrict<T> { [Never<Sleep>] T Value { get; } [Never<Sleep>] void Run(T given); }

            sealed class Explicit : IStrict<int>
            {
                int IStrict<int>.Value { {|MM3001:get|} { Scheduler.Schedule(); return 1; } }
                void IStrict<int>.{|MM3001:Run|}(int given) => Scheduler.Schedule();
            }
        """,
        "'Value' might sleep (Scheduler.Schedule), which 'IStrict<int>.Value' promises never to do. Path: Value → Scheduler.Schedule",
        "'Run' might sleep (Scheduler.Schedule), which 'IStrict<int>.Run' promises never to do. Path: Run → Scheduler.Schedule");

    [Fact]
    public Task OwnMarkers_AreNamedWithTheirArgumentsAndToldApart() => TellsAsync(
        """
            struct Waits<T> : IEffect;
            [Forbids<Waits<int>>] struct Quiet<T> : IContext;
            static class Disk { public struct Busy : IEffect; }
            static class Net { public struct Busy : IEffect; }
            [Forbids<Disk.Busy>, Forbids<Net.Busy>, Forbids<Allocate>] struct Calm : IContext;

            [Might<Waits<int>>] void OnInt() { }
            [Might<Waits<string>>] void OnString() { }
            [Might<Disk.Busy>] void OnDisk() { }
            [Might<Net.Busy>] void OnNet() { }
            object All() { OnDisk(); OnNet(); return new object(); }

            [RunsIn<Quiet<int>>] void M() { {|MM1005:OnInt()|}; OnString(); }
            [RunsIn<Calm>] void N() => {|MM1004:All()|};
        """,
        "'Case.OnInt' might have effect Waits<int> but runs in context Quiet<int>",
        "might allocate and have effects Case.Disk.Busy and Case.Net.Busy (");

    private static async Task TellsAsync(string members, params string[] texts)
    {
        var told = await RuleCase.RenderAsync(members);
        Assert.All(texts, text => Assert.Contains(text, told));
    }
}
