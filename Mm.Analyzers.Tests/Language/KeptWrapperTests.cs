using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>An object that runs what it was made with, when it is disposed of or asked to: what that enters and leaves is entered and left there.</summary>
public class KeptWrapperTests
{
    [Theory]
    [InlineData("sealed class Undo(Action act) : IDisposable { public void Dispose() => act(); }")]
    [InlineData("sealed class Undo(Action? act) : IDisposable { public void Dispose() => act?.Invoke(); }")]
    [InlineData("sealed class Undo : IDisposable { readonly Action? _act; public Undo(Action? act) => _act = act; public void Dispose() { if (_act != null) _act(); } }")]
    [InlineData("readonly struct Undo(Action act) : IDisposable { public void Dispose() => act(); }")]
    [InlineData("public sealed class Undo : IDisposable { readonly Action _act; public Undo(Action act) { _act = act; } public void Dispose() { _act(); } }")]
    public Task Lambda_ThatReleases_ReleasesAtTheEndOfTheBlock(string type) => RuleCase.CheckAsync(
        $$"""
            {{type}}
            void M(bool isShort)
            {
                _lock.Acquire();
                using (new Undo(() => _lock.Release()))
                {
                    {|MM1001:Scheduler.Schedule()|};
                }

                Scheduler.Schedule();
                _lock.Acquire();
                using var undo = new Undo(_lock.Release);
                if (isShort) return;
                {|MM1001:Scheduler.Schedule()|};
            }
        """);

    [Fact]
    public Task Lambda_ThatTakes_TakesWhereItIsRun() => RuleCase.CheckAsync(
        """
            sealed class Entry(Action act) { public void Run() => act(); }
            readonly Entry _nothing = new(static () => { });
            void M()
            {
                var entry = new Entry(() => _lock.Acquire());
                Scheduler.Schedule();
                _nothing.Run();
                Scheduler.Schedule();
                entry.Run();
                {|MM1001:Scheduler.Schedule()|};
            {|MM2001:}|}
        """);

    [Theory]
    [InlineData("sealed class Undo(Action act) : IDisposable { public void Dispose() { } public void Run() => act(); }")]
    [InlineData("sealed class Undo(Action act, int count) : IDisposable { public Undo(Action act) : this(act, 2) { } public void Dispose() { if (count > 1) act(); } }")]
    public Task Lambda_ThatIsNotCertainlyRun_ReleasesNothing(string type) => RuleCase.CheckAsync(
        $$"""
            {{type}}
            void M()
            {
                _lock.Acquire();
                using (new Undo(() => _lock.Release()))
                {
                }
            {|MM2001:}|}
        """);

    [Fact]
    public Task Lambda_ThatIsRunIfThereIsOne_IsRun() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                Take(() => _lock.Release());
                Scheduler.Schedule();
            }

            static void Take(Action? act) => act?.Invoke();
        """);
}
