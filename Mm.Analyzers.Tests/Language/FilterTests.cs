using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>The filter of a handler runs before the finally blocks inside of its try do, with what they leave still entered.</summary>
public class FilterTests
{
    private const string Members =
        """
            static int s_count;
            static readonly object s_gate = new();
            static bool Slow() { Scheduler.Schedule(); return true; }
            static bool Quick() => s_count > 1;
            static void Work() { if (s_count++ > 3) throw new System.Exception(); }

        """;

    [Theory]
    [InlineData("try { using (_lock.Hold()) Work(); } catch (System.Exception) when ({|MM1001:Slow()|}) { }")]
    [InlineData("try { _lock.Acquire(); try { Work(); } finally { _lock.Release(); } } catch (System.Exception) when ({|MM1001:Slow()|}) { }")]
    [InlineData("try { try { using (_lock.Hold()) Work(); } finally { _count++; } } catch (System.InvalidOperationException) when (Quick()) { } catch (System.Exception) when ({|MM1001:Slow()|}) { }")]
    [InlineData("try { try { using (_lock.Hold()) Work(); } catch (System.InvalidOperationException) { } } catch (System.Exception) when ({|MM1001:Slow()|}) { }")]
    [InlineData("using (_lock.Hold()) { try { Work(); } catch (System.Exception) when ({|MM1001:Slow()|}) { } }")]
    [InlineData("try { using var held = _lock.Hold(); Work(); } catch (System.Exception) when ({|MM1001:Slow()|} && s_count > 0) { Slow(); }")]
    public Task Filter_WithALockInItsTry_RunsUnderIt(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { {{statements}} Scheduler.Schedule(); }""");

    [Theory]
    [InlineData("try { using (_lock.Hold()) Work(); } catch (System.Exception) when (Quick()) { Slow(); }")]
    [InlineData("try { using (_lock.Hold()) Work(); } catch (System.Exception) { Slow(); }")]
    [InlineData("try { using (_lock.Hold()) { } Work(); } catch (System.Exception) when (Slow()) { }")]
    [InlineData("try { using (_lock.Hold()) _count++; } catch (System.Exception) when (Slow()) { }")]
    [InlineData("try { try { using (_lock.Hold()) Work(); } catch (System.Exception) { } } catch (System.Exception) when (Slow()) { }")]
    [InlineData("try { try { using (_lock.Hold()) Work(); } catch { Slow(); } } catch (System.Exception) when (Slow()) { }")]
    public Task Handler_BehindAFilter_RunsWhenTheLockIsLeft(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { {{statements}} Scheduler.Schedule(); }""");
}
