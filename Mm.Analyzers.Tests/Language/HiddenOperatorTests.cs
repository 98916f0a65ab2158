using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Members that a promising body runs without a word of them: by writing through a reference, by a loop, by a type parameter.</summary>
public class HiddenOperatorTests
{
    [Theory]
    [InlineData("t.Cell = 1")]
    [InlineData("t[0] = 1")]
    [InlineData("t.Cell += 1")]
    public Task Reference_ThatIsWrittenThrough_IsAskedFor(string statement) => AnalyzerTest.CheckAsync(
        $$"""
        sealed class Table
        {
            int _cell;
            public ref int Cell { get { Scheduler.Schedule(); return ref _cell; } }
            public ref int this[int index] { get { Scheduler.Schedule(); return ref _cell; } }
            public ref int Quick => ref _cell;
        }

        static class Case
        {
            [Never<Sleep>] static void Wrong(Table t) { {{statement.Replace("t.Cell", "{|MM3003:t.Cell|}", System.StringComparison.Ordinal).Replace("t[0]", "{|MM3003:t[0]|}", System.StringComparison.Ordinal)}}; }
            [Never<Sleep>] static void Right(Table t) { t.Quick = 1; }
        }
        """);

    [Fact]
    public Task Loop_OverAnArray_ConvertsItsElements() => AnalyzerTest.CheckAsync(
        """
        readonly struct Handle { public static implicit operator Handle(int n) { Scheduler.Schedule(); return default; } }

        static class Case
        {
            [Never<Sleep>] static void Wrong(int[] numbers) { foreach (Handle h in {|MM3003:numbers|}) { } }
            [Never<Sleep>] static void Right(int[] numbers) { foreach (long n in numbers) { } }
        }
        """);

    [Theory]
    [InlineData("{|MM1001:To(new Slow())|}")]
    [InlineData("{|MM1001:Increment(new Slow())|}")]
    [InlineData("To(new Quick())")]
    [InlineData("Increment(new Quick())")]
    public Task Operator_OfATypeParameter_IsThatOfTheArgument(string call) => AnalyzerTest.CheckAsync(
        $$"""
        interface INumber<T> where T : INumber<T>
        {
            static abstract implicit operator long(T t);
            static abstract T operator ++(T t);
        }

        struct Slow : INumber<Slow>
        {
            public static implicit operator long(Slow t) { Scheduler.Schedule(); return 1; }
            public static Slow operator ++(Slow t) { Scheduler.Schedule(); return t; }
        }

        struct Quick : INumber<Quick>
        {
            public static implicit operator long(Quick t) => 1;
            public static Quick operator ++(Quick t) => t;
        }

        static class Case
        {
            static long To<T>(T t) where T : INumber<T> => t;
            static T Increment<T>(T t) where T : INumber<T> => ++t;
            static void M(TicketLock door) { using (door.Hold()) {{call}}; }
        }
        """);
}
