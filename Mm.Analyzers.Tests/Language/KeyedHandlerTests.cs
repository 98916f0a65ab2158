using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Dictionaries of handlers that start with all they have: the key tells which handler it is.</summary>
public class KeyedHandlerTests
{
    [Theory]
    [InlineData("_table[\"fast\"](); {|MM1001:_table[\"slow\"]()|}; {|MM1001:_table[_name]()|};")]
    [InlineData("if (_table.TryGetValue(\"fast\", out var found)) found(); if (_table.TryGetValue(\"slow\", out found)) {|MM1001:found()|};")]
    [InlineData("_table.GetValueOrDefault(\"fast\")?.Invoke(); _table.GetValueOrDefault(\"slow\")?{|MM1001:.Invoke()|}; _table.GetValueOrDefault(\"none\")?.Invoke();")]
    [InlineData("{|MM1001:_table.GetValueOrDefault(\"fast\", Work.Do)()|};")]
    [InlineData("Run(\"fast\"); {|MM1001:Run(\"slow\")|}; {|MM1001:Run(_name)|};")]
    [InlineData("foreach (var (name, run) in _table) {|MM1001:run()|};")]
    public Task Handler_UnderAName_IsThatOne(string statements) => LanguageCase.FoundAsync(
        statements,
        "string _name = \"\"; readonly Dictionary<string, Action> _table = new() { [\"fast\"] = static () => { }, [\"slow\"] = () => Work.Do() }; void Run(string name) => _table[name]();");

    [Theory]
    [InlineData("static readonly Dictionary<Verb, Action> s_table = new Dictionary<Verb, Action> { { Verb.Read, Rest }, { Verb.Write, Work.Do } };")]
    [InlineData("readonly Dictionary<Verb, Action> s_table; Case() { s_table = new() { [Verb.Read] = Rest, [Verb.Write] = Work.Do }; }")]
    [InlineData("readonly IReadOnlyDictionary<Verb, Action> s_table = new Dictionary<Verb, Action> { [Verb.Read] = Work.Do, [Verb.Write] = Work.Do, [Verb.Read] = Rest };")]
    [InlineData("static readonly System.Collections.Frozen.FrozenDictionary<Verb, Action> s_table = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<Verb, Action>()); static readonly Dictionary<Verb, Action> s_other = new();", "s_table[Verb.Write]();")]
    public Task Handler_UnderAVerb_IsThatOne(string table, string statements = "s_table[Verb.Read](); {|MM1001:s_table[Verb.Write]()|}; if (_verb == Verb.Read) s_table[_verb](); {|MM1001:s_table[_verb]()|};") =>
        LanguageCase.FoundAsync(statements, table + " Verb _verb; static void Rest() { }", "enum Verb { Read, Write }");

    [Theory]
    [InlineData("new() { [\"fast\"] = static () => { }, [\"slow\"] = Work.Do }; void Set() => _table[\"fast\"] = Work.Do")]
    [InlineData("new(StringComparer.OrdinalIgnoreCase) { [\"FAST\"] = Work.Do }")]
    [InlineData("new() { [\"fast\"] = static () => { }, [s_name] = Work.Do }; static string s_name = \"fast\"")]
    [InlineData("new() { [\"fast\"] = static () => { } }; void Set() => _table.Add(\"slow\", Work.Do)")]
    public Task Handler_OfATableThatChanges_MayBeAny(string table) =>
        LanguageCase.FoundAsync("{|MM1001:_table[\"fast\"]()|};", "readonly Dictionary<string, Action> _table = " + table + ";");
}
