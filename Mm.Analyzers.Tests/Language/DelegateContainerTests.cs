using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates that are kept in collections: who goes in, and by which way they come out.</summary>
public class DelegateContainerTests
{
    private const string Register = "void Register(Action hook) => _hooks.Add(hook); void Set() => Register(Work.Do);";
    private const string Quiet = "void Register(Action hook) => _hooks.Add(hook); void Set() => Register(static () => { });";

    [Theory]
    [InlineData("foreach (var hook in _hooks) {|MM1001:hook()|};", Register)]
    [InlineData("foreach (var hook in _hooks) hook();", Quiet)]
    [InlineData("for (int i = 0; i < _hooks.Count; i++) {|MM1001:_hooks[i]()|};", Register)]
    [InlineData("for (int i = 0; i < _hooks.Count; i++) _hooks[i]();", Quiet)]
    [InlineData("foreach (var hook in _hooks) hook();", Register + " void More(List<Action> more) => _hooks.AddRange(more);")]
    [InlineData("foreach (var hook in _hooks) hook();", Register + " List<Action> All => _hooks;")]
    [InlineData("foreach (var hook in _hooks) hook();", Register + " void Give() => Fill(_hooks); static void Fill(List<Action> hooks) { }")]
    public Task Handlers_InAList_AreWhatIsAdded(string statements, string members) =>
        JudgeAsync(statements, "readonly List<Action> _hooks = new(); " + members);

    [Theory]
    [InlineData("{|MM1001:_table[_count]()|};", "_table[1] = Work.Do;")]
    [InlineData("_table[_count]();", "_table[1] = () => { };")]
    [InlineData("if (_table.TryGetValue(_count, out var found)) {|MM1001:found()|};", "_table.Add(1, Work.Do);")]
    [InlineData("if (_table.TryGetValue(_count, out var found)) found();", "_table.Add(1, () => { });")]
    [InlineData("foreach (var found in _table.Values) {|MM1001:found()|};", "_table.Add(1, Work.Do);")]
    [InlineData("foreach (var pair in _table) {|MM1001:pair.Value()|};", "_table.Add(1, Work.Do);")]
    [InlineData("foreach (var pair in _table) pair.Value();", "_table.Add(1, () => { });")]
    public Task Handlers_InADictionary_AreItsValues(string statements, string filling) =>
        JudgeAsync(statements, "readonly Dictionary<int, Action> _table = new(); void Set() { " + filling + " }");

    [Theory]
    [InlineData("{|MM1001:_table[_count]()|};", "new() { [1] = Rest, [2] = Work.Do }")]
    [InlineData("_table[_count]();", "new() { [1] = Rest }")]
    [InlineData("if (_table.TryGetValue(_count, out var found)) {|MM1001:found()|};", "new Dictionary<int, Action> { { 1, Rest }, { 2, Work.Do } }")]
    [InlineData("if (_table.TryGetValue(_count, out var found)) found();", "new Dictionary<int, Action> { { 1, Rest } }")]
    public Task Handlers_ThatAConstructorFillsIn_AreFollowed(string statements, string table) =>
        JudgeAsync(statements, "readonly Dictionary<int, Action> _table; void Rest() => _count++; Case() { _table = " + table + "; }");

    [Theory]
    [InlineData("_made[1]();", "readonly ConcurrentDictionary<int, Action> _made = new(); void Set() { _made.TryAdd(1, Work.Do); _made.GetOrAdd(1, _ => Work.Do); }")]
    [InlineData("while (_queue.TryDequeue(out var next)) {|MM1001:next()|};", "readonly ConcurrentQueue<Action> _queue = new(); void Set() => _queue.Enqueue(Work.Do);")]
    [InlineData("while (_queue.TryDequeue(out var next)) next();", "readonly ConcurrentQueue<Action> _queue = new(); void Set() => _queue.Enqueue(() => { });")]
    [InlineData("{|MM1001:_stack.Pop()()|};", "readonly Stack<Action> _stack = new(); void Set() => _stack.Push(Work.Do);")]
    [InlineData("{|MM1001:s_fixed[0]()|};", "static readonly List<Action> s_fixed = new() { Work.Do };")]
    [InlineData("{|MM1001:s_fixed[0]()|};", "static readonly List<Action> s_fixed = [Work.Do];")]
    [InlineData("{|MM1001:s_fixed[0]()|};", "static readonly Action[] s_others = { Work.Do }; static readonly List<Action> s_fixed = [.. s_others];")]
    public Task Handlers_InOtherCollections_AreTakenOut(string statements, string members) => JudgeAsync(statements, members);

