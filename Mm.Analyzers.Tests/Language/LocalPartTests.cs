using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Parts of an object that the same method has made: what a call of the object does hangs on what it was made with.</summary>
public class LocalPartTests
{
    [Theory]
    [InlineData("readonly ISink _sink; public Log(ISink sink) { _sink = sink; } public void Info() => _sink.Put();", "new Log(new Ring())", "new Log(new Disk())")]
    [InlineData("readonly ISink _sink; public Log(ISink sink) => _sink = sink ?? throw new ArgumentNullException(); public void Info() => _sink.Put();", "new Log(new Ring())", "new Log(new Disk())")]
    [InlineData("public required ISink Sink { get; init; } public void Info() => Sink.Put();", "new Log { Sink = new Ring() }", "new Log { Sink = new Disk() }")]
    [InlineData("public ISink? Sink { get; init; } public void Info() => Sink?.Put();", "new Log()", "new Log { Sink = new Disk() }")]
    [InlineData("readonly Base _sink; public Log(Base sink) { _sink = sink; } public void Info() => _sink.Put();", "new Log(new Ring())", "new Log(new Disk())")]
    public Task Part_OfAnObjectMadeHere_IsOfTheClassThatItWasMadeWith(string members, string quick, string slow) => LanguageCase.FoundAsync(
        $"var log = {quick}; log.Info(); Use(log); var other = {slow}; {{|MM1001:other.Info()|}}; {{|MM1001:Use(other)|}};",
        "static void Use(Log log) => log.Info();",
        $$"""
        interface ISink { void Put(); }
        abstract class Base : ISink { public abstract void Put(); }
        sealed class Ring : Base { public override void Put() { } }
        sealed class Disk : Base { public override void Put() => Work.Do(); }
        sealed class Log { {{members}} }
        """);
}
