using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>Whether .NET calls a delegate before it returns, keeps it, or runs it elsewhere.</summary>
public class DelegateFateTests
{
    private const string Work =
        """
            static int Slow(int value) { System.Threading.Thread.Sleep(1); return value; }

            static bool IsSlow(int value) { System.Threading.Thread.Sleep(1); return value > 0; }

            static void Run() => System.Threading.Thread.Sleep(1);

            event Action? Saved;

        """;

    [Theory]
    [InlineData("_map.GetOrAdd(1, key => Slow(key))")]
    [InlineData("_map.AddOrUpdate(1, 2, (key, old) => Slow(old))")]
    [InlineData("_list.ForEach(item => Slow(item))")]
    [InlineData("_list.Sort((a, b) => Slow(a) - b)")]
    [InlineData("_list.RemoveAll(item => IsSlow(item))")]
    [InlineData("_list.Find(item => IsSlow(item))")]
    [InlineData("Array.ForEach(_items, item => Slow(item))")]
    [InlineData("_list.Any(item => IsSlow(item))")]
    [InlineData("_list.ToDictionary(item => Slow(item))")]
    [InlineData("string.Create(3, 1, (span, state) => Slow(state))")]
    [InlineData("System.Threading.LazyInitializer.EnsureInitialized(ref _text, () => { Run(); return \"\"; })")]
    public Task Delegate_CalledInPlace_UnderASpinLock_IsReported(string call) => CheckAsync("{|MM1001:" + call + "|};");

    [Theory]
    [InlineData("System.Threading.Tasks.Task.Run(() => Run())")]
    [InlineData("System.Threading.Tasks.Task.Factory.StartNew(() => Run())")]
    [InlineData("System.Threading.ThreadPool.QueueUserWorkItem(_ => Run())")]
    [InlineData("_ = new System.Threading.Timer(_ => Run(), null, 0, 1)")]
    [InlineData("_ = new System.Threading.Thread(() => Run())")]
    [InlineData("_ = new Lazy<int>(() => Slow(1))")]
    [InlineData("_task.ContinueWith(_ => Run())")]
    [InlineData("_token.Register(() => Run())")]
    [InlineData("System.Threading.SynchronizationContext.Current!.Post(_ => Run(), null)")]
    [InlineData("_ = new Progress<int>(value => Slow(value))")]
    [InlineData("_domain.ProcessExit += (_, _) => Run()")]
    [InlineData("_domain.ProcessExit -= (_, _) => Run()")]
    [InlineData("_ = _list.Where(item => IsSlow(item))")]
    [InlineData("_ = _list.Select(item => Slow(item)).OrderBy(item => Slow(item))")]
    [InlineData("_ = System.Collections.Generic.Comparer<int>.Create((a, b) => Slow(a))")]
    public Task Delegate_KeptOrPosted_UnderASpinLock_IsSilent(string call) => CheckAsync(call + ";");

    [Theory]
    [InlineData("foreach (int item in {|MM1001:_list.Where(item => IsSlow(item))|}) _count += item;")]
    [InlineData("_ = {|MM1001:_list.Where(item => IsSlow(item)).ToList()|};")]
    [InlineData("_ = {|MM1001:_list.Select(item => Slow(item)).OrderBy(item => item).Take(3).ToArray()|};")]
    [InlineData("var query = _list.OrderBy(item => Slow(item)); _count = {|MM1001:query.First()|};")]
    [InlineData("_ = {|MM1001:_list.Where(item => item > 0).Sum(item => Slow(item))|};")]
    public Task Query_EnumeratedUnderASpinLock_IsReportedThere(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("Lazy<int>", "() => { Run(); return 1; }, false", "_count = {|MM1001:_kept.Value|};")]
    [InlineData("Lazy<int>", "() => 1, false", "_count = _kept.Value;")]
    [InlineData("System.Threading.ThreadLocal<int>", "() => { Run(); return 1; }", "_count = {|MM1001:_kept.Value|};")]
    [InlineData("System.Threading.ThreadLocal<int>", "() => { Run(); return 1; }, true", "_count = {|MM1001:_kept.Value|};")]
    [InlineData("System.Threading.ThreadLocal<int>", "() => { Run(); return 1; }", "_kept.Value = 1;")]
    [InlineData("System.Threading.ThreadLocal<int>", "() => 1", "_count = _kept.Value;")]
    public Task Factory_RunsWhereTheValueIsRead(string type, string arguments, string statement) =>
        CheckAsync(statement, $"readonly {type} _kept = new({arguments});");

