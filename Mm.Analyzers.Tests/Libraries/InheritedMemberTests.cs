using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>What a class in memory has inherited from a class that may wait does not wait; what it is handed may.</summary>
public class InheritedMemberTests
{
    [Theory]
    [InlineData("text.WriteLine(\"a\")")]
    [InlineData("text.Write(1)")]
    [InlineData("text.Flush()")]
    [InlineData("memory.ReadExactly(bytes)")]
    [InlineData("reader.ReadBlock(characters, 0, 1)")]
    [InlineData("new System.IO.StringWriter().WriteLine(3)")]
    [InlineData("{|MM1001:memory.CopyTo(stream)|}")]
    [InlineData("{|MM1001:writer.WriteLine(\"a\")|}")]
    [InlineData("{|MM1001:stream.ReadExactly(bytes)|}")]
    [InlineData("{|MM1001:own.WriteLine()|}")]
    public Task Member_InheritedInMemory_DoesNotWait(string call) => RuleCase.CheckAsync(
        $$"""
            sealed class Own : System.IO.StringWriter { public override void WriteLine() => Scheduler.Schedule(); }

            void M(System.IO.StringWriter text, System.IO.MemoryStream memory, System.IO.StringReader reader, System.IO.TextWriter writer, System.IO.Stream stream, byte[] bytes, char[] characters, Own own)
            {
                using (_lock.Hold()) {{call}};
            }
        """);

    [Fact]
    public Task Disposal_OfARegistration_WaitsForItsCallback() => RuleCase.CheckAsync(
        """
            void M(System.Threading.CancellationToken token)
            {
                using (_lock.Hold())
                {
                    using ({|MM1001:token.Register(() => { })|}) { }
                }
            }
        """);
}
