using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Tables of operations that are copies of others with some handlers replaced: 'Quick with { Read = … }'.</summary>
public class ChangedCopyTests
{
    [Theory]
    [InlineData("Ops.Quick.Read(); Ops.Quick.Write(); Ops.Quick.Poll?.Invoke();")]
    [InlineData("{|MM1001:Ops.Slow.Read()|}; Ops.Slow.Write(); Ops.Slow.Poll?.Invoke();")]
    [InlineData("Ops.Polled.Read(); Ops.Polled.Write(); Ops.Polled.Poll?{|MM1001:.Invoke()|};")]
    [InlineData("Read(Ops.Quick); {|MM1001:Read(Ops.Slow)|}; Read(Ops.Polled); {|MM1001:Read(Ops.Quick with { Read = Work.Do })|}; Read(Ops.Slow with { Read = Rest });")]
    [InlineData("var ops = Ops.Quick with { Write = Work.Do }; ops.Read(); {|MM1001:ops.Write()|}; Ops.Quick.Write();")]
    [InlineData("var first = new Ops(Rest, Work.Do); var ops = first with { Read = Work.Do }; {|MM1001:ops.Read()|}; {|MM1001:ops.Write()|}; first.Read();")]
    [InlineData("_ops.Write(); {|MM1001:_ops.Read()|};")]
    [InlineData("Small.Quick.Read(); {|MM1001:Small.Slow.Read()|}; Small.Slow.Write();")]
    [InlineData("var small = Small.Quick with { Write = Work.Do }; small.Read(); {|MM1001:small.Write()|}; Small.Quick.Write();")]
    public Task Handler_OfACopy_IsTheNewOneOrThatOfTheOriginal(string statements) => LanguageCase.FoundAsync(
        statements,
        "readonly Ops _ops = Ops.Slow; static void Read(Ops ops) => ops.Read(); static void Rest() { }",
        """
        sealed record Ops(Action Read, Action Write)
        {
            public Action? Poll { get; init; }
            public static readonly Ops Quick = new(static () => { }, static () => { });
            public static readonly Ops Slow = Quick with { Read = static () => Work.Do() };
            public static readonly Ops Polled = Slow with { Poll = Work.Do, Read = static () => { } };
        }

        readonly record struct Small(Action Read, Action Write)
        {
            public static readonly Small Quick = new(static () => { }, static () => { });
            public static readonly Small Slow = Quick with { Read = Work.Do };
        }
        """);

    [Fact]
    public Task Handler_OfAllTablesOfAClass_MayBeThatOfACopy() => LanguageCase.FoundAsync(
        "{|MM1001:Ops.Start().Run()|};",
        "",
        """
        sealed record Ops(Action Read)
        {
            readonly TicketLock _lock = new();
            public static Ops Start() => Pick(new Ops(static () => { }));
            static Ops Pick(Ops ops) => ops.GetHashCode() > 3 ? ops with { Read = Work.Do } : ops;
            public void Run() => Read();
            public void Locked() { using (_lock.Hold()) {|MM1001:Read()|}; }
        }
        """);
}
