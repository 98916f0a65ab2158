using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A helper that leaves the context before it sleeps, if its object has one: callers hold it if and only if the object has it.</summary>
public class ShiftingEffectTests
{
    [Theory]
    [InlineData("_gate?.Acquire(); Load(); _gate?.Release();")]
    [InlineData("_gate!.Acquire(); Load(); _gate.Release();")]
    [InlineData("if (_gate != null) _gate.Acquire(); Deeper(); if (_gate != null) _gate.Release();")]
    [InlineData("_lock.Acquire(); {|MM1001:Load()|}; _lock.Release();")]
    [InlineData("_gate!.Acquire(); LoadOneOf(_count); _gate.Release();")]
    [InlineData("_lock.Acquire(); {|MM1001:LoadOneOf(_count)|}; _lock.Release();")]
    [InlineData("_gate!.Acquire(); {|MM1001:LoadWrongly()|}; _gate.Release();")]
    [InlineData("_gate!.Acquire(); {|MM1001:LoadAnyway()|}; _gate.Release();")]
    public Task Effect_WhereTheContextWasLeft_HangsOnTheObject(string statements) => RuleCase.CheckAsync(
        $$"""
            readonly TicketLock? _gate = new Random().Next() > 3 ? new() : null;

            void Load()
            {
                _gate?.Release();
                Scheduler.Schedule();
                _gate?.Acquire();
            }

            void Deeper() { if (Ready()) Load(); }

            void LoadOneOf(int which)
            {
                switch (which)
                {
                    case 1: Load(); break;
                    case 2: Load(); break;
                    case 3: Load(); break;
                    case 4: Load(); break;
                    case 5: Load(); break;
                    case 6: Load(); break;
                    case 7: Load(); break;
                    case 8: Load(); break;
                }
            }

            void LoadWrongly()
            {
                if (_gate == null) { _other.Acquire(); _other.Release(); }
                Scheduler.Schedule();
            }

            void LoadAnyway()
            {
                if (_count > 3) Scheduler.Schedule();
                Load();
            }

            void M()
            {
                {{statements}}
            }
        """);
}
