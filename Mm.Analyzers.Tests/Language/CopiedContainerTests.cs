using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Copies of arrays and collections of delegates, and other names for one: their elements are the same.</summary>
public class CopiedContainerTests
{
    [Theory]
    [InlineData("foreach (var hook in _hooks.ToArray()) {|MM1001:hook()|};")]
    [InlineData("foreach (var hook in _hooks.Where(hook => hook != null).ToList()) {|MM1001:hook()|};")]
    [InlineData("var copy = _hooks.ToArray(); foreach (var hook in copy) {|MM1001:hook()|};")]
    [InlineData("var copy = new List<Action>(_hooks); {|MM1001:copy[_count]()|};")]
    [InlineData("Action[] copy = [.. _hooks]; {|MM1001:copy[_count]()|};")]
    [InlineData("var same = _hooks; for (int i = 0; i < same.Count; i++) {|MM1001:same[i]()|};")]
    [InlineData("{|MM1001:_hooks[^1]()|};")]
    [InlineData("{|MM1001:_hooks.First()()|};")]
    [InlineData("{|MM1001:_hooks.ForEach(hook => hook())|};")]
    [InlineData("if ({|MM1001:_hooks.Exists(hook => { hook(); return true; })|}) _count++;")]
    [InlineData("var copy = _hooks.ToArray(); {|MM1001:Array.ForEach(copy, static hook => hook())|};")]
    public Task Handlers_OfACopy_AreThoseOfTheList(string statements) =>
        LanguageCase.FoundAsync(statements, "readonly List<Action> _hooks = new(); void Set() => _hooks.Add(Work.Do);");

    [Theory]
    [InlineData("Action[] _hooks = Array.Empty<Action>(); void Set() => _hooks = _hooks.Append(Work.Do).ToArray();")]
    [InlineData("List<Action> _hooks = new(); void Set() => _hooks = new List<Action>(_hooks) { Work.Do };")]
    [InlineData("System.Collections.Immutable.ImmutableArray<Action> _hooks = System.Collections.Immutable.ImmutableArray<Action>.Empty; void Set() => _hooks = _hooks.Add(Work.Do);")]
    [InlineData("Action[] _hooks = Array.Empty<Action>(); void Set() { var old = _hooks; var now = new Action[old.Length + 1]; Array.Copy(old, now, old.Length); now[old.Length] = Work.Do; _hooks = now; }")]
    [InlineData("readonly Action[] _hooks = new Action[4]; void Set() => _hooks[^1] = Work.Do;")]
    [InlineData("readonly List<Action> _hooks = new(); void Set() { var same = _hooks; same.Add(Work.Do); }")]
    [InlineData("readonly List<Action> _hooks = new(); void Set() { var more = new List<Action> { Work.Do }; _hooks.AddRange(more); }")]
    [InlineData("readonly List<Action> _hooks = new(); void Set() => _hooks.AddRange(new Action[] { Work.Do });")]
    [InlineData("List<Action> _hooks = new(), _next = new(); void Set() => _next.Add(Work.Do); void Swap() { var old = _hooks; _hooks = _next; _next = old; }")]
    public Task Handlers_ThatGoInByACopyOrAnotherName_AreSeen(string members) =>
        LanguageCase.FoundAsync("foreach (var hook in _hooks) {|MM1001:hook()|};", members);

    [Theory]
    [InlineData("var found = _table.GetValueOrDefault(_count); found?{|MM1001:.Invoke()|};")]
    [InlineData("foreach (var found in _table.Values.ToArray()) {|MM1001:found()|};")]
    [InlineData("foreach (var (key, found) in _table) {|MM1001:found()|};")]
    [InlineData("var old = _table; if (old.TryGetValue(_count, out var found)) {|MM1001:found()|};")]
    public Task Handlers_OfADictionary_AreItsValuesWhoeverTakesThemOut(string statements) =>
        LanguageCase.FoundAsync(statements, "readonly Dictionary<int, Action> _table = new(); void Set() => _table[1] = Work.Do;");

    [Fact]
    public Task Handlers_OfAFieldThatIsExchanged_AreThoseOfTheOther() => LanguageCase.FoundAsync(
        "var old = _now; _now = _next; _next = old; foreach (var hook in _now) {|MM1001:hook()|};",
        "List<Action> _now = new(), _next = new(); void Set() => _next.Add(Work.Do);");

    [Theory]
    [InlineData("var copy = _hooks.ToArray(); _count = copy.Length;", "void Set() => _hooks.Add(Work.Do);")]
    [InlineData("_hooks.ForEach(hook => _count++);", "void Set() => _hooks.Add(Work.Do);")]
    [InlineData("foreach (var hook in _hooks) hook();", "void Set() { var same = _hooks; Give(same); } static void Give(List<Action> hooks) => hooks.Add(Work.Do);")]
    [InlineData("foreach (var hook in _hooks.ToArray()) hook();", "void Set() => _hooks.Add(static () => { });")]
    public Task Handlers_ThatAreNotInvokedOrNotSeen_AreSilent(string statements, string members) =>
        LanguageCase.SilentAsync(statements, "readonly List<Action> _hooks = new(); " + members);
}
