using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a generic method gives back of what it was given: whether that is a delegate, its caller knows.</summary>
public class GenericChoiceTests
{
    private const string Members =
        """
        static void Rest() { }
        static T Choose<T>(bool first, T left, T right) => first ? left : right;
        static T Or<T>(T? left, T right) where T : class => left ?? right;
        static void Give<T>(T value, out T same) => same = value;
        static void GiveAction(Action value, out Action same) => same = value;
        """;

    [Theory]
    [InlineData("{|MM1001:Choose<Action>(false, Rest, Work.Do)()|};")]
    [InlineData("{|MM1001:Choose<Action>(_count > 3, Rest, Work.Do)()|};")]
    [InlineData("{|MM1001:Or<Action>(null, Work.Do)()|};")]
    [InlineData("Give<Action>(Work.Do, out var same); {|MM1001:same()|};")]
    [InlineData("GiveAction(Work.Do, out var same); {|MM1001:same()|};")]
    public Task Delegate_ThatAGenericGivesBack_IsTheOneItWasGiven(string statements) => LanguageCase.FoundAsync(statements, Members);

    [Theory]
    [InlineData("Choose<Action>(true, Rest, Work.Do)();")]
    [InlineData("Or<Action>(Rest, Work.Do)();")]
    [InlineData("Give<Action>(Rest, out var same); same();")]
    [InlineData("GiveAction(Rest, out var same); same();")]
    [InlineData("_ = Choose(_count > 3, 1, 2);")]
    public Task Delegate_ThatIsNotChosen_DoesNotRun(string statements) => LanguageCase.SilentAsync(statements, Members + " void Unused() => Work.Do();");
}
