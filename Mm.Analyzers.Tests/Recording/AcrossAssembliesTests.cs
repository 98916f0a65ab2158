using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Mm.Analyzers.Tests.Recording;

/// <summary>What one assembly has recorded, another is judged by.</summary>
public class AcrossAssembliesTests
{
    private const string Storage =
        """
        namespace Storage;

        public sealed class Journal
        {
            private readonly SleepingMutex _mutex = new();

            public void Append(int size) => Flush();
            private void Flush() => _mutex.Acquire();
            public int Count(int limit) => limit;
            public void AppendUnless(bool quiet) { if (!quiet) Flush(); }
            public object? Room(Gfp how) => Slab.Allocate(1, how);
            public void Arm(System.Action tick) => Timer(() => tick());
            private static void Timer([RunsIn<SoftIrq>] System.Action tick) { }
            public void Each(System.Action<int> action) { for (int i = 0; i < 3; i++) action(i); }
            public async System.Threading.Tasks.Task FlushAsync() { Flush(); await System.Threading.Tasks.Task.Yield(); }
            [Never<Sleep>, Trusted("measured")] public void Quick() => Flush();
            [ForbiddenIn<IrqOff>] public void Nested() { }
            public void AroundNested() => Nested();
            public int Size { get { Flush(); return 1; } }
        }

        public sealed class Gate
        {
            private readonly TicketLock _lock = new();
        #pragma warning disable MM2001, MM2002 // declared by nobody: that is what is to be recorded
            public void Close() => _lock.Acquire();
            public void Open() => _lock.Release();
            public bool TryClose() { if (!_lock.TryAcquire()) return false; return true; }
        #pragma warning restore MM2001, MM2002
            public void DropAround() { _lock.Release(); Scheduler.Schedule(); _lock.Acquire(); }
            public System.IDisposable Hold() => new Held();
        }

        [Scope<SpinLockHeld>] internal sealed class Held : System.IDisposable { public void Dispose() { } }

        public interface ISink { void Write(); }
        public abstract class Sink : ISink { public abstract void Write(); }
        internal sealed class DiskSink : Sink { public override void Write() => Scheduler.Schedule(); }
        public class Buffer { public virtual void Drain() { } }
        internal sealed class SlowBuffer : Buffer { public override void Drain() => Scheduler.Schedule(); }
        public static class Flags { public static Gfp Any() => Preemption.IsOff ? Gfp.Atomic : Gfp.Kernel; public static Gfp Wait(bool wait) => wait ? Gfp.Kernel : Gfp.Atomic; }
        public static class Must
        {
            public static void BeAtomic() { if (!Preemption.IsOff) throw new System.InvalidOperationException(); }
            public static void NotBeAtomic() { if (Preemption.IsOff) throw new System.InvalidOperationException(); }
            public static void Hold(bool condition) { if (!condition) throw new System.InvalidOperationException(); }
            public static void Note(bool condition) { if (!condition) System.Console.WriteLine(); }
        }
        public static class Generic { public static void Use<T>(T item) where T : ISink => item.Write(); }
        """;

    private static readonly Recorded _storage = Recorded.Of("Storage", Storage);

    [Theory]
    [InlineData("{|MM1001:_journal.Append(1)|};", "_journal.Count(1);")]
    [InlineData("_ = {|MM1001:_journal.Size|};", "_journal.Quick();")]
    [InlineData("{|MM1001:_journal.AppendUnless(false)|};", "_journal.AppendUnless(true);")]
    [InlineData("{|MM1003:_journal.Room(Gfp.Kernel)|};", "_journal.Room(Gfp.Atomic);")]
    [InlineData("{|MM1001:_journal.Each(i => Scheduler.Msleep(i))|};", "_journal.Each(i => Scheduler.Udelay(i));")]
    [InlineData("{|MM1003:_journal.Room(Flags.Wait(true))|};", "_journal.Room(Flags.Any());")]
    [InlineData("_ = {|MM1001:_journal.FlushAsync()|};", "_ = new Storage.Journal();")]
    [InlineData("{|MM1001:_sink.Write()|};", "_sink.ToString();")]
    [InlineData("{|MM1001:_buffer.Drain()|};", "new Buffer().Drain();")]
    public Task Call_UnderALock_IsJudgedByWhatWasRecorded(string bad, string good) => CheckAsync(
        $$"""
        using Storage;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Journal _journal = new();
            readonly ISink _sink = null!;
            readonly Buffer _buffer = new();

            void Bad() { using (_lock.Hold()) { {{bad}} } }
            void Good() { using (_lock.Hold()) { {{good}} } }
            void Outside() { {{Unmarked(bad)}} }
        }
        """);

