using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Every place on which the vocabulary may stand: callers take it at its word, and the body is held to it.</summary>
public class AttributeTargetTests
{
    [Theory]
    [InlineData("class Target { [Might<Sleep>] public Target() { } }", "_ = {|MM1001:new Target()|};")]
    [InlineData("[method: Might<Sleep>] class Target(int size) { public int Size => size; }", "_ = {|MM1001:new Target(1)|};")]
    [InlineData("class Target { public static int Size; [Might<Sleep>] static Target() { } }", "{|MM1001:Target.Size|} = 1;")]
    [InlineData("struct Target { [Might<Sleep>] public static Target operator +(Target a, Target b) => a; }", "Target a = default; _ = {|MM1001:a + a|}; {|MM1001:a += a|};")]
    [InlineData("struct Target { [Might<Sleep>] public static implicit operator int(Target a) => 1; }", "Target a = default; int n = {|MM1001:a|};")]
    [InlineData("struct Target { [Might<Sleep>] public static bool operator true(Target a) => true; public static bool operator false(Target a) => false; }", "Target a = default; if ({|MM1001:a|}) { }")]
    [InlineData("class Target { [Might<Sleep>] public int this[int i] { get => 1; set { } } }", "Target a = null!; _ = {|MM1001:a[1]|}; {|MM1001:a[1] = 2|};")]
    [InlineData("class Target { public int this[int i] { [Might<Sleep>] get => 1; set { } } }", "Target a = null!; _ = {|MM1001:a[1]|}; a[1] = 2;")]
    [InlineData("class Target { [Might<Sleep>] public int Size { get; set; } }", "Target a = null!; _ = {|MM1001:a.Size|}; {|MM1001:a.Size = 2|};")]
    [InlineData("class Target { public int Size { get; [Might<Sleep>] set; } }", "Target a = null!; _ = a.Size; {|MM1001:a.Size = 2|};")]
    [InlineData("class Target { public event Action Changed { [Might<Sleep>] add { } remove { } } }", "Target a = null!; {|MM1001:a.Changed += null|}; a.Changed -= null;")]
    [InlineData("class Target { [Might<Sleep>] public Action Run = null!; }", "Target a = null!; {|MM1001:a.Run()|};")]
    [InlineData("class Target { [Might<Sleep>] public Action Run { get; set; } = null!; }", "Target a = null!; {|MM1001:a.Run()|}; _ = a.Run;")]
    [InlineData("class Target { [return: Might<Sleep>] public static Action Get() => null!; }", "{|MM1001:Target.Get()()|};")]
    [InlineData("[Might<Sleep>] delegate void Target();", "Target a = null!; {|MM1001:a()|};")]
    [InlineData("interface ITarget { [Might<Sleep>] void Run() { } }", "ITarget a = null!; {|MM1001:a.Run()|};")]
    [InlineData("interface ITarget { void Run(); } class Target : ITarget { [Might<Sleep>] void ITarget.Run() { } }", "ITarget a = null!; {|MM1001:a.Run()|};")]
    [InlineData("partial class Target { [Might<Sleep>] public static partial int Get(); } partial class Target { public static partial int Get() => 1; }", "{|MM1001:Target.Get()|};")]
    [InlineData("partial class Target { public static partial int Get(); } partial class Target { [Might<Sleep>] public static partial int Get() => 1; }", "{|MM1001:Target.Get()|};")]
    [InlineData("static class Target { [Might<Sleep>] public static void Run(this int n) { } }", "{|MM1001:1.Run()|};")]
    [InlineData("", "Action a = [Might<Sleep>] () => { }; {|MM1001:a()|};")]
    [InlineData("", "[Might<Sleep>] void Local() { } {|MM1001:Local()|};")]
    public Task Might_OnAnyTarget_IsTakenAtItsWord(string types, string statements) => AnalyzerTest.CheckAsync(InCase(types, statements));

