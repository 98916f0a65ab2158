using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What an async method runs before it is suspended, and what awaiting calls.</summary>
public class AsyncTests
{
    [Fact]
    public Task Async_CallUpToTheFirstAwait_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        "async Task RunAsync() { Work.Do(); await Task.Yield(); }");

    [Fact]
    public Task Async_BehindTheFirstAwait_RunsLater() => LanguageCase.SilentAsync(
        "_ = RunAsync();",
        "async Task RunAsync() { await Task.Yield(); Work.Do(); }");

    [Theory]
    [InlineData("try { await Task.Yield(); } finally { Work.Do(); }")]
    [InlineData("try { await Task.Yield(); } catch (Exception) { Work.Do(); }")]
    [InlineData("try { _count++; await Task.Yield(); } catch (Exception) when (_count > 3) { Work.Do(); }")]
    [InlineData("using (new Slow()) await Task.Yield();")]
    [InlineData("using var slow = new Slow(); await Task.Yield();")]
    public Task Async_HandlerBehindAnAwait_RunsLater(string body) => LanguageCase.SilentAsync(
        "_ = RunAsync();",
        "async Task RunAsync() { " + body + " }",
        "sealed class Slow : IDisposable { public void Dispose() => Work.Do(); }");

    [Theory]
    [InlineData("try { if (_count > 3) throw new InvalidOperationException(); await Task.Yield(); } finally { Work.Do(); }")]
    [InlineData("try { _count++; } finally { Work.Do(); } await Task.Yield();")]
    [InlineData("try { Work.Do(); await Task.Yield(); } finally { _count++; }")]
    [InlineData("using (new Slow()) _count++; await Task.Yield();")]
    [InlineData("try { await Task.CompletedTask; } finally { Work.Do(); } await Task.Yield();")]
    public Task Async_HandlerThatTheCallMayReach_IsACall(string body) => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        "async Task RunAsync() { " + body + " }",
        "sealed class Slow : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Async_WithoutAwait_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        #pragma warning disable CS1998 // no await: that is the case
        async Task RunAsync() => Work.Do();
        """);

    [Fact]
    public Task Async_Void_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Run()|};",
        "async void Run() { Work.Do(); await Task.Yield(); }");

    [Fact]
    public Task Async_ThroughTwoMethods_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:OuterAsync()|};",
        "async Task OuterAsync() => await InnerAsync(); async Task InnerAsync() { Work.Do(); await Task.Yield(); }");

    [Fact]
    public Task Async_Lambda_IsACall() => LanguageCase.FoundAsync("Func<Task> run = async () => { Work.Do(); await Task.Yield(); }; _ = {|MM1001:run()|};");

    [Fact]
    public Task Async_LocalFunction_IsACall() => LanguageCase.FoundAsync("_ = {|MM1001:RunAsync()|}; async Task RunAsync() { Work.Do(); await Task.Yield(); }");

    [Fact]
    public Task Async_Iterator_RunsNothingWhenCalled() => LanguageCase.SilentAsync(
        "_ = NumbersAsync();",
        "async IAsyncEnumerable<int> NumbersAsync() { Work.Do(); await Task.Yield(); yield return 1; }");

    [Fact]
    public Task Async_OwnBuilderlessValueTask_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        "async ValueTask RunAsync() { Work.Do(); await Task.Yield(); }");

    [Fact]
    public Task Await_OwnAwaiter_IsAskedFor() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        async Task RunAsync() => await new Soon(); sealed class Soon { public Awaiter GetAwaiter() { Work.Do(); return default; } } readonly struct Awaiter : INotifyCompletion { public bool IsCompleted => false; public void GetResult() { } public void OnCompleted(Action action) { } }
        """);

    [Fact]
    public Task Await_OwnAwaiter_IsAskedWhetherItIsDone() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        async Task RunAsync() => await new Soon(); sealed class Soon { public Awaiter GetAwaiter() => default; } readonly struct Awaiter : INotifyCompletion { public bool IsCompleted => Work.Get() > 0; public void GetResult() { } public void OnCompleted(Action action) { } }
        """);

    [Fact]
    public Task Await_OwnAwaiter_GivesItsResultLater() => LanguageCase.SilentAsync(
        "_ = RunAsync();",
        """
        async Task RunAsync() => await new Soon(); sealed class Soon { public Awaiter GetAwaiter() => default; } readonly struct Awaiter : INotifyCompletion { public bool IsCompleted => false; public void GetResult() => Work.Do(); public void OnCompleted(Action action) { } }
        """);

    [Fact]
    public Task Await_UsingInsideIsFree_BodyIsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        async Task RunAsync() { await using (new Resource()) { Work.Do(); } } sealed class Resource : IAsyncDisposable { public ValueTask DisposeAsync() => default; }
        """);

    [Fact]
    public Task Await_UsingDisposes_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        async Task RunAsync() { await using (new Resource()) { } } sealed class Resource : IAsyncDisposable { public ValueTask DisposeAsync() { Work.Do(); return default; } }
        """);

    [Fact]
    public Task Await_Foreach_StartsTheEnumeration() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};",
        """
        async Task RunAsync() { await foreach (int x in new Bag()) { } } sealed class Bag { public Enumerator GetAsyncEnumerator() { Work.Do(); return default; } } readonly struct Enumerator { public int Current => 1; public ValueTask<bool> MoveNextAsync() => default; }
        """);

    // What runs behind the first await runs later, however it is reached.
    [Theory]
    [InlineData("try { await Task.Yield(); } finally { Work.Do(); }")]
    [InlineData("try { await Task.Yield(); } catch (Exception) { Work.Do(); }")]
    [InlineData("try { Check(); await Task.Yield(); } finally { Work.Do(); }")]
    [InlineData("using (new Scope()) await Task.Yield();")]
    public Task Handler_AroundTheFirstAwait_RunsLater(string body) => LanguageCase.SilentAsync(
        "_ = Later();",
        $$"""
        static async System.Threading.Tasks.Task Later() { {{body.Replace("Task.", "System.Threading.Tasks.Task.", System.StringComparison.Ordinal)}} }
        static void Check() { }
        """,
        "sealed class Scope : IDisposable { public void Dispose() => Work.Do(); }");

    [Theory]
    [InlineData("try { Check(); } finally { Work.Do(); } await Task.Yield();")]
    [InlineData("try { Work.Do(); await Task.Yield(); } finally { Check(); }")]
    [InlineData("using (new Scope()) Check(); await Task.Yield();")]
    public Task Handler_BeforeTheFirstAwait_RunsAtOnce(string body) => LanguageCase.FoundAsync(
        "_ = {|MM1001:Later()|};",
        $$"""
        static async System.Threading.Tasks.Task Later() { {{body.Replace("Task.", "System.Threading.Tasks.Task.", System.StringComparison.Ordinal)}} }
        static void Check() { }
        """,
        "sealed class Scope : IDisposable { public void Dispose() => Work.Do(); }");

    [Theory]
    [InlineData("false")]
    [InlineData("DateTime.Now.Ticks > 1")]
    public Task Awaiter_ThatIsNotComplete_IsToldWhatComesNext(string completed) => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};", "static async Task RunAsync() => await new Signal();", Signal(completed, "Work.Do()", ""));

    [Fact]
    public Task Awaiter_ThatIsAlwaysComplete_IsAskedForItsResultAtOnce() => LanguageCase.FoundAsync(
        "_ = {|MM1001:RunAsync()|};", "static async Task RunAsync() => await new Signal();", Signal("true", "", "Work.Do()"));

    [Fact]
    public Task Awaiter_ThatIsAlwaysComplete_IsToldNothing() => LanguageCase.SilentAsync(
        "_ = RunAsync();", "static async Task RunAsync() => await new Signal();", Signal("true", "Work.Do()", ""));

    private static string Signal(string completed, string told, string result) =>
        $$"""
        sealed class Signal { public Awaiter GetAwaiter() => default; }
        struct Awaiter : INotifyCompletion
        {
            public bool IsCompleted => {{completed}};
            public void OnCompleted(Action next) { {{told}}; }
            public void GetResult() { {{result}}; }
        }
        """;
}
