using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Contexts;

/// <summary>What a type says of its members holds in their lambdas: what is wrong there is said there, and not where they are invoked.</summary>
public class LambdaInAnnotatedTypeTests
{
    [Fact]
    public Task Lambda_OfATypeThatRunsInAContext_IsReportedInside() => AnalyzerTest.CheckAsync(
        """
        using System;
        using System.Collections.Generic;

        [RunsIn<SoftIrq>]
        class Handlers
        {
            void Invoked()
            {
                Action act = () => {|MM1001:Scheduler.Schedule()|};
                act();
            }

            void Passed(List<int> numbers)
            {
                numbers.ForEach(number => {|MM1001:Scheduler.Schedule()|});
                Run(() => {|MM1001:Scheduler.Schedule()|});
            }

            static void Run(Action act) => act();
        }

        class Free
        {
            [RunsIn<SoftIrq>]
            void Invoked()
            {
                Action act = () => Scheduler.Schedule();
                {|MM1001:act()|};
            }
        }
        """);

    [Fact]
    public Task Lambda_OfATypeThatPromises_IsReportedInside() => AnalyzerTest.CheckAsync(
        """
        using System;

        [Never<Sleep>]
        class Promising
        {
            void Invoked()
            {
                Action act = () => {|MM3003:Scheduler.Schedule()|};
                act();
            }
        }
        """);
}
