using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Containers of handlers in containers: what goes into one of them may come out of any of them.</summary>
public class NestedContainerTests
{
    [Theory]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { if (!_all.TryGetValue(key, out var list)) { list = new List<Action>(); _all.Add(key, list); } list.Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { if (!_all.TryGetValue(key, out var list)) { list = new List<Action>(); _all[key] = list; } list.Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { var list = new List<Action>(); list.Add(HANDLER); _all.Add(key, list); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { _all[key].Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { var list = _all[key]; list.Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) => _all[key] = new List<Action> { HANDLER };")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { if (!_all.TryGetValue(key, out var list)) _all[key] = list = new List<Action>(); list.Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { List<Action> list; _all.Add(key, list = new List<Action>()); list.Add(HANDLER); }")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) => _all.Add(key, new List<Action> { Nothing, HANDLER });")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new() { [1] = new List<Action> { HANDLER } };")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new() { { 1, new List<Action> { HANDLER } } };")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) { var list = new List<Action> { HANDLER }; _all[key] = list; }")]
    [InlineData("readonly Dictionary<int, Action[]> _all = new(); void Add(int key) => _all[key] = new Action[] { HANDLER };")]
    [InlineData("readonly Dictionary<int, Action[]> _all = new(); void Add(int key) => _all.Add(key, new Action[] { Nothing, HANDLER });")]
    [InlineData("readonly Dictionary<int, Action[]> _all = new(); void Add(int key) => _all[key] = [HANDLER];")]
    public async Task Handlers_InAListOfADictionary_AreFollowed(string members)
    {
        await CheckAsync(members, "foreach (var act in _all[1]) {|MM1001:act()|};");
        await CheckAsync(members, "if (_all.TryGetValue(1, out var found)) foreach (var act in found) {|MM1001:act()|};");
        await CheckAsync(members, "foreach (var list in _all.Values) foreach (var act in list) {|MM1001:act()|};");
        await CheckAsync(members, "foreach (var pair in _all) foreach (var act in pair.Value) {|MM1001:act()|};");
        await CheckAsync(members, "foreach (var (key, list) in _all) foreach (var act in list) {|MM1001:act()|};");
        await CheckAsync(members, "foreach (var (_, list) in _all) {|MM1001:list[0]()|};");
        await CheckAsync(members, "{|MM1001:_all[1][0]()|};");
        await CheckAsync(members, "var copy = new List<Action>(_all[1]); foreach (var act in copy) {|MM1001:act()|};");
    }

    [Theory]
    [InlineData("readonly Action[][] _all = { new Action[] { Nothing }, new Action[] { HANDLER } };")]
    [InlineData("readonly List<Action>[] _all = new List<Action>[2]; void Add() => _all[0].Add(HANDLER);")]
    [InlineData("readonly List<Action>[] _all = new List<Action>[2]; void Add() => _all[0] = new List<Action> { HANDLER };")]
    [InlineData("readonly List<Action>[] _all = new List<Action>[2]; void Add() { var list = new List<Action>(); list.Add(HANDLER); _all[0] = list; }")]
    [InlineData("readonly List<List<Action>> _all = new(); void Add() => _all.Add(new List<Action> { HANDLER });")]
    public async Task Handlers_InArraysOfContainers_AreFollowed(string members)
    {
        await CheckAsync(members, "{|MM1001:_all[0][1]()|};");
        await CheckAsync(members, "foreach (var list in _all) foreach (var act in list) {|MM1001:act()|};");
    }

    [Theory]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) => _all[key].Add(HANDLER); public List<Action> Leak(int key) => _all[key];")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) => _all[key].Add(HANDLER); void Leak(int key) => Others.Fill(_all[key]);")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key, List<Action> list) => _all[key] = list; void More(int key) => _all[key].Add(HANDLER);")]
    [InlineData("readonly Dictionary<int, List<Action>> _all = new(); void Add(int key) => _all[key] = new List<Action>(Others.Make()); void More(int key) => _all[key].Add(HANDLER);")]
    public Task Handlers_WhereOthersGetHoldOfAList_AreUnknown(string members) =>
        LanguageCase.ReportedInAsync(Source(members.Replace("HANDLER", "Wait"), "foreach (var act in _all[1]) act();"));

    [Theory]
    [InlineData("readonly Func<Action> _make = () => HANDLER;")]
    [InlineData("readonly Func<Action> _make; Case() { _make = Get; } static Action Get() => HANDLER;")]
    public Task Delegate_ThatADelegateGives_IsFollowed(string members) => CheckAsync(members, "{|MM1001:_make()()|}; var made = _make(); {|MM1001:made()|};");

    [Fact]
    public Task Delegate_InATupleThatIsCreated_IsFollowed() =>
        CheckAsync("readonly List<ValueTuple<int, Action>> _all = new(); void Add() => _all.Add(new ValueTuple<int, Action>(1, HANDLER));", "foreach (var row in _all) {|MM1001:row.Item2()|};");

    private static async Task CheckAsync(string members, string statements)
    {
        await LanguageCase.ReportedInAsync(Source(members.Replace("HANDLER", "Wait"), statements));
        string silent = statements.Replace("{|MM1001:", "").Replace("|}", "");
        await LanguageCase.ReportedInAsync(Source(members.Replace("HANDLER", "Nothing"), silent));
    }

    private static string Source(string members, string statements) =>
        $$"""
        using System;
        using System.Collections.Generic;

        public class Case
        {
            readonly TicketLock _lock = new();
            static void Nothing() { }
            static void Wait() => Scheduler.Schedule();
            {{members}}

            public void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }

        public static class Others { public static void Fill(List<Action> list) { } public static List<Action> Make() => null; }
        """;
}
