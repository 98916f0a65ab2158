using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>One generic interface with several type arguments: which implementation is meant.</summary>
public class RepeatedInterfaceTests
{
    [Theory]
    [InlineData("IHandler<long> h", "h.On(1)")]
    [InlineData("IHandler<int> h", "{|MM3003:h.On(1)|}")]
    [InlineData("Actor h", "((IHandler<long>)h).On(1)")]
    [InlineData("Actor h", "{|MM3003:((IHandler<int>)h).On(1)|}")]
    [InlineData("Actor h", "Through<Actor, long>(h, 1)")]
    [InlineData("Actor h", "{|MM3003:Through<Actor, int>(h, 1)|}")]
    public Task Class_ThatImplementsItTwice_RunsTheOneThatIsCalled(string parameter, string call) => AnalyzerTest.CheckAsync(
        $$"""
        interface IHandler<T> { void On(T t); }

        sealed class Actor : IHandler<int>, IHandler<long>
        {
            public void On(int t) => Scheduler.Schedule();
            public void On(long t) { }
        }

        static class Case
        {
            static void Through<H, T>(H h, T t) where H : IHandler<T> => h.On(t);
            [Never<Sleep>] static void M({{parameter}}) => {{call}};
        }
        """);

    [Theory]
    [InlineData("IBackend<long> b", "Ask(b)")]
    [InlineData("IBackend<int> b", "{|MM3003:Ask(b)|}")]
    [InlineData("Cache<long> b", "b.Get()")]
    [InlineData("Cache<int> b", "{|MM3003:b.Get()|}")]
    [InlineData("Deep<long> b", "b.Get()")]
    [InlineData("Deep<int> b", "{|MM3003:b.Get()|}")]
    public Task GenericCode_OverTheInterface_IsJudgedByTheCallersTypeArguments(string parameter, string call) => AnalyzerTest.CheckAsync(
        $$"""
        interface IBackend<T> { int Fetch(); }
        sealed class Slow : IBackend<int> { public int Fetch() { Scheduler.Schedule(); return 1; } }
        sealed class Quick : IBackend<long> { public int Fetch() => 2; }
        sealed class Cache<T>(IBackend<T> b) { public int Get() => b.Fetch(); }
        sealed class Deep<T>(Cache<T> c) { public int Get() => c.Get(); }

        static class Case
        {
            static int Ask<T>(IBackend<T> b) => b.Fetch();
            [Never<Sleep>] static int M({{parameter}}) => {{call}};
        }
        """);

    [Fact]
    public Task GenericCode_WithALockOfItsOwn_IsJudgedByAllImplementations() => AnalyzerTest.CheckAsync(
        """
        interface IBackend<T> { int Fetch(); }
        sealed class Slow : IBackend<int> { public int Fetch() { Scheduler.Schedule(); return 1; } }

        sealed class Cache<T>(IBackend<T> b)
        {
            readonly TicketLock _lock = new();
            public int Get() { using (_lock.Hold()) return {|MM1001:b.Fetch()|}; }
        }

        static class Case
        {
            static int M(Cache<int> cache) => cache.Get();
        }
        """);
}
