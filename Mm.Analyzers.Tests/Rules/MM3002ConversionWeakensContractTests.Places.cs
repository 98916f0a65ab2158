using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Every place of the language in which a delegate can be put.</summary>
public partial class MM3002ConversionWeakensContractTests
{
    [Fact]
    public Task Field_Assigned_InEveryWay() => InHooks(
        """
            [Never<Sleep>] Action _set = {|MM3002:Sleeps|};
            [Never<Sleep>] Action _right = Spins;
            [Never<Sleep>] static readonly Action _fixed = {|MM3002:() =>|} Scheduler.Schedule();
            [Never<Sleep>] Action? _other;

            Case(bool flag)
            {
                _set = {|MM3002:Sleeps|};
                this._set = {|MM3002:Sleeps|};
                _hook ??= {|MM3002:Sleeps|};
                _hook ??= Spins;
                _hook += {|MM3002:Sleeps|};
                _hook += Spins;
                _hook -= Sleeps;
                _hook = _other = {|MM3002:Sleeps|};
            }
        """);

    [Fact]
    public Task Override_OfAPropertyOrEvent_KeepsThePromise() => InHooks(
        """
            class Base { [Never<Sleep>] public virtual Action? Hook { get; set; } public virtual Action? Open { get; set; } }
            class Derived : Base
            {
                public override Action? Hook { get; set; }
                public override Action? Open { get; set; }
                [Never<Sleep>] public void Run() => Hook?.Invoke();
            }

            interface ISource { [Never<Sleep>] event Action Changed; event Action Opened; }
            class Source : ISource
            {
                public event Action? Changed;
                public event Action? Opened;
                [Never<Sleep>] public void Run() { Changed?.Invoke(); Opened?{|MM3003:.Invoke()|}; }
            }

            class Explicit : ISource
            {
                event Action ISource.Changed { add { } remove { } }
                event Action ISource.Opened { add { } remove { } }
            }

            static void M(Derived derived, Source source)
            {
                derived.Hook = {|MM3002:Sleeps|};
                derived.Hook = Spins;
                derived.Open = Sleeps;
                source.Changed += {|MM3002:Sleeps|};
                source.Changed += Spins;
                source.Opened += Sleeps;
            }
        """);

    [Fact]
    public Task Field_AssignedByDeconstruction_IsReported() => InHooks(
        """
            void M()
            {
                (_hook, _count) = ({|MM3002:Sleeps|}, 1);
                (_hook, _count) = (Spins, 1);
            }
        """);

    [Fact]
    public Task Property_SetOrInitialised_IsReported() => InHooks(
        """
            [Never<Sleep>] Action OnTick { get; set; } = {|MM3002:Sleeps|};
            [Never<Sleep>] Action OnStop { get; } = Spins;
            [Never<Sleep>] Action? OnStart { get; init; }

            void M()
            {
                OnTick = {|MM3002:() =>|} Scheduler.Schedule();
                OnTick = Spins;
                OnTick += {|MM3002:Sleeps|};
                _ = new Case { OnTick = {|MM3002:Sleeps|}, OnStart = {|MM3002:() =>|} Scheduler.Schedule(), _hook = {|MM3002:Sleeps|} };
                _ = new Case { OnTick = Spins, OnStart = () => { }, _hook = null };
            }
        """);

    [Fact]
    public Task Property_Getter_ReturnsWhatItPromises() => InHooks(
        """
            [Never<Sleep>] Action Wrong => {|MM3002:Sleeps|};
            [Never<Sleep>] Action Right => Spins;
            [Never<Sleep>] Action WithBody
            {
                get
                {
                    if (_count > 0) return Spins;
                    return {|MM3002:() =>|} Scheduler.Schedule();
                }
            }
            Quick Typed => {|MM3002:Sleeps|};
        """);

