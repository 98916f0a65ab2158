using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language.Newer;

/// <summary>
/// A 'lock' on a System.Threading.Lock, which an annotation file makes a context. In nullable code the graphs of this compiler do not
/// show where it ends; otherwise they do, and the findings are the same.
/// </summary>
public class LockOfTypeLockTests
{
    [Theory]
    [InlineData("lock (_gate) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("lock (_gate) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("lock (_gate) { Work(); } lock (_other) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("lock (_gate) { lock (_other) { Work(); } {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("lock (_gate) { lock ({|MM1001:_plain|}) { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_plain) { lock (_gate) { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { if (b) return; {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("while (b) { lock (_gate) { if (n == 1) break; if (n == 2) continue; {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { try { Work(); } catch (Exception) { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { try { Work(); } finally { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { try { if (b) return; Work(); } finally { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { try { Work(); } catch (Exception) { } {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("try { Work(); } finally { lock (_gate) { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("try { Work(); } catch (Exception) { lock (_gate) { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (_gate) { using (Made()) { } {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("lock (_gate) { using ({|MM1001:new Slow()|}) { } }")]
    [InlineData("lock (_gate) { foreach (int i in new[] { 1, 2 }) { if (i == n) continue; {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("lock (b ? _gate : _other) { {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("lock (_gate) { void Local() => Scheduler.Schedule(); {|MM1001:Local()|}; }")]
    [InlineData("Action a = () => { lock (_gate) { {|MM1001:Scheduler.Schedule()|}; } };")]
    public Task Lock_WhileItIsHeld_IsAContext(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("lock (_gate) { Work(); } Scheduler.Schedule();")]
    [InlineData("lock (_gate) Work(); Scheduler.Schedule();")]
    [InlineData("lock (_gate) { if (b) Work(); } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { lock (_other) { Work(); } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { if (b) return; Work(); } Scheduler.Schedule();")]
    [InlineData("while (b) { lock (_gate) { if (n == 1) break; if (n == 2) continue; Work(); } Scheduler.Schedule(); } Scheduler.Schedule();")]
    [InlineData("do { lock (_gate) { if (n == 1) goto Done; } } while (b); Done: Scheduler.Schedule();")]
    [InlineData("try { lock (_gate) { Work(); } } catch (Exception) { Scheduler.Schedule(); } Scheduler.Schedule();")]
    [InlineData("try { lock (_gate) { if (b) return; Work(); } } finally { Scheduler.Schedule(); }")]
    [InlineData("lock (_gate) { try { Work(); } catch (Exception) { } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { try { Work(); } catch (Exception) { return; } finally { Work(); } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { try { if (b) return; } finally { Work(); } } Scheduler.Schedule();")]
    [InlineData("try { Work(); } finally { lock (_gate) { Work(); } Scheduler.Schedule(); } Scheduler.Schedule();")]
    [InlineData("try { if (b) return; } finally { lock (_gate) { Work(); } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { using (Made()) { if (b) return; } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { using (Made()) { } } Scheduler.Schedule();")]
    [InlineData("using (new Slow()) { lock (_gate) { } }")]
    [InlineData("using (new Slow()) { lock (_gate) { if (b) return; } }")]
    [InlineData("lock (_gate) { using var made = Made(); Work(); } Scheduler.Schedule();")]
    [InlineData("lock (_plain) { lock (_gate) { if (b) return; } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { switch (n) { case 1: return; case 2: break; default: Work(); break; } } Scheduler.Schedule();")]
    [InlineData("foreach (int i in new[] { 1, 2 }) { lock (_gate) { if (i == n) continue; Work(); } } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { throw new InvalidOperationException(); }")]
    [InlineData("lock (_gate) { if (b) throw new InvalidOperationException(); } Scheduler.Schedule();")]
    [InlineData("lock (_gate) { Action a = () => Scheduler.Schedule(); a = () => { }; }")]
    [InlineData("int k; lock (_gate) { k = n; } while (k-- > 0) Scheduler.Schedule();")]
    [InlineData("lock (_gate) { } Scheduler.Schedule();")]
    public Task Lock_BehindItsEnd_IsLeft(string statements) => CheckAsync(statements);

    private static async Task CheckAsync(string statements)
    {
        foreach (string nullability in new[] { "enable", "disable" })
        {
            await new AnalyzerTest(
                $$"""
                using System;
                #nullable {{nullability}}
                class Case
                {
                    readonly System.Threading.Lock _gate = new(), _other = new();
                    readonly object _plain = new();

                    sealed class Slow : IDisposable { public void Dispose() => Scheduler.Schedule(); }

                    static void Work() { }
                    static IDisposable Made() => new System.IO.MemoryStream();

                    void M(bool b, int n)
                    {
                        {{statements}}
                    }

                    int Value(bool b)
                    {
                        lock (_gate) { if (b) return 1; }
                        return Sleeping();
                    }

                    static int Sleeping() { Scheduler.Schedule(); return 2; }
                }
                """)
            {
                AdditionalFiles = { ["locks.contexts.txt"] = "T:System.Threading.Lock.Scope scope SpinLockHeld\nM:System.Threading.Lock.EnterScope never Sleep\n" },
            }.CheckAsync();
        }
    }
}
