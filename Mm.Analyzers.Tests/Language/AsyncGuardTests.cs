using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Guards that come out of a task: the await yields the instance, and code is in its contexts from there on.</summary>
public class AsyncGuardTests
{
    private const string Guards =
        """
            [Scope<SpinLockHeld>] sealed class Guard : IDisposable { public void Dispose() { } }
            async System.Threading.Tasks.Task<Guard> TakeAsync() { await System.Threading.Tasks.Task.Yield(); return new Guard(); }
            async System.Threading.Tasks.ValueTask<Guard> TakeValueAsync() { await System.Threading.Tasks.Task.Yield(); return new Guard(); }
            System.Threading.Tasks.Task<Guard> TakeNow() => System.Threading.Tasks.Task.FromResult(new Guard());
            System.Threading.Tasks.ValueTask<Guard> TakeValueNow() => new(new Guard());
            [Requires<SpinLockHeld>] void Touch() => _count++;

        """;

    [Theory]
    [InlineData("using (await TakeAsync()) { Touch(); {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (await TakeAsync().ConfigureAwait(true)) { Touch(); {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (await TakeValueAsync()) { Touch(); {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (await TakeNow()) { Touch(); {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("using (await TakeValueNow()) { Touch(); {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("var guard = await TakeAsync(); Touch(); guard.Dispose();")]
    [InlineData("var task = TakeAsync(); using (await task) Touch();")]
    [InlineData("using (await TakeAsync()) {|MM1006:await System.Threading.Tasks.Task.Yield()|};")]
    [InlineData("var guard = {|MM2004:await TakeAsync()|}; Touch();")]
    public Task Guard_OutOfATask_IsHeldBehindTheAwait(string statements) => RuleCase.CheckAsync(
        Guards + $"async System.Threading.Tasks.Task M() {{ {statements} }}");

    [Theory]
    [InlineData("{|MM1008:Touch()|}; using (await TakeAsync()) { }")]
    [InlineData("using (await TakeAsync()) { } {|MM1008:Touch()|}; Scheduler.Schedule();")]
    [InlineData("using (await TakeNow()) { } {|MM1008:Touch()|}; Scheduler.Schedule();")]
    [InlineData("var guard = await TakeAsync(); guard.Dispose(); Scheduler.Schedule();")]
    public Task Guard_OutOfATask_IsNotHeldBeforeOrBehind(string statements) => RuleCase.CheckAsync(
        Guards + $"async System.Threading.Tasks.Task M() {{ {statements} }}");
}