    [Theory]
    [InlineData("foreach (var hook in s_hooks) {|MM1001:hook()|};", "static readonly Action[] s_hooks = { Work.Do };")]
    [InlineData("foreach (var hook in s_hooks) hook();", "static readonly Action[] s_hooks = { () => { } };")]
    [InlineData("Action[] hooks = { Work.Do }; foreach (var hook in hooks) {|MM1001:hook()|};", "")]
    [InlineData("Action[] hooks = { () => { } }; hooks[_count]();", "")]
    [InlineData("var hooks = new List<Action>(); hooks.Add(Work.Do); {|MM1001:hooks[0]()|};", "")]
    [InlineData("var hooks = new List<Action>(); hooks.Add(() => { }); hooks[0]();", "")]
    [InlineData("foreach (Action hook in Raised!.GetInvocationList()) {|MM1001:hook()|};", "event Action? Raised; void Set() => Raised += Work.Do;")]
    [InlineData("foreach (Action hook in Raised!.GetInvocationList()) hook();", "event Action? Raised; void Set() => Raised += () => { };")]
    [InlineData("foreach (Action hook in Raised?.GetInvocationList() ?? Array.Empty<Delegate>()) {|MM1001:hook()|};", "event Action? Raised; void Set() => Raised += Work.Do;")]
    [InlineData("foreach (Action hook in Raised?.GetInvocationList() ?? Array.Empty<Delegate>()) hook();", "event Action? Raised; void Set() => Raised += () => { };")]
    [InlineData("foreach (var hook in Raised!.GetInvocationList().Cast<Action>()) {|MM1001:hook()|};", "event Action? Raised; void Set() => Raised += Work.Do;")]
    [InlineData("foreach (Delegate hook in Raised!.GetInvocationList()) if (hook is Action one) {|MM1001:one()|};", "event Action? Raised; void Set() => Raised += Work.Do;")]
    [InlineData("var list = Raised?.GetInvocationList(); if (list == null) return; for (int i = 0; i < list.Length; i++) {|MM1001:((Action)list[i])()|};", "event Action? Raised; void Set() => Raised += Work.Do;")]
    [InlineData("var list = (Raised!.GetInvocationList()); foreach (Action hook in list) hook(); ((Action)list[0])();", "event Action? Raised; void Set() => Raised += () => { };")]
    public Task Handlers_OfALoopOrALocal_AreFollowed(string statements, string members) => JudgeAsync(statements, members);

    [Theory]
    [InlineData("_ = {|MM1001:(from x in _numbers where Slow(x) select x).Count()|};")]
    [InlineData("var later = from x in _numbers where Slow(x) select x; foreach (var x in {|MM1001:later|}) { }")]
    [InlineData("var later = from x in _numbers where Slow(x) select x; _ = later;")]
    [InlineData("_ = (from x in _numbers where x > 1 select x).Count();")]
    public Task Query_InItsOwnSyntax_RunsWhereItIsEnumerated(string statements) =>
        JudgeAsync(statements, "readonly List<int> _numbers = new(); static bool Slow(int x) { Work.Do(); return x > 0; }");

    [Theory]
    [InlineData("static void Run(params Action[] all) { foreach (var one in all) one(); }", "Run(Rest, Rest);", "{|MM1001:Run(Rest, Work.Do)|};")]
    [InlineData("static void Run(params Action[] all) { foreach (var one in all) one(); }", "Run(() => { });", "{|MM1001:Run(() => Work.Do())|};")]
    [InlineData("static void Run(Action[] all) => all[0]();", "Run(new Action[] { Rest });", "{|MM1001:Run(new Action[] { Rest, Work.Do })|};")]
    [InlineData("static void Run(Action[] all) { for (int i = 0; i < all.Length; i++) all[i](); }", "Run([Rest]);", "{|MM1001:Run([Work.Do])|};")]
    [InlineData("static void Run(List<Action> all) { all[0](); }", "Run([Rest]);", "{|MM1001:Run([Work.Do])|};")]
    [InlineData("static void Run(ReadOnlySpan<Action> all) { foreach (var one in all) one(); }", "Run([Rest]);", "{|MM1001:Run([Rest, Work.Do])|};")]
    [InlineData("static void Run(ReadOnlySpan<Action> all) { all[0](); }", "Run([Rest]);", "{|MM1001:Run([Rest, Work.Do])|};")]
    [InlineData("static void Run(params Action[] all) => Other(all); static void Other(Action[] all) => all[0]();", "Run(Rest);", "{|MM1001:Run(Work.Do)|};")]
    [InlineData("static void Run(params Action[] all) { Action later = () => all[0](); later(); }", "Run(Rest);", "{|MM1001:Run(Work.Do)|};")]
    [InlineData("static void Run(Action action) => Other(action, Rest); static void Other(params Action[] all) => all[0]();", "Run(Rest);", "{|MM1001:Run(Work.Do)|};")]
    public Task Handlers_WrittenOutAsAnArgument_AreInvokedByTheCallee(string members, string quiet, string slow) =>
        LanguageCase.FoundAsync(quiet + " " + slow, members + " static void Rest() { }");

    [Theory]
    [InlineData("Action[] all = { Work.Do }; Run(all);", "static void Run(Action[] all) { }")]
    [InlineData("Run(Work.Do);", "static void Run(params Action[] all) => Interlocked(all.Length); static void Interlocked(int count) { }")]
    [InlineData("Run([.. _others]);", "readonly Action[] _others = { () => { } }; static void Run(Action[] all) => all[0]();")]
    public Task Handlers_ThatAreNotInvokedOrNotSeen_AreSilent(string statements, string members) => LanguageCase.SilentAsync(statements, members);