    [Fact]
    public Task Property_OfARecord_SetByWith() => InHooks(
        """
            record Settings
            {
                [Never<Sleep>] public Action? OnTick { get; init; }
                public Quick? OnStop { get; init; }
            }

            Settings M(Settings settings) => settings with { OnTick = {|MM3002:Sleeps|}, OnStop = {|MM3002:Sleeps|} };
            Settings N(Settings settings) => settings with { OnTick = Spins, OnStop = Spins };
        """);

    [Fact]
    public Task Event_Subscribed_IsReported() => InHooks(
        """
            event Quick? Ticked;
            [Never<Sleep>] event Action? Stopped;
            event Action? Any;

            void M(Case other)
            {
                Ticked += {|MM3002:Sleeps|};
                Ticked += Spins;
                Ticked -= Sleeps;
                Stopped += {|MM3002:() =>|} Scheduler.Schedule();
                Stopped += Spins;
                other.Stopped += {|MM3002:Sleeps|};
                Any += Sleeps;
            }
        """);

    [Fact]
    public Task Local_OfAStrictType_IsReported() => InHooks(
        """
            void M()
            {
                Quick a = {|MM3002:Sleeps|}, b = Spins;
                Quick c;
                c = {|MM3002:() =>|} Scheduler.Schedule();
                var d = (Quick)({|MM3002:Sleeps|});
                var e = (Quick)Spins;
                var f = new Quick({|MM3002:Sleeps|});
            }
        """);

    [Fact]
    public Task Result_Returned_InEveryWay() => InHooks(
        """
            [return: Never<Sleep>] Action Arrow() => {|MM3002:Sleeps|};
            [return: Never<Sleep>] Action Body(bool flag)
            {
                if (flag) return Spins;
                return {|MM3002:() =>|} Scheduler.Schedule();
            }
            Quick Typed() => {|MM3002:() =>|} Scheduler.Schedule();
            Quick TypedRight() => () => { };
            Action Plain() => Sleeps;
            Func<Quick> Inner() => () => {|MM3002:Sleeps|};
            void InALocalFunction()
            {
                _ = Make();
                [return: Never<Sleep>] static Action Make() => {|MM3002:Sleeps|};
            }
        """);

    [Fact]
    public Task Result_Yielded_IsReported() => InHooks(
        """
            IEnumerable<Quick> All()
            {
                yield return {|MM3002:() =>|} Scheduler.Schedule();
                yield return Spins;
                yield return {|MM3002:Sleeps|};
            }
        """);

    [Fact]
    public Task Collection_OfAStrictType_IsReported() => InHooks(
        """
            static readonly Quick[] _table = { Spins, {|MM3002:Sleeps|} };

            void M(Quick[] table, Dictionary<int, Quick> map)
            {
                table[0] = {|MM3002:Sleeps|};
                table[1] = Spins;
                _ = new Quick[] { {|MM3002:() =>|} Scheduler.Schedule(), Spins };
                _ = new List<Quick> { {|MM3002:Sleeps|}, Spins };
                List<Quick> expression = [{|MM3002:Sleeps|}, Spins];
                map[1] = {|MM3002:Sleeps|};
                map.Add(2, {|MM3002:Sleeps|});
                _ = new Dictionary<int, Quick> { [1] = {|MM3002:Sleeps|}, [2] = Spins };
                (Quick First, int Second) pair = ({|MM3002:Sleeps|}, 1);
            }
        """);

    [Fact]
    public Task Argument_InEveryPosition_IsReported() => InHooks(
        """
            static void Two([Never<Sleep>] Action? first = null, Action? second = null) { }
            static void Many(params Quick[] all) { }
            static void Outer(Action any, [Never<Sleep>] Action strict) { }

            void M()
            {
                Two();
                Two({|MM3002:Sleeps|});
                Two(second: Sleeps);
                Two(second: Sleeps, first: {|MM3002:Sleeps|});
                Two(second: Sleeps, first: Spins);
                Many(Spins, {|MM3002:Sleeps|});
                Outer(Sleeps, Spins);
                Outer(Spins, {|MM3002:Sleeps|});
            }
        """);

