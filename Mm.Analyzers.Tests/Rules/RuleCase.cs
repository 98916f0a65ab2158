using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Rules;

/// <summary>The members of a class that has the usual locks at hand: what a case writes out is only what it is about.</summary>
internal static class RuleCase
{
    internal static Task CheckAsync(string members) => AnalyzerTest.CheckAsync(InClass(members));

    internal static Task<string> RenderAsync(string members) => AnalyzerTest.RenderAsync(InClass(members));

    internal static string InClass(string members) =>
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly TicketLock _other = new();
            readonly RawTicketLock _raw = new();
            readonly RtTicketLock _rt = new();
            readonly SleepingMutex _mutex = new();
            int _count;

            bool Ready() => _count > 0;

        {{members}}
        }
        """;
}
