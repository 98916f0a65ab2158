using System;
using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.KnownGaps;

public partial class KnownGapTests
{
    [Fact]
    public Task UnknownCallees_UnderALock_AreTrusted() => RuleCase.CheckAsync(
        """
            [System.Runtime.InteropServices.DllImport("device")]
            static extern void Drain();

            void M()
            {
                using (_lock.Hold())
                {
                    Drain();
                }
            }
        """);

    [Fact]
    public Task ObjectsBehindFrameworkTypes_OutOfACollection_CountAsThoseOfDotNet() => RuleCase.CheckAsync(
        """
            sealed class Ending : IDisposable { public void Dispose() => Scheduler.Schedule(); }

            void M()
            {
                var endings = new System.Collections.Generic.List<IDisposable> { new Ending() };
                using (_lock.Hold())
                {
                    endings[0].Dispose();
                }
            }
        """);

    [Fact]
    public Task DelegatesOfUnknownOrigin_OutOfACollectionThatOthersSee_AreTrusted() => RuleCase.CheckAsync(
        """
            readonly System.Collections.Generic.List<Action> _actions = new() { () => Scheduler.Schedule() };

            public System.Collections.Generic.List<Action> Actions => _actions;

            void M()
            {
                using (_lock.Hold())
                {
                    _actions[0]();
                }
            }
        """);

    [Fact]
    public Task CallbacksFromDotnet_ToMembersOfItsArguments_AreNotFollowed() => RuleCase.CheckAsync(
        """
            sealed class Key : IComparable<Key>
            {
                public override int GetHashCode() { Scheduler.Schedule(); return 1; }
                public override bool Equals(object? other) => true;
                public int CompareTo(Key? other) { Scheduler.Schedule(); return 0; }
            }

            readonly System.Collections.Generic.Dictionary<Key, int> _table = new();
            readonly System.Collections.Generic.List<Key> _list = new();

            void M(Key key)
            {
                using (_lock.Hold())
                {
                    _table.TryGetValue(key, out _count);
                    _list.Sort();
                }
            }
        """);

    [Fact]
    public Task ImplementationsElsewhere_InTheOtherAssembly_AreNotSeen() => new AnalyzerTest(
        """
        sealed class Quick : Storage.Device { public override void Run() { } }

        class Case
        {
            readonly TicketLock _lock = new();

            void M(Storage.Device device)
            {
                using (_lock.Hold())
                {
                    device.Run();
                }
            }
        }
        """)
    {
        Kernel = Kernel.Reference,
        References =
        {
            new AnalyzerTest(
                """
                namespace Storage;

                public abstract class Device { public abstract void Run(); }
                public sealed class Slow : Device { public override void Run() => Scheduler.Schedule(); }
                """) { Kernel = Kernel.Reference }.ToReference("Storage"),
        },
    }.CheckAsync();

    [Fact]
    public Task Finalizers_RunByTheCollector_AreNotJudged() => RuleCase.CheckAsync(
        """
            sealed class Handle { ~Handle() => Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    _ = new Handle();
                }
            }
        """);

    [Fact]
    public Task PlainMemoryAccess_ThroughAPointer_IsNoFault() => RuleCase.CheckAsync(
        """
            unsafe void M(int* user, ref int place, Span<int> span)
            {
                using (_lock.Hold())
                {
                    *user = 1;
                    place = 1;
                    span[0] = 1;
                }
            }
        """);

    [Fact]
    public Task PartsTiedToAFlag_PartThatDoesNotBlock_CountsAsAnyOfItsClasses() => RuleCase.CheckAsync(
        """
            interface IBox { void Receive(); }

            sealed class Quick : IBox { public void Receive() { } }

            sealed class Slow : IBox { public void Receive() => Scheduler.Schedule(); }

            sealed class Socket
            {
                readonly TicketLock _lock = new();
                readonly bool _isShared;
                readonly IBox _box;

                public Socket(bool isShared)
                {
                    _isShared = isShared;
                    _box = isShared ? new Quick() : new Slow();
                }

                void M()
                {
                    if (_isShared) _lock.Acquire();
                    {|MM1001:_box.Receive()|};
                    if (_isShared) _lock.Release();
                }
            }
        """);

    [Fact]
    public Task ValuesOfTypeArguments_InABranchAndAsFlags_AreNotKnown() => RuleCase.CheckAsync(
        """
            interface IMode { static abstract bool Waits { get; } static abstract Gfp Flags { get; } }
            struct Waiting : IMode { public static bool Waits => true; public static Gfp Flags => Gfp.Kernel; }
            struct Quick : IMode { public static bool Waits => false; public static Gfp Flags => Gfp.Atomic; }

            static void Branch<T>() where T : IMode { if (T.Waits) Scheduler.Schedule(); }
            static void Type<T>() { if (typeof(T) == typeof(Waiting)) Scheduler.Schedule(); }
            static void Allocate<T>() where T : IMode => Slab.Allocate(1, T.Flags);

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Branch<Quick>()|};
                    {|MM1001:Type<Quick>()|};
                    Allocate<Waiting>();
                }
            }
        """);

    [Fact]
    public Task PromisesOfLambdaParameters_OfALambdaInAVariable_AreNotCheckedAtItsCalls() => RuleCase.CheckAsync(
        """
            void M()
            {
                var run = static ([Never<Sleep>] Action action) => action();
                run(Scheduler.Schedule);
                Run({|MM3002:Scheduler.Schedule|});
                static void Run([Never<Sleep>] Action action) => action();
            }
        """);

    [Fact]
    public Task HandlersOfGenerics_WithMoreOpenCallsThanAreKept_AreSilentOnTheRest()
    {
        var early = string.Join(" ", Enumerable.Range(0, 32).Select(i => $"void Early{i}(T item) {{ }}"));
        var calls = string.Join(" ", Enumerable.Range(0, 32).Select(i => $"store.Early{i}(_last!);"));
        return new AnalyzerTest($$"""
            using System;

            interface IStore<T> { {{early}} void Save(T item) { } }
            sealed class Disk<T> : IStore<T> { {{early.Replace("void", "public void", StringComparison.Ordinal)}} public void Save(T item) => Scheduler.Schedule(); }
            sealed class Epoch
            {
                Action? _drain;
                public void Defer(Action action) => _drain = action;
                public void Bump() => _drain?.Invoke();
            }

            sealed class Log<T>(Epoch epoch, IStore<T> store)
            {
                T? _last;
                public void Start() => epoch.Defer(() => { {{calls}} store.Save(_last!); });
            }

            class Case
            {
                readonly TicketLock _lock = new();
                readonly Epoch _epoch = new();

                void M()
                {
                    using (_lock.Hold())
                    {
                        _epoch.Bump();
                    }
                }
            }
            """).CheckAsync();
    }

    [Fact]
    public Task AnswersOfDelegates_OfOneThatWasPassed_AreNotSeen() => RuleCase.CheckAsync(
        """
            static void Wait() => Scheduler.Schedule();
            static void With(Func<bool> may) { if (may()) Wait(); }
            static void Alone() { Func<bool> may = () => !Preemption.IsOff; if (may()) Wait(); }

            void M()
            {
                using (_lock.Hold())
                {
                    Alone();
                    {|MM1001:With(() => !Preemption.IsOff)|};
                }
            }
        """);
}