    [Fact]
    public Task Transitions_ThatNobodyDeclared_AreFollowed() => CheckAsync(
        """
        class Case
        {
            readonly Storage.Gate _gate = new();

            void Balanced() { _gate.Close(); _gate.Open(); Scheduler.Schedule(); }

            void Asleep()
            {
                _gate.Close();
                {|MM1001:Scheduler.Schedule()|};
                _gate.Open();
            }

            void Tried()
            {
                if (!_gate.TryClose()) { Scheduler.Schedule(); return; }
                {|MM1001:Scheduler.Schedule()|};
                _gate.Open();
            }

            void Forgotten() { _gate.Close(); {|MM2001:}|}

            void Unentered() { {|MM2002:_gate.Open()|}; }

            void Dropped() { _gate.Close(); _gate.DropAround(); _gate.Open(); }
        }
        """);

    [Fact]
    public Task Assertions_OfARecordedMember_TellTheContext() => CheckAsync(
        """
        using Storage;

        class Case
        {
            readonly TicketLock _lock = new();

            [Requires<PreemptOff>] static void Need() { }

            void Asked() { Must.BeAtomic(); Need(); {|MM1001:Scheduler.Schedule()|}; }

            void Handed() { Must.Hold(Preemption.IsOff); Need(); }

            void Noted() { Must.Note(Preemption.IsOff); {|MM1008:Need()|}; Scheduler.Schedule(); }

            static void Settle() { Must.NotBeAtomic(); Scheduler.Schedule(); }

            void M() { using (_lock.Hold()) Settle(); }
        }
        """);

    [Fact]
    public Task TypeArguments_OfARecordedGeneric_AreFollowed() => CheckAsync(
        """
        using Storage;

        sealed class Waiting : ISink { public void Write() => Scheduler.Schedule(); }
        sealed class Quick : ISink { public void Write() { } }

        class Case
        {
            readonly TicketLock _lock = new();

            void Bad() { using (_lock.Hold()) {|MM1001:Generic.Use(new Waiting())|}; }
            void Good() { using (_lock.Hold()) Generic.Use(new Quick()); }
        }
        """);

    [Fact]
    public Task Guard_BehindAnInterface_IsKnownByTheTypeThatWasMade() => CheckAsync(
        """
        class Case
        {
            readonly Storage.Gate _gate = new();

            void Bad() { using (_gate.Hold()) {|MM1001:Scheduler.Schedule()|}; }
            void Good() { using (_gate.Hold()) { } Scheduler.Schedule(); }
        }
        """);

    [Fact]
    public Task Contexts_ThatACalleeIsForbiddenIn_AreHeardOf() => CheckAsync(
        """
        class Case
        {
            readonly Storage.Journal _journal = new();

            void Bad() { using (Interrupts.Off()) {|MM1007:_journal.AroundNested()|}; }
            void Good() => _journal.AroundNested();
        }
        """);

    [Fact]
    public Task Delegate_ThatTheOtherAssemblyStartsInAContext_IsJudgedThere() => CheckAsync(
        """
        class Case
        {
            readonly Storage.Journal _journal = new();

            void Bad() => {|MM1001:_journal.Arm(() => Scheduler.Schedule())|};
            void Good() { using (new TicketLock().Hold()) _journal.Arm(() => { }); }
        }
        """);

    [Fact]
    public Task Promise_OfTheCaller_IsCheckedThroughTheOtherAssembly() => CheckAsync(
        """
        class Case
        {
            readonly Storage.Journal _journal = new();

            [Never<Sleep>] void Bad() => {|MM3003:_journal.Append(1)|};
            [Never<Sleep>] void Good() => _journal.Count(1);
        }
        """);

    [Fact]
    public Task Implementation_OfAForeignInterface_CountsBesideThoseOfTheOtherAssembly() => CheckAsync(
        """
        using Storage;

        sealed class Quiet : Sink { public override void Write() { } }

        class Case
        {
            readonly TicketLock _lock = new();

            void Any(Sink sink) { using (_lock.Hold()) {|MM1001:sink.Write()|}; }
            void Own(Quiet sink) { using (_lock.Hold()) sink.Write(); }
        }
        """);

