using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A finally block that ends with a loop goes on behind its try.</summary>
public class FinallyLoopTests
{
    [Fact]
    public Task DoWhile_AtTheEnd_WhatComesBehindIsReached() => RuleCase.CheckAsync(
        """
            void M()
            {
                try { _count++; } finally { do { _count--; } while (Ready()); }
                using (_lock.Hold())
                {
                    {|MM1001:Scheduler.Msleep(1)|};
                }
            }
        """);

    [Fact]
    public Task DoWhile_InAHelper_ItsCallersGoOn() => RuleCase.CheckAsync(
        """
            int M()
            {
                try { return 1; } finally { do { _count--; } while (Ready()); }
            }
            void N()
            {
                using (_lock.Hold())
                {
                    M();
                    {|MM1001:Scheduler.Msleep(1)|};
                }
            }
        """);

    [Fact]
    public Task DoWhile_WithTheReleaseBefore_IsSilent() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                try { _count++; } finally { _lock.Release(); do { _count--; } while (Ready()); }
                Scheduler.Msleep(1);
            }
        """);

    [Fact]
    public Task DoWhile_WithoutARelease_IsReported() => RuleCase.CheckAsync(
        """
            void M()
            {
                _lock.Acquire();
                try { _count++; } finally { do { _count--; } while (Ready()); }
            {|MM2001:}|}
        """);
}
