using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Tuples that are classes, pairs, anonymous objects, and what deconstructs: the delegate that comes out is what went in.</summary>
public class BundleTests
{
    private const string Members =
        """
        static void Quiet() { }
        readonly Tuple<int, Action> _loud = Tuple.Create(1, (Action)Work.Do);
        readonly Tuple<int, Action> _quiet = Tuple.Create(1, (Action)Quiet);
        readonly (int N, Action Run) _pair = (1, Work.Do);
        readonly (int N, Action Run) _other = (1, Quiet);
        static void Run(Tuple<int, Action> tuple) => tuple.Item2();
        """;

    private const string Types =
        """
        public record Job(int Number, Action Run);
        public record struct Note(int Number, Action Run);
        public class Own
        {
            readonly Action _run;
            public Own(Action run) => _run = run;
            public void Deconstruct(out int number, out Action run) { number = 1; run = _run; }
        }

        public static class Taking
        {
            public static void Deconstruct(this Action[] pair, out Action first, out Action second) { first = Work.Do; second = () => { }; }
        }
        """;

    [Theory]
    [InlineData("var pair = Tuple.Create(1, (Action)HANDLER); pair.Item2();")]
    [InlineData("var pair = new Tuple<int, Action>(1, HANDLER); pair.Item2();")]
    [InlineData("var pair = new Tuple<int, Action>(item2: HANDLER, item1: 1); pair.Item2();")]
    [InlineData("var (n, run) = new Tuple<int, Action>(1, HANDLER); run();")]
    [InlineData("var pair = new KeyValuePair<int, Action>(1, HANDLER); pair.Value();")]
    [InlineData("var (key, run) = KeyValuePair.Create(1, (Action)HANDLER); run();")]
    [InlineData("var made = new { Run = (Action)HANDLER, Number = 1 }; made.Run();")]
    [InlineData("Action run = HANDLER; var made = new { run, Number = 1 }; var copy = made with { Number = 2 }; copy.run();")]
    [InlineData("var (n, run) = new Job(1, HANDLER); run();")]
    [InlineData("var job = new Job(1, HANDLER); var (n, run) = job; run();")]
    [InlineData("var (n, run) = new Note(1, HANDLER); run();")]
    [InlineData("var (n, run) = new Own(HANDLER); run();")]
    [InlineData("if (new Job(1, HANDLER) is (1, var run)) run();")]
    [InlineData("if (Tuple.Create(1, (Action)HANDLER) is { Item2: var run }) run();")]
    [InlineData("var pair = Tuple.Create(Tuple.Create((Action)HANDLER, 2), 1); pair.Item1.Item1();")]
    [InlineData("var list = new List<Tuple<int, Action>>(); list.Add(Tuple.Create(1, (Action)HANDLER)); foreach (var (n, run) in list) run();")]
    [InlineData("var list = new List<KeyValuePair<int, Action>>(); list.Add(new KeyValuePair<int, Action>(1, HANDLER)); foreach (var pair in list) pair.Value();")]
    [InlineData("var list = new List<KeyValuePair<int, Action>> { new(1, HANDLER) }; foreach (var (key, run) in list) run();")]
    public async Task Delegate_InABundle_IsWhatWentIn(string statements)
    {
        int last = statements.TrimEnd(';').LastIndexOf(' ');
        string marked = statements.Insert(last + 1, "{|MM1001:").TrimEnd(';') + "|};";
        await LanguageCase.FoundAsync(marked.Replace("HANDLER", "Work.Do"), Members, Types);
        await LanguageCase.SilentAsync(statements.Replace("HANDLER", "Quiet"), Members, Types);
    }

    [Fact]
    public Task Delegate_InAKeptBundle_IsWhatItWasMadeWith() =>
        LanguageCase.FoundAsync("{|MM1001:_loud.Item2()|}; _quiet.Item2(); {|MM1001:_pair.Run()|}; _other.Run();", Members);

    [Fact]
    public Task Delegate_InABundleThatIsPassed_IsJudgedWithIt() =>
        LanguageCase.FoundAsync("{|MM1001:Run(Tuple.Create(1, (Action)Work.Do))|}; Run(Tuple.Create(1, (Action)Quiet));", Members);

    [Fact]
    public Task Delegate_OutOfADeconstructThatIsWritten_IsWhatItGives() =>
        LanguageCase.FoundAsync("var (first, second) = new Action[0]; {|MM1001:first()|}; second();", Members, Types);

    [Fact]
    public Task Bundle_ThatWasJustMade_IsNotNull() => LanguageCase.SilentAsync("var pair = Tuple.Create(1, 2); if (pair == null) Work.Do();", Members);
}
