using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class TryInsteadFixTests
{
    private static readonly FixRun _run = new(new TryInsteadFix(), "MM1001");

    [Theory]
    [InlineData("if (_free.Wait(100)) _count++;", "if (_free.Wait(0)) _count++;")]
    [InlineData("bool got = _free.Wait(/* ms */ 100); return got;", "bool got = _free.Wait(/* ms */ 0); return got;")]
    [InlineData("return Poll(30) && _count > 0;", "return Poll(0) && _count > 0;")]
    public Task Timeout_OfACallWhoseResultIsLookedAt_BecomesZero(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("_mutex.Acquire();", "if (!_mutex.TryAcquire()) return false;")]
    [InlineData("/* a */ _mutex.Acquire(); // b", "/* a */ if (!_mutex.TryAcquire()) return false; // b")]
    public Task Call_InATryMethod_IsTried(string statement, string @fixed) => CheckAsync(statement, @fixed);

    [Theory]
    [InlineData("_free.Wait(100);")]                            // nobody would notice that it failed
    [InlineData("_free.Wait();")]                               // nor here
    [InlineData("if (_free.Wait(_count)) _count++;")]           // somebody has chosen the time
    [InlineData("Scheduler.Schedule();")]                       // there is nothing to try
    [InlineData("{ void Local() => _mutex.Acquire(); Local(); }")]
    public async Task Call_WithoutACarrierForFailure_IsLeftAlone(string statement) => Assert.Empty(await _run.OffersAsync(InMethod(statement)));

    [Fact]
    public async Task Call_InAMethodThatPromisesToSucceed_IsLeftAlone() =>
        Assert.Empty(await _run.OffersAsync(InMethod("_mutex.Acquire();").Replace("bool TryM", "bool M")));

    [Fact]
    public async Task Call_BetweenEnterAndLeave_IsLeftAlone() => Assert.Empty(await _run.OffersAsync(
        InMethod("_mutex.Acquire(); _lock.Release();").Replace("using (_lock.Hold())", "_lock.Acquire();")));

    [Fact]
    public async Task FixAll_InADocument_ChangesEach() => Assert.Equal(
        InMethod("if (!_mutex.TryAcquire()) return false;\n            if (_free.Wait(0)) _count++;"),
        await _run.AllAsync(InMethod("_mutex.Acquire();\n            if (_free.Wait(9)) _count++;")));

    private static async Task CheckAsync(string statement, string @fixed) => Assert.Equal(InMethod(@fixed), await _run.FirstAsync(InMethod(statement)));

    private static string InMethod(string statements) =>
        $$"""
        using System.Threading;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly SleepingMutex _mutex = new();
            readonly SemaphoreSlim _free = new(4);
            int _count;

            bool TryM()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
                return true;
            }

            bool Poll(int timeout) => _free.Wait(timeout);
        }
        """;
}
