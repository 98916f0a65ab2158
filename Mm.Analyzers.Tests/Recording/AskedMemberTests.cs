using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Recording;

/// <summary>What a recorded body calls on an object that it was given runs a class which perhaps only the calling assembly has.</summary>
public class AskedMemberTests
{
    private static readonly Recorded _library = Recorded.Of(
        "Library",
        """
        public interface IBackend<T> { void Flush(T item); }
        public interface ISink { void Write(); }
        public sealed class Nowhere : ISink { public void Write() { } }
        public interface IPromising { [Never<Sleep>] void Write(); }

        public sealed class Pump<T>
        {
            public void Run(IBackend<T> backend, T item) => backend.Flush(item);
        }

        public static class Lines
        {
            private static readonly TicketLock s_lock = new();
            public static void Write(ISink sink) => sink.Write();
            public static void WriteTwice(ISink sink) { Write(sink); Write(sink); }
            public static void WriteUnless(ISink sink, bool quiet) { if (!quiet) sink.Write(); }
            public static void WriteUnderLock(ISink sink) { using (s_lock.Hold()) sink.Write(); }
            public static void EachUnderLock(System.Action action) { using (s_lock.Hold()) action(); }
            public static void WriteLater(ISink sink) => System.Threading.Tasks.Task.Run(() => sink.Write());
            public static void WritePromising(IPromising sink) => sink.Write();
        }

        public abstract class Stage
        {
            public void Run() => Step();
            protected abstract void Step();
        }
        """);

    private static readonly Recorded _middle = Recorded.Of(
        "Middle",
        """
        public static class Through { public static void Write(ISink sink) => Lines.WriteTwice(sink); }
        """,
        references: _library.Reference);

    [Theory]
    [InlineData("{|MM1001:_pump.Run(disk, 1)|};")]
    [InlineData("_pump.Run(memory, 1);")]
    [InlineData("{|MM1001:_pump.Run(any, 1)|};")]
    [InlineData("_texts.Run(both, \"\");")]
    [InlineData("{|MM1001:_pump.Run(both, 1)|};")]
    [InlineData("{|MM1001:Lines.Write(slow)|};")]
    [InlineData("Lines.Write(quick);")]
    [InlineData("Lines.Write(new Quick());")]
    [InlineData("{|MM1001:Lines.Write(new Slow())|};")]
    [InlineData("ISink made = new Quick(); Lines.Write(made);")]
    [InlineData("{|MM1001:Lines.Write(sink)|};")]
    [InlineData("Lines.Write(new Nowhere());")]
    [InlineData("{|MM1001:Lines.WriteTwice(slow)|};")]
    [InlineData("Lines.WriteTwice(quick);")]
    [InlineData("{|MM1001:Through.Write(slow)|};")]
    [InlineData("Through.Write(quick);")]
    [InlineData("{|MM1001:Lines.WriteUnless(slow, false)|}; Lines.WriteUnless(slow, true);")]
    [InlineData("Lines.WriteLater(slow);")]
    [InlineData("Lines.WritePromising(promising);")]
    [InlineData("{|MM1001:_sleeping.Run()|};")]
    [InlineData("_spinning.Run();")]
    [InlineData("{|MM1001:Helper(slow)|}; Helper(quick);")]
    public Task RecordedCall_OnAnObjectOfTheCaller_RunsItsClass(string statements) => CheckAsync(
        $$"""
            void M(Disk disk, Memory memory, IBackend<int> any, Both both, Slow slow, Quick quick, ISink sink, IPromising promising)
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }

            static void Helper(Slow slow) => Lines.Write(slow);
            static void Helper(Quick quick) => Lines.Write(quick);
        """);

    [Fact]
    public Task RecordedCall_UnderTheLockOfTheLibrary_IsReportedWhereTheObjectIsGiven() => CheckAsync(
        """
            void M(Slow slow, Quick quick)
            {
                {|MM1001:Lines.WriteUnderLock(slow)|};
                Lines.WriteUnderLock(quick);
                Lines.Write(slow);
                {|MM1001:Lines.EachUnderLock(() => Scheduler.Schedule())|};
                Lines.EachUnderLock(() => { });
            }
        """);

    private static Task CheckAsync(string members) => new AnalyzerTest(
        $$"""
        sealed class Disk : IBackend<int> { public void Flush(int item) => Scheduler.Schedule(); }
        sealed class Memory : IBackend<int> { public void Flush(int item) { } }
        sealed class Both : IBackend<int>, IBackend<string> { void IBackend<int>.Flush(int item) => Scheduler.Schedule(); void IBackend<string>.Flush(string item) { } }
        class Slow : ISink { public virtual void Write() => Scheduler.Schedule(); }
        class Quick : ISink { public virtual void Write() { } }
        sealed class Faster : Quick { public override void Write() { } }
        sealed class Promising : IPromising { public void {|MM3001:Write|}() => Scheduler.Schedule(); }
        sealed class Sleeping : Stage { protected override void Step() => Scheduler.Schedule(); }
        sealed class Spinning : Stage { protected override void Step() { } }

        class Case
        {
            readonly TicketLock _lock = new();
            readonly Pump<int> _pump = new();
            readonly Pump<string> _texts = new();
            readonly Sleeping _sleeping = new();
            readonly Spinning _spinning = new();

        {{members}}
        }
        """)
    {
        Kernel = Kernel.Reference, References = [_library.Reference, _middle.Reference],
    }.CheckAsync();
}
