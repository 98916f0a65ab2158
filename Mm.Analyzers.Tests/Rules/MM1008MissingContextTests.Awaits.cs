using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM1008MissingContextTests
{
    [Theory]
    [InlineData("await foreach (int item in Items().ConfigureAwait(false)) {|MM1008:Paint()|};")]
    [InlineData("await foreach (int item in Items().ConfigureAwait(false)) { } {|MM1008:Paint()|};")]
    [InlineData("await foreach (int item in Items().WithCancellation(default).ConfigureAwait(false)) { } {|MM1008:Paint()|};")]
    [InlineData("await foreach (int item in Items().ConfigureAwait(false).WithCancellation(default)) { } {|MM1008:Paint()|};")]
    [InlineData("var items = Items().ConfigureAwait(false); Paint(); await foreach (int item in items) { } {|MM1008:Paint()|};")]
    [InlineData("var file = new Closing(); await using (file.ConfigureAwait(false)) { Paint(); } {|MM1008:Paint()|};")]
    [InlineData("{ var file = new Closing(); await using var closing = file.ConfigureAwait(false); Paint(); } {|MM1008:Paint()|};")]
    [InlineData("await Task.Delay(1).ConfigureAwait(continueOnCapturedContext: false); {|MM1008:Paint()|};")]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.None); {|MM1008:Paint()|};")]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing); {|MM1008:Paint()|};")]
    [InlineData("var task = Task.Delay(1).ConfigureAwait(false); Paint(); await task; {|MM1008:Paint()|};")]
    [InlineData("try { await Task.Delay(1).ConfigureAwait(false); } finally { {|MM1008:Paint()|}; }")]
    [InlineData("try { await Task.Delay(1).ConfigureAwait(false); } catch (System.Exception) { {|MM1008:Paint()|}; }")]
    [InlineData("await Do(); async Task Do() { await Task.Delay(1).ConfigureAwait(false); {|MM1008:Paint()|}; }")]
    [InlineData("System.Func<Task> load = async () => { await Task.Delay(1).ConfigureAwait(false); {|MM1008:Paint()|}; }; await load();")]
    [InlineData("await Task.Run(async () => { await Task.Delay(1); {|MM1008:Paint()|}; });")]
    public Task Await_ThatGoesOnAnywhere_LosesTheContext(string statements) => CheckAwaitAsync(statements);

    [Theory]
    [InlineData("await foreach (int item in Items()) Paint(); Paint();")]
    [InlineData("await foreach (int item in Items().ConfigureAwait(true)) Paint(); Paint();")]
    [InlineData("await foreach (int item in Items().WithCancellation(default)) Paint(); Paint();")]
    [InlineData("var file = new Closing(); await using (file.ConfigureAwait(true)) { Paint(); } Paint();")]
    [InlineData("await using (var file = new Closing()) { Paint(); } Paint();")]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext); Paint();")]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext); Paint();")]
    [InlineData("var task = Task.Delay(1).ConfigureAwait(true); Paint(); await task; Paint();")]
    [InlineData("var task = Task.Delay(1); Paint(); await task; Paint();")]
    [InlineData("try { await Task.Delay(1); } catch (System.Exception) { Paint(); } finally { Paint(); }")]
    [InlineData("await Do(); async Task Do() { await Task.Delay(1); Paint(); }")]
    [InlineData("System.Func<Task> load = async () => { await Task.Delay(1); Paint(); }; await load();")]
    public Task Await_ThatComesBack_KeepsTheContext(string statements) => CheckAwaitAsync(statements);

    [Fact]
    public Task Await_InALambda_GoesOnWhereItWasInvoked() => AnalyzerTest.CheckAsync(
        """
        using System;
        using System.Threading.Tasks;

        readonly struct UserInterface : IContext;

        class Case
        {
            Func<Task>? _stored;
            [Requires<UserInterface>] void Paint() { }
            [Requires<UserInterface>] static async Task Inside(Func<Task> load) => await load();
            static async Task Outside(Func<Task> load) => await load();
            async Task Local() { await {|MM1008:Do()|}; async Task Do() { await Task.Delay(1); Paint(); } }
            async Task Passed() => await {|MM1008:Outside(async () => { await Task.Delay(1); Paint(); })|};
            [Requires<UserInterface>] async Task Right() { await Inside(async () => { await Task.Delay(1); Paint(); }); await Outside(async () => { await Task.Delay(1); Paint(); }); }
            void Stored() => _stored = {|MM3002:async () =>|} { await Task.Delay(1); Paint(); };
        }
        """);

    private static Task CheckAwaitAsync(string statements) => new AnalyzerTest(
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading.Tasks;

        readonly struct UserInterface : IContext;

        class Case
        {
            [Requires<UserInterface>] void Paint() { }

            static async IAsyncEnumerable<int> Items()
            {
                yield return 1;
                await Task.Yield();
            }

            sealed class Closing : IAsyncDisposable { public ValueTask DisposeAsync() => default; }

            [Requires<UserInterface>]
            async Task M()
            {
                {{statements}}
            }
        }
        """).CheckAsync();
}
