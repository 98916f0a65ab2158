using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;

namespace Mm.Analyzers.Tests.Language;

/// <summary>
/// One construct of the language between a spin lock and a sleep. Whatever the construct runs ends in <c>Work.Do</c>: in the first
/// run that sleeps, and the marks must be met; in the second it only spins, and nothing may be reported.
/// </summary>
internal static class LanguageCase
{
    private const string Sleeps = "Scheduler.Schedule()";
    private const string Spins = "Scheduler.Udelay(1)";

    /// <summary>Statements under a spin lock; beside them members of the same class and further types.</summary>
    internal static Task FoundAsync(string statements, string members = "", string types = "") => FoundInAsync(InClass(statements, members, types));

    /// <summary>A file of its own, with its lock in it.</summary>
    internal static async Task FoundInAsync(string markup)
    {
        await CheckAsync(markup, Sleeps);
        await CheckAsync(TestSource.Parse("Case.cs", markup).Text, Spins);
    }

    /// <summary>A file of its own, for constructs that sleep by themselves.</summary>
    internal static Task ReportedInAsync(string markup) => CheckAsync(markup, Spins);

    /// <summary>The same, with VISIBLE before types that users of the assembly may see or not: it makes no difference.</summary>
    internal static async Task ReportedInBothAsync(string markup)
    {
        await ReportedInAsync(markup.Replace("VISIBLE", "public"));
        await ReportedInAsync(markup.Replace("VISIBLE", "internal"));
    }

    /// <summary>Statements under a spin lock that mention the sleep and do not run it.</summary>
    internal static Task SilentAsync(string statements, string members = "", string types = "") =>
        CheckAsync(InClass(statements, members, types), Sleeps);

    private static Task CheckAsync(string markup, string work) => new AnalyzerTest(("Case.cs", markup), ("Work.cs", Work(work))).CheckAsync();

    private static string Work(string work) =>
        $$"""
        static class Work
        {
            public static void Do() => {{work}};

            public static int Get()
            {
                Do();
                return 1;
            }
        }
        """;

    private static string InClass(string statements, string members, string types) =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Diagnostics.CodeAnalysis;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Threading.Tasks;

        partial class Case
        {
            readonly TicketLock _lock = new();
            int _count;

            void UnderLock()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }

            {{members}}
        }

        {{types}}
        """;
}
