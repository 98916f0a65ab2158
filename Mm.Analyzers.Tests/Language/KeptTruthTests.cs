using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A yes or no that an object or a struct was made with, and on which it hangs what is done with it.</summary>
public class KeptTruthTests
{
    [Theory]
    [InlineData("sealed class Request { public readonly bool Wait; public Request(bool wait) { Wait = wait; } }", "new Request(false)", "new Request(true)")]
    [InlineData("sealed class Request { public bool Wait { get; init; } }", "new Request()", "new Request { Wait = true }")]
    [InlineData("readonly struct Request { public readonly bool Wait; public Request(int size, bool wait) { Wait = wait; } }", "new Request(1, false)", "new Request(1, true)")]
    [InlineData("struct Request { public bool Wait; }", "new Request { Wait = false }", "new Request { Wait = true }")]
    [InlineData("sealed record Request(bool Wait);", "new Request(false)", "new Request(true)")]
    [InlineData("sealed class Request { public readonly bool Wait; Request(bool wait) { Wait = wait; } public static readonly Request Quick = new(false), Full = new(true); }", "Request.Quick", "Request.Full")]
    public Task Request_HandedOver_TellsWhatIsDone(string type, string quick, string full) => CheckAsync(
        type,
        $$"""
            static void Send(Request request) { if (request.Wait) Scheduler.Schedule(); }
            static void Forward(Request request) => Send(request);
            void M(Request unknown)
            {
                using (_lock.Hold())
                {
                    Send({{quick}});
                    Forward({{quick}});
                    {|MM1001:Send({{full}})|};
                    {|MM1001:Forward({{full}})|};
                    {|MM1001:Forward(unknown)|};
                }
            }
        """);

    [Fact]
    public Task Request_ReadThroughAHelper_TellsWhatIsDone() => CheckAsync(
        "readonly struct Request { public readonly bool Wait; public Request(bool wait) { Wait = wait; } }",
        """
            static bool MayWait(in Request request) => request.Wait;
            static void Send(in Request request) { if (!MayWait(request)) return; Scheduler.Schedule(); }
            void M()
            {
                using (_lock.Hold())
                {
                    Send(new Request(false));
                    {|MM1001:Send(new Request(true))|};
                }
            }
        """);

    [Fact]
    public Task Object_MadeSo_DoesWhatItWasMadeFor() => CheckAsync(
        "sealed class Queue { readonly bool _waits; public Queue(bool waits) { _waits = waits; } public void Put() { if (_waits) Scheduler.Schedule(); } }",
        """
            readonly Queue _quick = new(false), _slow = new(true);
            void M(Queue unknown)
            {
                using (_lock.Hold())
                {
                    _quick.Put();
                    {|MM1001:_slow.Put()|};
                    {|MM1001:unknown.Put()|};
                    new Queue(false).Put();
                }
            }
        """);

    [Fact]
    public Task Request_OfADerivedClass_IsWhatItsConstructorMakesOfIt() => CheckAsync(
        "class Request { public bool Wait { get; init; } } sealed class Full : Request { public Full() { Wait = true; } }",
        """
            static void Send(Request request) { if (request.Wait) Scheduler.Schedule(); }
            void M()
            {
                using (_lock.Hold())
                {
                    Send(new Request());
                    {|MM1001:Send(new Full())|};
                }
            }
        """);

    [Fact]
    public Task Object_WhoseFieldChangesLater_MayDoEither() => CheckAsync(
        "sealed class Queue { bool _waits; public Queue(bool waits) { _waits = waits; } public void Set() => _waits = true; public void Put() { if (_waits) Scheduler.Schedule(); } }",
        """
            readonly Queue _quick = new(false);
            void M()
            {
                _quick.Set();
                using (_lock.Hold()) {|MM1001:_quick.Put()|};
            }
        """);

    [Theory]
    [InlineData("sealed class Device(bool slow) { public bool Slow => slow; }", "new(false)", "new(true)", "device.Slow")]
    [InlineData("[System.Flags] enum Quirk { None, Bounce, Slow } sealed class Device(Quirk quirks) { public Quirk Quirks { get; } = quirks; public bool Has(Quirk q) => (Quirks & q) != 0; }", "new(Quirk.Bounce)", "new(Quirk.Slow | Quirk.Bounce)", "device.Has(Quirk.Slow)")]
    [InlineData("enum Mode { Poll, Events } sealed class Device(Mode mode) { public bool IsSlow() => mode != Mode.Poll; }", "new(Mode.Poll)", "new(Mode.Events)", "device.IsSlow()")]
    [InlineData("sealed class Chip(bool slow) { public readonly bool Slow = slow; } sealed class Device(Chip chip) { public bool Slow => chip.Slow; }", "new(new Chip(false))", "new(new Chip(true))", "device.Slow")]
    public Task Device_ThatAnswersByWhatItWasMadeWith_TellsWhatIsDone(string types, string quick, string slow, string asked) => CheckAsync(
        types,
        $$"""
            static readonly Device s_quick = {{quick}}, s_slow = {{slow}};
            static void Delay(Device device) { if ({{asked}}) Scheduler.Schedule(); }
            static void Reset(Device device) => Delay(device);
            void M(Device unknown)
            {
                using (_lock.Hold())
                {
                    Reset(s_quick);
                    {|MM1001:Reset(s_slow)|};
                    {|MM1001:Reset(unknown)|};
                }
            }
        """);

    private static Task CheckAsync(string type, string members) => AnalyzerTest.CheckAsync(
        $$"""
        {{type}}

        sealed class Case
        {
            readonly TicketLock _lock = new();
        {{members}}
        }
        """);
}