    [Fact]
    public Task Argument_OfAConstructor_IsReported() => InHooks(
        """
            class Timer
            {
                public Timer([Never<Sleep>] Action callback) { }
                public Timer(int period, Quick callback) { }
                public Timer() : this({|MM3002:Sleeps|}) { }
            }
            class Derived : Timer
            {
                public Derived() : base(1, {|MM3002:() =>|} Scheduler.Schedule()) { }
            }
            class Primary([Never<Sleep>] Action callback) { public Action Callback { get; } = callback; }

            void M()
            {
                _ = new Timer({|MM3002:Sleeps|});
                _ = new Timer(Spins);
                Timer target = new(1, {|MM3002:Sleeps|});
                _ = new Primary({|MM3002:Sleeps|});
                _ = new Primary(Spins);
            }
        """);

    [Fact]
    public Task Argument_OfDelegateIndexerOrOperator_IsReported() => InHooks(
        """
            delegate void Visitor([Never<Sleep>] Action step);
            class Table { public int this[[Never<Sleep>] Action key] => 1; }

            int M(Visitor visitor, Table table)
            {
                visitor({|MM3002:Sleeps|});
                visitor(Spins);
                return table[{|MM3002:Sleeps|}] + table[Spins];
            }
        """);

    [Fact]
    public Task Argument_OfAnInterfaceOrInheritedContract_IsReported() => InHooks(
        """
            interface ITimer { void Start([Never<Sleep>] Action callback); }
            sealed class Timer : ITimer { public void Start(Action callback) { } }

            void M(ITimer any, Timer timer)
            {
                any.Start({|MM3002:Sleeps|});
                any.Start(Spins);
                timer.Start({|MM3002:Sleeps|});
                timer.Start(Spins);
            }
        """);

    [Fact]
    public Task Argument_Out_IsAssignedInside() => InHooks(
        """
            static void Wrong([Never<Sleep>] out Action callback) => callback = {|MM3002:Sleeps|};
            static void Right([Never<Sleep>] out Action callback) => callback = Spins;
            static void Again([Never<Sleep>] ref Action callback) => callback = {|MM3002:() =>|} Scheduler.Schedule();
            static void Value([Never<Sleep>] Action callback) => callback = {|MM3002:Sleeps|};
        """);

    [Fact]
    public Task Generic_DelegateType_IsReported() => InHooks(
        """
            [Never<Sleep>] delegate void Visit<T>(T item);
            static void Each<T>(T[] items, Visit<T> visit) { }
            static void Every<T>(T[] items, [Never<Sleep>] Action<T> visit) { }
            static void Slowly(int item) => Sleeps();
            static void Quickly(int item) { }

            void M(int[] items)
            {
                Each(items, {|MM3002:Slowly|});
                Each(items, Quickly);
                Each(items, {|MM3002:item =>|} Sleeps());
                Every(items, {|MM3002:Slowly|});
                Every(items, item => Quickly(item));
                Every(items, {|MM3002:item =>|} Slowly(item));
            }
        """);

    [Fact]
    public Task Nested_ConversionInALambda_IsReported() => InHooks(
        """
            void M()
            {
                Action run = () => _hook = {|MM3002:Sleeps|};
                run();
                Take(() => Take({|MM3002:() =>|} Scheduler.Schedule()));
                Local();

                void Local() => Take({|MM3002:Sleeps|});
            }
        """);

    [Fact]
    public Task Initialiser_OfACollectionOfSettings_IsReported() => InHooks(
        """
            class Entry { [Never<Sleep>] public Action? Run; public Entry? Next; }

            Entry M() => new()
            {
                Run = Spins,
                Next = new() { Run = {|MM3002:() =>|} Scheduler.Schedule() },
            };
            Entry N(Entry entry) => new() { Next = { Run = {|MM3002:Sleeps|} } };
        """);
}
