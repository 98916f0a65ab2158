using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What an iterator was called with goes along with the sequence that it returns: through methods, branches and operators of one's own.</summary>
public class SequenceTests
{
    private const string Members =
        """
        static IEnumerable<int> Walk(bool wait) { if (wait) Work.Do(); yield return 1; }
        static IEnumerable<int> Run(Action action) { action(); yield return 1; }
        static IEnumerable<int> Pass(bool wait) => Walk(wait);
        static IEnumerable<int> Checked(bool wait, int count) { if (count < 0) throw new ArgumentException(); return Walk(wait); }
        static IEnumerable<int> Deep(bool wait) => Checked(wait, 3).Where(n => n > 1);
        static IEnumerable<int> Slow() => new[] { 1 }.Select(n => { Work.Do(); return n; });
        static IEnumerable<int> Chosen(bool wait) { if (wait) return Walk(true); return Array.Empty<int>(); }
        IEnumerable<int> Property => Walk(true);
        IEnumerable<int> Kept() { foreach (int n in Property) yield return n; }
        static void Rest() { }
        static IEnumerator<int> Steps(bool wait) { yield return 1; if (wait) Work.Do(); }
        static void Advance(IEnumerator<int> steps) { if (steps.MoveNext()) steps.MoveNext(); }
        static bool Show(IEnumerator<int> steps) => steps.Current > 1;
        """;

    private const string Types =
        """
        static class Operators
        {
            public static IEnumerable<T> Keep<T>(this IEnumerable<T> source, Func<T, bool> test)
            {
                if (test == null) throw new ArgumentNullException(nameof(test));
                return KeepCore(source, test);
            }

            private static IEnumerable<T> KeepCore<T>(IEnumerable<T> source, Func<T, bool> test)
            {
                foreach (var item in source) if (test(item)) yield return item;
            }

            public static IEnumerable<T> Started<T>(this IEnumerable<T> source) where T : IStart { foreach (var item in source) { item.Start(); yield return item; } }
            public static IEnumerable<T> Wrapped<T>(this IEnumerable<T> source) where T : IStart => source.Started();
        }

        interface IStart { void Start(); }
        struct Slow : IStart { public void Start() => Work.Do(); }
        struct Quick : IStart { public void Start() { } }
        interface ISource { IEnumerable<int> All(); }
        sealed class First : ISource { public IEnumerable<int> All() { Work.Do(); yield return 1; } }
        sealed class Second : ISource { public IEnumerable<int> All() { yield return 2; } }
        """;

    [Theory]
    [InlineData("foreach (int n in {|MM1001:Walk(true)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Run(Work.Do)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Pass(true)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Checked(true, 3)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Deep(true)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Slow()|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Chosen(true)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Property|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Kept()|}) { }")]
    [InlineData("var later = Pass(true); _ = {|MM1001:later.Count()|};")]
    [InlineData("foreach (int n in {|MM1001:_count > 3 ? Walk(true) : Walk(false)|}) { }")]
    [InlineData("IEnumerable<int> either; if (_count > 3) either = Pass(true); else either = new int[1]; _ = {|MM1001:either.Sum()|};")]
    [InlineData("int[] all = [.. {|MM1001:Pass(true)|}];")]
    [InlineData("foreach (int n in {|MM1001:new[] { 1 }.Keep(n => { Work.Do(); return true; })|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Walk(true).Keep(n => n > 1)|}) { }")]
    [InlineData("foreach (int n in {|MM1001:Walk(true).Keep(n => n > 1).Where(n => n > 2).Keep(n => n > 3)|}) { }")]
    [InlineData("foreach (var n in {|MM1001:new Slow[1].Wrapped()|}) { }")]
    [InlineData("using var steps = Walk(true).GetEnumerator(); while ({|MM1001:steps.MoveNext()|}) _count += steps.Current;")]
    [InlineData("foreach (int n in {|MM1001:_source!.All()|}) { }")]
    [InlineData("var steps = Steps(true); Show(steps); {|MM1001:Advance(steps)|};")]
    public Task Sequence_Enumerated_RunsWhatItWasMadeOf(string statements) => LanguageCase.FoundAsync(statements, Members + "ISource? _source;", Types);

    [Theory]
    [InlineData("foreach (int n in Walk(false)) { }")]
    [InlineData("foreach (int n in Run(Rest)) { }")]
    [InlineData("foreach (int n in Pass(false)) { }")]
    [InlineData("foreach (int n in Checked(count: 3, wait: false)) { }")]
    [InlineData("foreach (int n in Deep(false)) { }")]
    [InlineData("foreach (int n in Chosen(false)) { }")]
    [InlineData("var later = Pass(true);")]
    [InlineData("var later = Slow().Keep(n => n > 1);")]
    [InlineData("foreach (int n in _count > 3 ? Walk(false) : new int[1]) { }")]
    [InlineData("int[] all = [.. Pass(false)];")]
    [InlineData("foreach (int n in Walk(false).Keep(n => n > 1).Where(n => n > 2).Keep(n => n > 3)) { }")]
    [InlineData("foreach (var n in new Quick[1].Wrapped()) { }")]
    [InlineData("foreach (int n in new Second().All()) { }")]
    [InlineData("Advance(Steps(false)); Show(Steps(true));")]
    [InlineData("var steps = Walk(true).GetEnumerator(); _count = steps.Current; steps.Dispose();")]
    public Task Sequence_MadeOfWhatDoesNothing_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Members, Types);

    /// <summary>Sequences around sequences, by a loop and by recursion: what they have grown to is given up, and the analysis ends.</summary>
    [Theory]
    [InlineData("IEnumerable<int> all = Walk(false); for (int i = 0; i < _count; i++) all = all.Keep(n => n > 1); foreach (int n in all) { }")]
    [InlineData("foreach (int n in Around(3)) { }")]
    [InlineData("foreach (int n in Tree(3)) { }")]
    [InlineData("foreach (var n in Lists<int>(3)) { }")]
    public Task Sequence_AroundItself_Ends(string statements) => LanguageCase.SilentAsync(
        statements,
        Members +
        """
        static IEnumerable<int> Around(int depth) => depth == 0 ? Walk(false) : Around(depth - 1).Keep(n => n > 1);
        static IEnumerable<int> Tree(int depth) { if (depth == 0) yield break; foreach (int n in Tree(depth - 1)) yield return n; foreach (int n in Walk(false)) yield return n; }
        static IEnumerable<T> Lists<T>(int depth) { if (depth > 0) Lists<List<T>>(depth - 1); return None<T>(); }
        static IEnumerable<T> None<T>() { yield break; }
        """,
        Types);
}