    [Theory]
    [InlineData("ReadOnlySpan<Action> all = [Work.Do]; foreach (var one in all) {|MM1001:one()|};")]
    [InlineData("ReadOnlySpan<Action> all = [Work.Do]; {|MM1001:all[0]()|};")]
    [InlineData("ReadOnlySpan<Action> all = [() => { }]; foreach (var one in all) one();")]
    [InlineData("Action[] owned = { Work.Do }; var all = new Span<Action>(owned); all[0]();")]
    public Task Handlers_InASpan_AreWhatItIsMadeOf(string statements) => JudgeAsync(statements, "");

    [Theory]
    [InlineData("foreach (var (name, hook) in _hooks) {|MM1001:hook()|};", "_hooks.Add((\"a\", Work.Do));")]
    [InlineData("foreach (var (name, hook) in _hooks) hook();", "_hooks.Add((\"a\", () => { }));")]
    [InlineData("foreach (var entry in _hooks) {|MM1001:entry.Hook()|};", "_hooks.Add((\"a\", Work.Do));")]
    [InlineData("{|MM1001:_hooks[0].Hook()|};", "_hooks[0] = (\"a\", Work.Do);")]
    [InlineData("_hooks[0].Hook();", "_hooks[0] = (\"a\", static () => { });")]
    [InlineData("_hooks[0].Hook();", "_hooks.Add(Other()); } (string, Action) Other() { return (\"a\", Work.Do);")]
    public Task Handlers_InTuplesOfAList_AreWhatIsAdded(string statements, string filling) =>
        JudgeAsync(statements, "readonly List<(string Name, Action Hook)> _hooks = new(); void Set() { " + filling + " }");

    [Theory]
    [InlineData("if (_table.TryGetValue(1, out var found)) {|MM1001:found.Item2()|};", "readonly Dictionary<int, (int, Action)> _table = new() { [1] = (3, Work.Do) };")]
    [InlineData("while (_queue.TryDequeue(out var next)) {|MM1001:next.Item2()|};", "readonly Queue<(int, Action)> _queue = new(); void Put(Action a) => _queue.Enqueue((1, a)); void Set() => Put(Work.Do);")]
    [InlineData("while (_queue.TryDequeue(out var next)) next.Item2();", "readonly Queue<(int, Action)> _queue = new(); void Put(Action a) => _queue.Enqueue((1, a)); void Set() => Put(static () => { });")]
    [InlineData("{|MM1001:_slots[_count].Item2()|};", "readonly (int, Action)[] _slots = new (int, Action)[4]; void Set() { _slots[0] = (1, static () => { }); _slots[1].Item2 = Work.Do; }")]
    [InlineData("_slots[_count].Item2();", "readonly (int, Action)[] _slots = new (int, Action)[4]; void Set() { _slots[0] = (1, static () => { }); _slots[1].Item2 = static () => { }; }")]
    [InlineData("{|MM1001:Each((1, () => { }), (2, Work.Do))|};", "static void Each(params (int, Action)[] all) { foreach (var (_, one) in all) one(); }")]
    [InlineData("Each((1, () => { }), (2, () => { }));", "static void Each(params (int, Action)[] all) { foreach (var (_, one) in all) one(); }")]
    public Task Handlers_InTuplesOfOtherCollections_AreTakenOut(string statements, string members) => JudgeAsync(statements, members);

    [Theory]
    [InlineData("s_table[0].Run(); {|MM1001:s_table[1].Run()|}; {|MM1001:s_table[_count].Run()|};")]
    [InlineData("Run(0); {|MM1001:Run(1)|};")]
    [InlineData("foreach (var (name, run) in s_table) {|MM1001:run()|};")]
    public Task Handlers_InATableOfTuples_AreToldByTheirIndex(string statements) => JudgeAsync(
        statements,
        "static readonly (string Name, Action Run)[] s_table = { (\"a\", static () => { }), (\"b\", Work.Do) }; static void Run(int i) => s_table[i].Run();");

    private static Task JudgeAsync(string statements, string members)
    {
        members = members.Replace("Concurrent", "System.Collections.Concurrent.Concurrent", StringComparison.Ordinal);
        return statements.Contains("{|", StringComparison.Ordinal)
            ? LanguageCase.FoundAsync(statements, members)
            : LanguageCase.SilentAsync(statements, members);
    }

    [Theory]
    [InlineData("foreach (var hook in new Action[] { Rest, Work.Do }) {|MM1001:hook()|};")]
    [InlineData("foreach (var (name, hook) in new (string, Action)[] { (\"rest\", Rest), (\"do\", Work.Do) }) {|MM1001:hook()|};")]
    [InlineData("{|MM1001:(new Action[] { Work.Do })[0]()|};")]
    [InlineData("foreach (var hook in new Action[] { Rest, Rest }) hook();")]
    [InlineData("foreach (var hook in new Action[] { Rest, Work.Do }) _ = hook;")]
    public Task Loop_OverWhatStandsInItsHead_RunsTheElements(string statements) => JudgeAsync(statements, "static void Rest() { }");
}
