using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates keep the type arguments with which they were made, wherever they are invoked.</summary>
public class GenericDelegateTests
{
    private const string Types =
        """
        interface IRun { void Run(); static abstract void Go(); }
        struct Slow : IRun { public void Run() => Work.Do(); public static void Go() => Work.Do(); }
        struct Fast : IRun { public void Run() { } public static void Go() { } }
        class Keeper<T> where T : struct, IRun
        {
            readonly Action<T> _each = static item => item.Run();
            readonly Action _own;
            T _item;
            public Keeper() => _own = Run;
            public void Run() => _item.Run();
            public virtual void Open() => _item.Run();
            public void Each(T item) => _each(item);
            public void Own() => _own();
            public static Action<T> Make() => item => item.Run();
            public Action Bind() => () => _item.Run();
            public Action Group() => Run;
            public Action Deep { get { return Inner(); Action Inner() => () => _item.Run(); } }
            public Func<Action> Twice() => () => () => _item.Run();
            public (Action First, int Second) Pair() => (() => _item.Run(), 1);
            public void Hand(out Action action) => action = () => _item.Run();
            public static implicit operator Action(Keeper<T> keeper) => keeper.Bind();
        }

        sealed class FastKeeper : Keeper<Fast>;
        sealed class SlowKeeper : Keeper<Slow>;
        static class Extensions { public static void Repeat<T>(this T item) where T : IRun { item.Run(); item.Run(); } }

        """;

    private const string Members =
        """
            static void Go<T>() where T : IRun => T.Go();
            static void Start(Action action) => action();
            static void Give<T>(T item, Action<T> action) => action(item);
            static T Same<T>(T value) => value;
            static Action One<T>(T item) where T : IRun => () => item.Run();
            static Action Two<T>(T item) where T : IRun => One(item);
            static Action Local<T>(T item) where T : IRun { return Inner; void Inner() => item.Run(); }
            static Action OfItem<T>(T item) where T : IRun => item.Run;
            static void Within<T>(T item) where T : IRun { Action action = item.Run; action(); }
            static void Boxed<T>(T item) where T : IRun => ((IRun)item).Run();
        """;

    [Theory]
    [InlineData("Action go = Go<#>;", "go()", "")]
    [InlineData("", "Start(Go<#>)", "")]
    [InlineData("", "Give(new #(), Extensions.Repeat)", "")]
    [InlineData("", "Give(new #(), static item => item.Repeat())", "")]
    [InlineData("", "new List<#>().ForEach(Extensions.Repeat)", "")]
    [InlineData("var keeper = new Keeper<#>(); Action run = keeper.Run;", "run()", "")]
    [InlineData("Action open = new #Keeper().Open;", "open()", "")]
    [InlineData("", "One(new #())()", "")]
    [InlineData("", "Two(new #())()", "")]
    [InlineData("", "Local(new #())()", "")]
    [InlineData("", "OfItem(new #())()", "")]
    [InlineData("", "Same<Action>(Two(new #()))()", "")]
    [InlineData("", "Within(new #())", "")]
    [InlineData("", "Boxed(new #())", "")]
    [InlineData("", "new Keeper<#>().Each(default)", "")]
    [InlineData("", "new Keeper<#>().Own()", "")]
    [InlineData("", "Keeper<#>.Make()(default)", "")]
    [InlineData("", "new #Keeper().Bind()()", "")]
    [InlineData("", "new Keeper<#>().Group()()", "")]
    [InlineData("", "new Keeper<#>().Deep()", "")]
    [InlineData("", "new Keeper<#>().Twice()()()", "")]
    [InlineData("", "new Keeper<#>().Pair().First()", "")]
    [InlineData("new Keeper<#>().Hand(out var action);", "action()", "")]
    [InlineData("", "((Action)new Keeper<#>())()", "")]
    [InlineData("Action local = Inner<#>;", "local()", "static void Inner<T>() where T : IRun => T.Go();")]
    [InlineData("unsafe { delegate*<void> pointer = &Go<#>;", "pointer()", "}")]
    public async Task Delegate_WithTypeArguments_RunsThem(string before, string call, string after)
    {
        await LanguageCase.FoundAsync($"{before} {{|MM1001:{call}|}}; {after}".Replace("#", "Slow", StringComparison.Ordinal), Members, Types);
        await LanguageCase.FoundAsync($"{before} {call}; {after}".Replace("#", "Fast", StringComparison.Ordinal), Members, Types);
    }

    [Theory]
    [InlineData("Quick quick = {|MM3002:Go<Slow>|};")]
    [InlineData("Quick quick = Go<Fast>;")]
    [InlineData("Quick quick = {|MM3002:new Keeper<Slow>().Run|};")]
    [InlineData("Quick quick = new Keeper<Fast>().Run;")]
    [InlineData("Quick quick = {|MM3002:Go<T>|};")]
    [InlineData("Quick quick = {|MM3002:() =>|} item.Run();")]
    [InlineData("Quick quick = {|MM3002:() =>|} item.Repeat();")]
    [InlineData("Quick quick = {|MM3002:item.Run|};")]
    public Task Delegate_ForAPlaceThatPromises_IsJudgedWithItsTypeArguments(string statement) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        [Never<Sleep>] delegate void Quick();

        static class Case
        {
            static void Go<T>() where T : IRun => T.Go();
            static void M<T>(T item) where T : class, IRun { {{statement}} }
        }

        """ + Types);

    // Nobody who runs the handler knows the type arguments of the class that has kept it: all that may be meant is judged.
    [Fact]
    public Task Handler_OfAGenericClass_KeptByAnotherClass_DoesWhatAnyImplementationDoes() => LanguageCase.FoundInAsync(
        """
        using System;

        interface IStore<T> { void Save(T item); }
        sealed class Disk<T> : IStore<T> { public void Save(T item) => Work.Do(); }
        sealed class Epoch
        {
            Action? _drain;
            public void Defer(Action action) => _drain = action;
            public void Bump() => _drain?.Invoke();
        }

        sealed class Log<T>(Epoch epoch, IStore<T> store)
        {
            T? _last;
            public void Start() => epoch.Defer(() => store.Save(_last!));
        }

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Epoch _epoch = new();

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:_epoch.Bump()|};
                }
            }
        }
        """);
}
