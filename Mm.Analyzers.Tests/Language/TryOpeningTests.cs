using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A try that begins by entering or leaving a context: its handlers and its finally find that done.</summary>
public class TryOpeningTests
{
    private const string Members =
        """
            static int s_count;
            static void Work() { if (s_count++ > 3) throw new System.Exception(); }
            static void Take(TicketLock taken) { try { taken.Acquire(); Work(); } finally { taken.Release(); } }
            static void Drop(TicketLock held) { try { held.Release(); Scheduler.Schedule(); } finally { held.Acquire(); } }
            [Requires<SpinLockHeld>] static void Locked() { }

        """;

    [Theory]
    [InlineData("try { _lock.Acquire(); Work(); } catch (System.Exception) { s_count++; } finally { _lock.Release(); }")]
    [InlineData("try { _lock.Acquire(); Work(); _lock.Release(); } catch (System.Exception) { _lock.Release(); }")]
    [InlineData("try { _lock.Acquire(); Work(); } catch (System.Exception) { Locked(); } finally { _lock.Release(); }")]
    [InlineData("try { int held = 3; _lock.Acquire(); Work(); s_count = held; } catch (System.Exception) when (s_count > 3) { Locked(); } finally { _lock.Release(); }")]
    [InlineData("_lock.Acquire(); try { _lock.Release(); Scheduler.Schedule(); } catch (System.Exception) { Scheduler.Schedule(); } finally { _lock.Acquire(); } _lock.Release();")]
    [InlineData("_lock.Acquire(); try { _lock.Release(); Work(); } catch (System.Exception) { Scheduler.Schedule(); } _lock.Acquire(); _lock.Release();")]
    [InlineData("_lock.Acquire(); try { _lock.Release(); Work(); } finally { Scheduler.Schedule(); _lock.Acquire(); } _lock.Release();")]
    [InlineData("_lock.Acquire(); Drop(_lock); _lock.Release(); Take(_lock);")]
    [InlineData("try { _lock.Acquire(); try { Work(); } finally { _lock.Release(); } } catch (System.Exception) { Scheduler.Schedule(); }")]
    [InlineData("try { _lock.Acquire(); s_count++; _lock.Release(); Work(); } catch (System.Exception) { Scheduler.Schedule(); }")]
    public Task Handler_OfATryThatBeginsWithALock_FindsItTaken(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { {{statements}} Scheduler.Schedule(); }""");

    [Theory]
    [InlineData("try { _lock.Acquire(); Work(); } catch (System.Exception) { {|MM1001:Scheduler.Schedule()|}; } finally { _lock.Release(); }")]
    [InlineData("try { Work(); _lock.Acquire(); Work(); _lock.Release(); } catch (System.Exception) { {|MM1008:Locked()|}; }")]
    [InlineData("try { Work(); _lock.Acquire(); Work(); } catch (System.Exception) { {|MM2002:_lock.Release()|}; return; } _lock.Release();")]
    [InlineData("_other.Acquire(); _lock.Acquire(); {|MM1001:Drop(_lock)|}; _lock.Release(); _other.Release();")]
    [InlineData("_lock.Acquire(); {|MM2008:Take(_lock)|}; _lock.Release();")]
    [InlineData("_lock.Acquire(); try { _lock.Release(); Work(); } catch (System.Exception) { _lock.Acquire(); {|MM1001:Scheduler.Schedule()|}; _lock.Release(); } _lock.Acquire(); _lock.Release();")]
    public Task Handler_OfATryWithALock_IsJudgedWhereItStands(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { {{statements}} Scheduler.Schedule(); }""");
}
