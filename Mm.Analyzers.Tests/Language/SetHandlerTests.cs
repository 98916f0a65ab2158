using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Delegates and events that can be set: of an object that a method has made and set up, it knows what they are; of any other, what any of its class may have.</summary>
public class SetHandlerTests
{
    private const string Types =
        """
        VISIBLE class Options { public Action? Log { get; set; } }

        VISIBLE sealed class Job
        {
            public Action? Work { get; set; }
            public Action? Field;
            public event Action? Ended;
            readonly Options? _options;
            public Job() { }
            public Job(Options options) => _options = options;
            public Job(Action work) { Work = work; }
            public Job With(Action work) { Work = work; return this; }
            public void Run() => RunDeeper();
            void RunDeeper() => Work?.Invoke();
            public void RunField() { if (Field is { } field) field(); }
            public void End() => Ended?.Invoke();
            public void Log() => _options?.Log?.Invoke();
            public void Forget() => Work = null;
        }

        VISIBLE class Base { public Action? Done { get; set; } public void Complete() { Do(); Done?.Invoke(); } protected virtual void Do() { } }
        VISIBLE sealed class Derived : Base { protected override void Do() { } }
        VISIBLE sealed class Own { public Action? Work { get; set; } public void SetUp() => Work = () => Scheduler.Schedule(); public void Run() => Work?.Invoke(); }
        """;

    [Theory]
    [InlineData("var job = new Job { Work = Wait }; using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job(); job.Work = Wait; using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job(); job.Work = Nothing; job.Work += Wait; using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job { Work = Nothing }; if (which) job.Work = Wait; using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("using (_lock.Hold()) {|MM1001:Start(new Job { Work = Wait })|};")]
    [InlineData("var job = new Job { Field = Wait }; using (_lock.Hold()) {|MM1001:job.RunField()|};")]
    [InlineData("var job = new Job(); job.Ended += Wait; using (_lock.Hold()) {|MM1001:job.End()|};")]
    [InlineData("var job = new Job(); job.Ended += Nothing; job.Ended += Wait; job.Ended -= Nothing; using (_lock.Hold()) {|MM1001:job.End()|};")]
    [InlineData("var job = new Job(Wait); using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job().With(Wait); using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job(new Options { Log = Wait }); using (_lock.Hold()) {|MM1001:job.Log()|};")]
    [InlineData("Base done = new Derived { Done = Wait }; using (_lock.Hold()) {|MM1001:done.Complete()|};")]
    [InlineData("Job quick = new() { Work = Nothing }, slow = new() { Work = Wait }; using (_lock.Hold()) { quick.Run(); {|MM1001:slow.Run()|}; }")]
    [InlineData("var options = new Options { Log = Wait }; Action log = () => options.Log!(); using (_lock.Hold()) {|MM1001:log()|};")]
    [InlineData("var job = Make(Wait); using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("using (_lock.Hold()) {|MM1001:given.Run()|};")]
    [InlineData("var job = new Job { Work = Nothing }; var other = job; other.Work = Wait; using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var own = new Own(); own.Work = Nothing; own.SetUp(); using (_lock.Hold()) {|MM1001:own.Run()|};")]
    public Task Handler_ThatSleeps_IsReportedWhereTheObjectRunsIt(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("var job = new Job { Work = Nothing }; using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job(); job.Work = null; using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job(); job.Work = Wait; job.Work = Nothing; using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job { Work = Wait }; job.Run(); job.Work = null; using (_lock.Hold()) job.Run();")]
    [InlineData("using (_lock.Hold()) Start(new Job { Work = Nothing });")]
    [InlineData("var job = new Job { Field = Nothing }; using (_lock.Hold()) job.RunField();")]
    [InlineData("var job = new Job(); job.Ended += Nothing; using (_lock.Hold()) job.End();")]
    [InlineData("var job = new Job(); job.Ended += Wait; job.Ended -= Wait; using (_lock.Hold()) job.End();")]
    [InlineData("var job = new Job(Nothing); using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job(Wait).With(Nothing); using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job(Wait); job.With(Nothing); using (_lock.Hold()) job.Run();")]
    [InlineData("var job = new Job(new Options { Log = Nothing }); using (_lock.Hold()) job.Log();")]
    [InlineData("Base done = new Derived { Done = Nothing }; using (_lock.Hold()) done.Complete();")]
    [InlineData("var options = new Options { Log = Nothing }; Action log = () => options.Log!(); using (_lock.Hold()) log();")]
    [InlineData("for (int i = 0; i < 3; i++) { var job = new Job(); job.Work = Nothing; using (_lock.Hold()) job.Run(); }")]
    [InlineData("var job = Make(Nothing); using (_lock.Hold()) job.Run();")]
    public Task Handler_ThatDoesNot_IsNotTakenForThatOfAnotherObject(string statements) => CheckAsync(statements);

    [Theory]
    [InlineData("var job = new Job { Work = Nothing }; Action set = () => job.Work = Wait; set(); using (_lock.Hold()) {|MM1001:job.Run()|};")]
    [InlineData("var job = new Job { Work = Nothing }; Set(); using (_lock.Hold()) {|MM1001:job.Run()|}; void Set() { job.Work = Wait; }")]
    public Task Handler_ThatALambdaSets_IsNotKnown(string statements) => LanguageCase.ReportedInAsync(Source(statements).Replace("VISIBLE", "internal"));

    [Theory]
    [InlineData("var job = new Job { Field = Nothing }; Others(job, new Base(), new Options()); using (_lock.Hold()) {|MM1001:job.RunField()|};")]
    [InlineData("var job = new Job(); job.Ended += Nothing; Others(job, new Base(), new Options()); using (_lock.Hold()) {|MM1001:job.End()|};")]
    [InlineData("var job = new Job { Field = Nothing }; Others(new Job(), new Base(), new Options()); using (_lock.Hold()) job.RunField();")]
    [InlineData("var job = new Job { Work = Nothing }; Others(job, new Base(), new Options()); using (_lock.Hold()) job.Run();")]
    public Task Handler_ThatACalleeMaySet_IsNotKnownAfterIt(string statements) => CheckAsync(statements);

    private static Task CheckAsync(string statements) => LanguageCase.ReportedInBothAsync(Source(statements));

    private static string Source(string statements) =>
        $$"""
        using System;

        VISIBLE class Case
        {
            readonly TicketLock _lock = new();
            static void Nothing() { }
            static void Wait() => Scheduler.Schedule();
            static void Start(Job job) => job.Run();
            static Job Make(Action work) => new Job { Work = work };
            static void Others(Job job, Base done, Options options)
            {
                Make(Wait).With(Wait).Work = Nothing;
                new Job(Wait).Run();
                job.Field = Wait;
                job.Field = Nothing;
                job.Ended += Wait;
                job.Ended += Nothing;
                done.Done = Wait;
                options.Log = Wait;
            }

            public void M(Job given, bool which)
            {
                {{statements}}
            }
        }

        {{Types}}
        """;
}