    [Theory]
    [InlineData("class Target { [Never<Sleep>] Target() { {|MM3003:Work()|}; } static void Work() => Scheduler.Schedule(); }")]
    [InlineData("class Target { int _size = {|MM3003:Work()|}; [Never<Sleep>] Target() { } [Never<Sleep>] Target(int n) { } static int Work() { Scheduler.Schedule(); return 1; } }")]
    [InlineData("class Target { int _size = {|MM1001:Work()|}; [RunsIn<PreemptOff>] Target() { } static int Work() { Scheduler.Schedule(); return 1; } }")]
    [InlineData("[method: Never<Sleep>] class Target(int n) { public int Size = {|MM3003:Work()|} + n; static int Work() { Scheduler.Schedule(); return 1; } }")]
    [InlineData("[method: RunsIn<PreemptOff>] class Target(int n) { public int Size { get; } = {|MM1001:Work()|} + n; static int Work() { Scheduler.Schedule(); return 1; } }")]
    [InlineData("class Root { public Root(int n) => Scheduler.Schedule(); } [method: Never<Sleep>] class Target(int n) : {|MM3003:Root(n)|};")]
    [InlineData("class Target { [Never<Sleep>] static Target() { {|MM3003:Scheduler.Schedule()|}; } }")]
    [InlineData("class Target { [RunsIn<PreemptOff>] ~Target() { {|MM1001:Scheduler.Schedule()|}; } }")]
    [InlineData("struct Target { [Never<Sleep>] public static Target operator +(Target a, Target b) { {|MM3003:Scheduler.Schedule()|}; return a; } }")]
    [InlineData("struct Target { [RunsIn<PreemptOff>] public static explicit operator int(Target a) { {|MM1001:Scheduler.Schedule()|}; return 1; } }")]
    [InlineData("class Target { [Never<Sleep>] int this[int i] { get { {|MM3003:Scheduler.Schedule()|}; return 1; } set { {|MM3003:Scheduler.Schedule()|}; } } }")]
    [InlineData("class Target { int Size { [RunsIn<PreemptOff>] get { {|MM1001:Scheduler.Schedule()|}; return 1; } set => Scheduler.Schedule(); } }")]
    [InlineData("class Target { event Action Changed { [Never<Sleep>] add { {|MM3003:Scheduler.Schedule()|}; } remove { Scheduler.Schedule(); } } }")]
    [InlineData("class Target { [return: Never<Sleep>] static Action Get() => {|MM3002:Scheduler.Schedule|}; }")]
    [InlineData("class Target { [Never<Sleep>] Action _run = {|MM3002:Scheduler.Schedule|}; }")]
    [InlineData("[Never<Sleep>] record Target(int Size) { void Run() => {|MM3003:Scheduler.Schedule()|}; }")]
    [InlineData("[RunsIn<PreemptOff>] record struct Target(int Size) { void Run() => {|MM1001:Scheduler.Schedule()|}; }")]
    [InlineData("[Never<Sleep>] class Target { static int s_size = {|MM3003:Work.Get()|}; int _size = {|MM3003:Work.Get()|}; static Target() { } Target() { } } static class Work { public static int Get() { Scheduler.Schedule(); return 1; } }")]
    [InlineData("[Never<Sleep>] partial class Target { } partial class Target { void Run() => {|MM3003:Scheduler.Schedule()|}; }")]
    [InlineData("interface ITarget { [Never<Sleep>] void Run() { {|MM3003:Scheduler.Schedule()|}; } }")]
    [InlineData("interface ITarget { int Size { get; } } class Target : ITarget { [RunsIn<PreemptOff>] int ITarget.Size { get { {|MM1001:Scheduler.Schedule()|}; return 1; } } }")]
    [InlineData("partial class Target { [Never<Sleep>] partial void Run(); } partial class Target { partial void Run() { {|MM3003:Scheduler.Schedule()|}; } }")]
    [InlineData("partial class Target { public partial int Get(); } partial class Target { [RunsIn<PreemptOff>] public partial int Get() { {|MM1001:Scheduler.Schedule()|}; return 1; } }")]
    [InlineData("class Root { public Root() => Scheduler.Schedule(); } class Target : Root { [Never<Sleep>] public Target() { {|MM3003:}|} }")]
    [InlineData("class Target { void Run() { [Never<Sleep>] void Local() => {|MM3003:Scheduler.Schedule()|}; Action lambda = [RunsIn<PreemptOff>] () => {|MM1001:Scheduler.Schedule()|}; } }")]
    public Task Promise_OnAnyTarget_IsCheckedInItsBody(string types) => AnalyzerTest.CheckAsync("using System;\n" + types);

    [Theory]
    [InlineData("class Target { [Requires<PreemptOff>] public Target() { } }", "_ = {|MM1008:new Target()|};")]
    [InlineData("[method: Requires<PreemptOff>] record Target(int Size);", "_ = {|MM1008:new Target(1)|};")]
    [InlineData("struct Target { [Requires<PreemptOff>] public static Target operator -(Target a) => a; }", "Target a = default; _ = {|MM1008:-a|};")]
    [InlineData("static class Target { public static int Size { [Requires<PreemptOff>] get => 1; set { } } }", "_ = {|MM1008:Target.Size|}; Target.Size = 1;")]
    [InlineData("[Requires<PreemptOff>] static class Target { public static void Run() { } }", "{|MM1008:Target.Run()|};")]
    [InlineData("interface ITarget { [Requires<PreemptOff>] void Run() { } }", "ITarget a = null!; {|MM1008:a.Run()|};")]
    [InlineData("[Requires<PreemptOff>] delegate void Target();", "Target a = null!; {|MM1008:a()|};")]
    [InlineData("", "[Requires<PreemptOff>] static void Local() { } {|MM1008:Local()|};")]
    public Task Requires_OnAnyTarget_IsOwedByTheCaller(string types, string statements) => AnalyzerTest.CheckAsync(
        $$"""
        using System;

        class Case
        {
            void M()
            {
                {{statements}}
            }
        }

        {{types}}
        """);

    private static string InCase(string types, string statements) =>
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }

        {{types}}
        """;
}