    [Fact]
    public async Task Path_ThroughThreeAssemblies_IsToldWhole()
    {
        var middle = Recorded.Of(
            "Tables",
            """
            namespace Tables;

            public sealed class Table
            {
                private readonly Storage.Journal _journal = new();

                public void Insert(int row) => Log(row);
                private void Log(int row) => _journal.Append(row);
            }
            """,
            references: _storage.Reference);

        var found = await new AnalyzerTest(
            """
            class Case
            {
                readonly TicketLock _lock = new();
                readonly Tables.Table _table = new();

                void Update() { using (_lock.Hold()) Write(1); }
                void Write(int row) => _table.Insert(row);
            }
            """) { Kernel = Kernel.Reference, References = [_storage.Reference, middle.Reference] }.RunAsync();

        var report = Assert.Single(found);
        Assert.Equal("MM1001", report.Id);
        Assert.Contains("Path: Write → Insert → Log → Append → Flush → SleepingMutex.Acquire", report.GetMessage());
    }

    [Fact]
    public async Task Assembly_WithoutRecords_IsTrustedAsBefore()
    {
        var silent = Recorded.Of("Storage", Storage, property: null);
        Assert.Equal("", silent.Text);
        await new AnalyzerTest("class Case { void M() { using (new TicketLock().Hold()) new Storage.Journal().Append(1); } }")
        {
            Kernel = Kernel.Reference, References = [silent.Reference],
        }.CheckAsync();
    }

    [Theory]
    [InlineData("(1,", "(2,")]                          // of a version to come
    [InlineData("might\\tMm.Contexts.Sleep", "naps\\tlong")] // with lines that nobody knows
    public async Task Records_ThatAreNotUnderstood_AreLeftAside(string before, string after)
    {
        var other = TestCompilation.Start(Kernel.Reference).WithAssemblyName("Storage").AddSyntaxTrees(
            TestCompilation.Parse("Storage.cs", Storage), TestCompilation.Parse("Records.cs", _storage.Text.Replace(before, after)));
        Assert.NotEqual(_storage.Text, _storage.Text.Replace(before, after));

        await new AnalyzerTest("class Case { void M() { using (new TicketLock().Hold()) new Storage.Journal().Append(1); } }")
        {
            Kernel = Kernel.Reference, References = [TestCompilation.Image(other)],
        }.CheckAsync();
    }

    [Theory]
    [InlineData("[Never<Sleep>, Trusted(\"known\")]", false)]
    [InlineData("", true)]
    public async Task Annotation_OnTheMember_WinsOverTheRecord(string annotation, bool isReported)
    {
        // The record of a build in which the annotation was not there yet.
        string source = $"namespace Storage; public sealed class Journal {{ {annotation} public void Append(int size) => Scheduler.Schedule(); }}";
        var records = Recorded.Of("Storage", source.Replace(annotation.Length > 0 ? annotation : "~", "")).Text;
        var compilation = TestCompilation.Start(Kernel.Reference).WithAssemblyName("Storage").AddSyntaxTrees(
            TestCompilation.Parse("Storage.cs", source), TestCompilation.Parse("Records.cs", records));
        string call = isReported ? "{|MM1001:new Storage.Journal().Append(1)|}" : "new Storage.Journal().Append(1)";

        await new AnalyzerTest($"class Case {{ void M() {{ using (new TicketLock().Hold()) {call}; }} }}")
        {
            Kernel = Kernel.Reference, References = [TestCompilation.Image(compilation)],
        }.CheckAsync();
    }

    [Fact]
    public async Task Silence_InARecord_IsKnowledge() => await new AnalyzerTest(
        """
        class Case
        {
            [Never<Sleep>] int Known(Storage.Journal journal) => journal.Count(1);
        }
        """)
    { Kernel = Kernel.Reference, References = [_storage.Reference], Options = new Dictionary<string, string> { ["mm_unknown_callees"] = "report" } }.CheckAsync();

    private static string Unmarked(string markup) => TestSource.Parse("Case.cs", markup).Text;

    /// <summary>The marks must be met, and word for word what is said where the bodies are there to be seen.</summary>
    private static async Task CheckAsync(string markup)
    {
        await new AnalyzerTest(markup) { Kernel = Kernel.Reference, References = [_storage.Reference] }.CheckAsync();
        var across = await new AnalyzerTest(markup) { Kernel = Kernel.Reference, References = [_storage.Reference] }.RunAsync();
        var within = await new AnalyzerTest(("Case.cs", markup), ("Storage.cs", Storage)) { Kernel = Kernel.Reference }.RunAsync();

        Assert.Equal(Messages(within), Messages(across));
    }

    private static IEnumerable<string> Messages(IEnumerable<Diagnostic> diagnostics) => diagnostics
        .Where(diagnostic => diagnostic.Location.SourceTree!.FilePath == "Case.cs")
        // A lock of the other assembly has no name here: it is called by that of the object which holds it.
        .Select(diagnostic => diagnostic.GetMessage().Replace("'_gate'", "'_gate._lock'"))
        .Order(StringComparer.Ordinal);
}
