using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>Iterators and async methods: calling them makes an object, whatever their bodies do.</summary>
public partial class MM3003ContractViolatedTests
{
    [Fact]
    public Task Machine_ThatPromisesNeverToAllocate_IsReportedOnItsName() => RuleCase.CheckAsync(
        """
            [Never<Allocate>]
            System.Collections.Generic.IEnumerable<int> {|MM3003:Numbers|}() { yield return 1; }

            [Never<Allocate>]
            async System.Threading.Tasks.Task {|MM3003:Later|}() => await System.Threading.Tasks.Task.Yield();

            [Never<Allocate>]
            System.Collections.Generic.IEnumerable<int> Property { {|MM3003:get|} { yield return 1; } }

            [Never<Allocate>, Trusted("the builder takes it from a pool")]
            async System.Threading.Tasks.ValueTask Pooled() => await System.Threading.Tasks.Task.Yield();

            [Never<Sleep>]
            System.Collections.Generic.IEnumerable<int> AnotherPromise() { yield return 1; }

            [Never<Allocate>]
            void Callers()
            {
                Numbers();
                Later();
                Pooled();
                {|MM3003:AnotherPromise()|};
            }
        """);

    [Fact]
    public Task Machine_ThatInheritsThePromise_BreaksItByName() => RuleCase.CheckAsync(
        """
            interface ISource
            {
                [Never<Allocate>]
                System.Collections.Generic.IEnumerable<int> Numbers();

                [Never<Allocate>]
                System.Threading.Tasks.Task Later();
            }

            sealed class Written : ISource
            {
                public System.Collections.Generic.IEnumerable<int> {|MM3001:Numbers|}() { yield return 1; }

                public async System.Threading.Tasks.Task {|MM3001:Later|}() => await System.Threading.Tasks.Task.Yield();
            }

            sealed class Handed : ISource
            {
                private readonly int[] _numbers = { 1 };

                public System.Collections.Generic.IEnumerable<int> Numbers() => _numbers;

                public System.Threading.Tasks.Task Later() => System.Threading.Tasks.Task.CompletedTask;
            }
        """);

    [Fact]
    public Task Machine_ForAPromisingPlace_BreaksThePromise() => RuleCase.CheckAsync(
        """
            void Take([Never<Allocate>] Func<System.Collections.Generic.IEnumerable<int>> source) { }

            void Take([Never<Allocate>] Func<System.Threading.Tasks.Task> work) { }

            System.Collections.Generic.IEnumerable<int> Numbers() { yield return 1; }

            async System.Threading.Tasks.Task Later() => await System.Threading.Tasks.Task.Yield();

            void Callers()
            {
                Take({|MM3002:Numbers|});
                Take({|MM3002:Later|});
                Take(() => System.Threading.Tasks.Task.CompletedTask);
            }
        """);

    [Fact]
    public Task Iterator_CalledThroughADelegate_RunsWhereItIsEnumerated() => RuleCase.CheckAsync(
        """
            System.Collections.Generic.IEnumerable<int> Numbers()
            {
                Scheduler.Schedule();
                yield return 1;
            }

            void Call()
            {
                Func<System.Collections.Generic.IEnumerable<int>> source = Numbers;
                using (_lock.Hold())
                {
                    var numbers = source();
                    foreach (int number in {|MM1001:numbers|}) { }
                }
            }

            [Never<Allocate>]
            void Promise(int count)
            {
                Func<System.Collections.Generic.IEnumerable<int>> source = {|MM3003:Numbers|};
                {|MM3003:source()|};
            }
        """);

    [Fact]
    public Task ExpressionTree_IsAnObject() => RuleCase.CheckAsync(
        """
            [Never<Allocate>]
            System.Linq.Expressions.Expression<Func<int>> Tree() => {|MM3003:() => 1|};

            [Never<Sleep>]
            System.Linq.Expressions.Expression<Action> NeverRuns() => () => Scheduler.Schedule();
        """);
}
