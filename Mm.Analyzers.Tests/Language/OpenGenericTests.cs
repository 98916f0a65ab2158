using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Type arguments reach what an un-annotated generic has inside: local functions, lambdas, nested types, iterators.</summary>
public class OpenGenericTests
{
    private const string Types =
        """
        interface IWork { static abstract void Go(); void Run(); }
        struct Slow : IWork { public static void Go() => Work.Do(); public void Run() => Work.Do(); }
        struct Fast : IWork { public static void Go() { } public void Run() { } }
        """;

    [Theory]
    [InlineData("{ Inner(); void Inner() => W.Go(); }")]
    [InlineData("{ Inner(); static void Inner() => W.Go(); }")]
    [InlineData("{ Inner<W>(); static void Inner<V>() where V : IWork => V.Go(); }")]
    [InlineData("{ Outer(); void Outer() { Inner(); void Inner() => W.Go(); } }")]
    [InlineData("{ Action go = () => W.Go(); go(); }")]
    [InlineData("{ Start(() => W.Go()); }")]
    [InlineData("{ Start(Inner); static void Inner() => W.Go(); }")]
    public Task TypeArgument_OfAMethod_ReachesItsFunctions(string body) => LanguageCase.FoundAsync(
        "Run<Fast>(); {|MM1001:Run<Slow>()|};",
        "static void Start(Action action) => action(); static void Run<W>() where W : IWork " + body,
        Types);

    [Fact]
    public Task TypeArgument_ThatIsNotTheOneOfTheCallee_StaysOpen() => LanguageCase.FoundAsync(
        "Run<Fast, Slow>(); {|MM1001:Run<Slow, Fast>()|};",
        "static void Start<W>(Action action) where W : IWork => action(); static void Run<W, V>() where W : IWork where V : IWork { Start<V>(() => W.Go()); }",
        Types);

    // What .NET declares of every object is known, whatever classes of this compilation override it.
    [Theory]
    [InlineData("Show(Colour.Red);")]
    [InlineData("Show(3); Show(\"text\"); Show(new[] { 1 });")]
    [InlineData("Show<Action>(Quiet);")]
    [InlineData("Show(new Fast());")]
    [InlineData("{|MM1001:Show(new Loud())|};")]
    public Task TypeArgument_AskedForWhatEveryObjectHas_IsAskedForItsOwn(string statements) => LanguageCase.FoundAsync(
        statements,
        "static string Show<T>(T value) => value.ToString(); static void Quiet() { }",
        Types + "enum Colour { Red } sealed class Loud { public override string ToString() { Work.Do(); return \"\"; } } sealed class Silent { public override string ToString() => \"\"; }");

    private const string Store =
        """
        class Store<T> where T : IWork, new()
        {
            readonly T _work = new();
            public void Get() => _work.Run();
            public IEnumerable<int> Items() { Get(); yield return 1; }
            public Walk GetEnumerator() => new() { Owner = this };
            public class Page { public void Fill(Store<T> store) => store.Get(); public void Own(T work) => work.Run(); public static void Go() => T.Go(); }
            public struct Walk { public Store<T> Owner; int _at; public bool MoveNext() { Owner.Get(); return ++_at < 3; } public readonly int Current => _at; }
            public class Derived : Store<T> { public void Again() => _work.Run(); }
        }

        static class Sequences { public static IEnumerable<int> Of<T>(T work) where T : IWork { work.Run(); yield return 1; } }

        """;

    [Theory]
    [InlineData("new Store<Fast>.Page().Fill(new());", "{|MM1001:new Store<Slow>.Page().Fill(new())|};")]
    [InlineData("new Store<Fast>.Page().Own(default);", "{|MM1001:new Store<Slow>.Page().Own(default)|};")]
    [InlineData("Store<Fast>.Page.Go();", "{|MM1001:Store<Slow>.Page.Go()|};")]
    [InlineData("new Store<Fast>.Derived().Again();", "{|MM1001:new Store<Slow>.Derived().Again()|};")]
    [InlineData("foreach (int item in new Store<Fast>()) { }", "foreach (int item in {|MM1001:new Store<Slow>()|}) { }")]
    [InlineData("foreach (int item in new Store<Fast>().Items()) { }", "foreach (int item in {|MM1001:new Store<Slow>().Items()|}) { }")]
    [InlineData("foreach (int item in Sequences.Of(new Fast())) { }", "foreach (int item in {|MM1001:Sequences.Of(new Slow())|}) { }")]
    [InlineData("var items = Sequences.Of(new Fast()); items.ToList();", "var others = Sequences.Of(new Slow()); {|MM1001:others.ToList()|};")]
    public Task TypeArgument_OfAType_ReachesWhatIsNestedInIt(string fast, string slow) => LanguageCase.FoundAsync(fast + " " + slow, types: Store + Types);

    [Theory]
    [InlineData("IKeep<Fast> keep", "keep.Keep(default);")]
    [InlineData("IKeep<Slow> keep", "{|MM1001:keep.Keep(default)|};")]
    [InlineData("IKeep<Slow> keep", "keep.Any(new Fast());")]
    [InlineData("IKeep<Fast> keep", "{|MM1001:keep.Any(new Slow())|};")]
    [InlineData("Base<Fast> keep", "keep.Go(default);")]
    [InlineData("Base<Slow> keep", "{|MM1001:keep.Go(default)|};")]
    [InlineData("Outer<int> keep", "keep.Go();")]
    [InlineData("Outer<long> keep", "{|MM1001:keep.Go()|};")]
    public Task TypeArgument_OfAnAncestor_IsThatOfWhatRuns(string parameter, string statement) => LanguageCase.FoundInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();

            void M({{parameter}})
            {
                using (_lock.Hold())
                {
                    {{statement}}
                }
            }
        }

        interface IKeep<T> { void Keep(T value); void Any<W>(W value) where W : IWork; }
        class Kept<TKey, T> : IKeep<T> where T : IWork { public void Keep(T value) => value.Run(); public void Any<W>(W value) where W : IWork => value.Run(); }
        abstract class Base<T> { public abstract void Go(T value); }
        class Derived<TKey, T> : Base<T> where T : IWork { public override void Go(T value) => value.Run(); }
        class Outer<T> { public interface IStep { void Step(); } IStep _step = null!; public void Go() => _step.Step(); }
        class Still : Outer<int>.IStep { public void Step() { } }
        class Moving : Outer<long>.IStep { public void Step() => Work.Do(); }

        """ + Types);

    [Theory]
    [InlineData("Wrapped<Wrapped<Fast>> work", "work.Run();")]
    [InlineData("Wrapped<Wrapped<Slow>> work", "{|MM1001:work.Run()|};")]
    [InlineData("Wrapped<Wrapped<Wrapped<Fast>>> work", "work.Run();")]
    [InlineData("Both<Fast, Wrapped<Fast>> work", "work.Run();")]
    [InlineData("Both<Fast, Wrapped<Slow>> work", "{|MM1001:work.Run()|};")]
    public Task TypeArgument_WithATypeArgumentOfItsOwn_IsTakenApart(string parameter, string statement) => LanguageCase.FoundInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();

            void M({{parameter}})
            {
                using (_lock.Hold())
                {
                    {{statement}}
                }
            }
        }

        interface IRun { void Run(); }
        struct Slow : IRun { public void Run() => Work.Do(); }
        struct Fast : IRun { public void Run() { } }
        class Wrapped<T>(T inner) : IRun where T : IRun { public void Run() => inner.Run(); }
        class Both<T, V>(T first, V second) where T : IRun where V : IRun { public void Run() { first.Run(); second.Run(); } }
        """);
}
