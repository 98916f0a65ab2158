using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Code that a caller, which itself knows of no context, hands to a callee that runs it in one.</summary>
public class HandedCodeTests
{
    [Theory]
    [InlineData("static void Run(Action work) { using (Interrupts.Off()) work(); }", "Run(() => Scheduler.Schedule())")]
    [InlineData("static void Run(Action work) { using (Rcu.Read()) work(); }", "Run(Scheduler.Schedule)")]
    [InlineData("static void Run(Action work) { Preemption.Disable(); work(); Preemption.Enable(); }", "Run(() => Scheduler.Schedule())")]
    [InlineData("[RunsIn<SoftIrq>] static void Run(Action work) => work();", "Run(() => Scheduler.Schedule())")]
    [InlineData("static void Run(Action work) => Inner(work); static void Inner(Action f) { using (Rcu.Read()) f(); }", "Run(() => Scheduler.Schedule())")]
    [InlineData("delegate void Job(); static void Run(Job work) { using (Rcu.Read()) work(); }", "Run(() => Scheduler.Schedule())")]
    [InlineData("static void Run(IEnumerable<int> work) { using (Rcu.Read()) foreach (int n in work) { } }", "Run(Numbers())")]
    public Task Sleeper_HandedIntoAContext_IsReportedAtTheCall(string callee, string call) => CheckAsync(callee, $"{{|MM1001:{call}|}}");

    [Theory]
    [InlineData("static void Run(Action work) { using (Interrupts.Off()) work(); }", "Run(() => { })")]
    [InlineData("static void Run(Action work) { using (Rcu.Read()) { } work(); }", "Run(Scheduler.Schedule)")]
    [InlineData("static void Run(Action work) => work();", "Run(() => Scheduler.Schedule())")]
    [InlineData("static void Run(IEnumerable<int> work) { using (Rcu.Read()) { } }", "Run(Numbers())")]
    public Task Work_ThatMayRunThere_IsSilent(string callee, string call) => CheckAsync(callee, call);

    [Theory]
    [InlineData("using (t) { }", "new Slow()", true)]
    [InlineData("t.Dispose();", "new Slow()", true)]
    [InlineData("t.Dispose();", "new Quick()", false)]
    [InlineData("using (t) { }", "new Quick()", false)]
    public Task TypeArgument_ThatImplementsAnInterfaceOfDotnet_IsAsked(string body, string argument, bool isFound)
    {
        string call = $"Close({argument})";
        return AnalyzerTest.CheckAsync(
            $$"""
            using System;

            sealed class Slow : IDisposable { public void Dispose() => Scheduler.Schedule(); }
            sealed class Quick : IDisposable { public void Dispose() { } }

            static class Case
            {
                static void Close<T>(T t) where T : IDisposable { {{body}} }
                static void Locked<T>(TicketLock door, T t) where T : IDisposable { using (door.Hold()) t.Dispose(); }
                static void A(TicketLock door) { using (door.Hold()) {{(isFound ? "{|MM1001:" + call + "|}" : call)}}; }
                static void B(TicketLock door) => {{(isFound ? "{|MM1001:Locked(door, " + argument + ")|}" : "Locked(door, " + argument + ")")}};
            }
            """);
    }

    private static Task CheckAsync(string callee, string call) => AnalyzerTest.CheckAsync(
        $$"""
        using System;
        using System.Collections.Generic;

        static class Callee
        {
            {{callee.Replace("static void", "public static void", System.StringComparison.Ordinal).Replace("delegate void", "public delegate void", System.StringComparison.Ordinal)}}
            public static IEnumerable<int> Numbers() { Scheduler.Schedule(); yield return 1; }
        }

        static class Caller
        {
            static void M() => {{call.Replace("Run(", "Callee.Run(", System.StringComparison.Ordinal).Replace("Numbers", "Callee.Numbers", System.StringComparison.Ordinal)}};
        }
        """);
}