    [Theory]
    [InlineData("_count = {|MM1001:_kept.Value|};", "readonly Lazy<int> _kept; Case() { _kept = new Lazy<int>(() => { Run(); return 1; }, false); }")]
    [InlineData("_count = {|MM1001:_kept.Value|};", "readonly Lazy<int> _kept; Case() => _kept = new Lazy<int>(Get, false); int Get() { Run(); return 1; }")]
    [InlineData("_count = {|MM1001:_kept.Value|};", "readonly Lazy<int> _kept; Case(Func<int> get) { _kept = new Lazy<int>(get, false); } static Case Make() => new(() => { Run(); return 1; });")]
    [InlineData("_count = _kept.Value;", "readonly Lazy<int> _kept; Case(Func<int> get) { _kept = new Lazy<int>(get, false); } static Case Make() => new(() => 1);")]
    [InlineData("_count = _kept.Value;", "readonly Lazy<int> _kept; Case() { _kept = new Lazy<int>(() => 1, false); }")]
    [InlineData("_count = {|MM1001:Kept.Value|};", "Lazy<int> Kept { get; } = new(() => { Run(); return 1; }, false);")]
    [InlineData("var kept = new Lazy<int>(() => { Run(); return 1; }, false); _count = {|MM1001:kept.Value|};", "")]
    [InlineData("var kept = new Lazy<int>(() => 1, false); _count = kept.Value;", "")]
    [InlineData("{|MM1001:_kept.Value()|};", "readonly Lazy<Action> _kept = new(() => Run, false);")]
    [InlineData("_kept.Value();", "readonly Lazy<Action> _kept = new(() => static () => { }, false);")]
    [InlineData("_count = {|MM1001:_kept.Value|};", "readonly Lazy<int> _kept, _next; Case() { _kept = new Lazy<int>(() => _next!.Value, false); _next = new Lazy<int>(() => { Run(); return _kept.Value; }, false); }")]
    public Task Factory_OfALazyThatAConstructorOrAVariableHolds_RunsThere(string statement, string members) => CheckAsync(statement, members);

    [Fact]
    public Task Factory_OfAThreadLocal_InAPromise_IsReported() =>
        CheckAsync("", "readonly System.Threading.ThreadLocal<int> _kept = new(() => { Run(); return 1; }); [Never<Sleep>] int Promised() => {|MM3003:_kept.Value|};");

    [Theory]
    [InlineData("_count = _list.Select(item => Locked(item)).Sum();")]
    [InlineData("_count = _list.Select(Locked).Sum();")]
    [InlineData("foreach (int item in from item in _list where Locked(item) > 0 select item) _count += item;")]
    [InlineData("_list.ForEach(item => Locked(item));")]
    public Task Query_ThatRequiresTheLock_IsAskedForItWhereItIsEnumerated(string statement) => CheckAsync(
        statement,
        """
        [Requires<SpinLockHeld>] static int Locked(int item) => item;
            void Outside()
            {
                _count = {|MM1008:_list.Select(item => Locked(item)).Sum()|};
                System.Collections.Generic.IEnumerable<int> later;
                using (_lock.Hold()) later = _list.Select(item => Locked(item));
                _count = {|MM1008:later.Sum()|};
                System.Threading.Tasks.Task.Run(() => {|MM1008:Locked(1)|});
            }
        """);

    [Fact]
    public Task Query_OverQuickFunctions_IsSilent() => CheckAsync("foreach (int item in _list.Where(item => item > 0).Select(item => item + 1)) _count += item;");

    private static Task CheckAsync(string statements, string members = "") => new Harness.AnalyzerTest(
        "using System.Linq;\n" + RuleCase.InClass(Work +
        $$"""
            {{members}}
            readonly System.Collections.Concurrent.ConcurrentDictionary<int, int> _map = new();
            readonly System.Collections.Generic.List<int> _list = new();
            readonly int[] _items = new int[3];
            readonly System.Threading.Tasks.Task _task = System.Threading.Tasks.Task.CompletedTask;
            readonly AppDomain _domain = AppDomain.CurrentDomain;
            System.Threading.CancellationToken _token;
            string? _text;

            void M()
            {
                Saved?.Invoke();
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        """)).CheckAsync();
}
