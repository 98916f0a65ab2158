using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>Disposing of .NET's own objects does what their class does, however the call is written.</summary>
public class DisposedMemberTests
{
    private const string Parameters = "System.IO.FileStream file, System.IO.BinaryWriter binary, System.IO.StreamWriter writer, System.IO.BufferedStream buffered, System.IO.MemoryStream memory, System.IO.StringWriter text, System.IO.Stream any, System.Threading.Timer timer";

    [Theory]
    [InlineData("{|MM1001:file.Dispose()|};")]
    [InlineData("{|MM1001:file.Close()|};")]
    [InlineData("using ({|MM1001:file|}) _count++;")]
    [InlineData("{|MM1001:binary.Dispose()|};")]
    [InlineData("using ({|MM1001:binary|}) _count++;")]
    [InlineData("{|MM1001:((IDisposable)binary).Dispose()|};")]
    [InlineData("{|MM1001:writer.Dispose()|};")]
    [InlineData("using ({|MM1001:buffered|}) _count++;")]
    [InlineData("{|MM1001:Close(file)|};")]
    [InlineData("memory.Dispose(); using (memory) _count++;")]
    [InlineData("text.Dispose(); Close(text);")]
    [InlineData("any.Dispose(); using (any) _count++;")]
    [InlineData("timer.Dispose(); using (timer) _count++;")]
    public Task Disposal_OfAnObjectOfDotnet_IsThatOfItsClass(string statement) => RuleCase.CheckAsync(
        $$"""
            static void Close<T>(T resource) where T : IDisposable => resource.Dispose();
            void M({{Parameters}}) { using (_lock.Hold()) { {{statement}} } }
        """);

    [Fact]
    public Task SpinLock_ThatSaysThatItIsHeld_IsHeld() => RuleCase.CheckAsync(
        """
            System.Threading.SpinLock _spin = new(true);
            [Requires<SpinLockHeld>] void Touch() => _count++;
            void M() { if (_spin.IsHeldByCurrentThread) Touch(); }
            void N() { if (_spin.IsHeldByCurrentThread) {|MM1001:Scheduler.Schedule()|}; }
            void O() { if (!_spin.IsHeldByCurrentThread) Scheduler.Schedule(); }
        """);
}
