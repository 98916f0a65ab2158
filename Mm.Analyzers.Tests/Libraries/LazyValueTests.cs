using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>Whether the value of a Lazy&lt;T&gt; waits: for its lock, or for what its factory waits for, unless it is there.</summary>
public class LazyValueTests
{
    private const string Members =
        """
            static readonly System.Lazy<int> s_locked = new(() => 3), s_given = new(3);
            static readonly System.Lazy<System.Func<int>> s_function = new(value: () => 3), s_made = new(valueFactory: () => () => 3);
            readonly System.Lazy<int> _unknown;

            Case(System.Lazy<int> unknown) => _unknown = unknown;

        """;

    [Theory]
    [InlineData("_count = s_given.Value;")]
    [InlineData("_count = s_function.Value();")]
    [InlineData("if (s_locked.IsValueCreated) _count = s_locked.Value;")]
    [InlineData("if (!_unknown.IsValueCreated) return; _count = _unknown.Value;")]
    [InlineData("_count = _unknown is { IsValueCreated: true } ? _unknown.Value : 0;")]
    public Task Value_ThatIsThere_DoesNotWait(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { using (_lock.Hold()) { {{statements}} } }""");

    [Theory]
    [InlineData("_count = {|MM1001:s_locked.Value|};")]
    [InlineData("_count = {|MM1001:s_made.Value|}();")]
    [InlineData("if (!s_locked.IsValueCreated) _count = {|MM1001:s_locked.Value|};")]
    [InlineData("if (s_locked.IsValueCreated) _count = {|MM1001:_unknown.Value|};")]
    public Task Value_ThatMayNotBeThere_Waits(string statements) => RuleCase.CheckAsync(Members + $$"""    void M() { using (_lock.Hold()) { {{statements}} } }""");

    [Theory]
    [InlineData("if (_unknown.IsValueCreated) _count = _unknown.Value; _count = s_given.Value;")]
    [InlineData("_count = {|MM1004:_unknown.Value|};")]
    public Task Value_ThatIsThere_DoesNotAllocate(string statements) => RuleCase.CheckAsync(Members + $$"""    [RunsIn<NoGc>] void M() { {{statements}} }""");
}
