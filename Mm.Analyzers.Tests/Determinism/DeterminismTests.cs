using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Determinism;

/// <summary>The same sources give the same diagnostics, messages and paths, whatever the order and the number of threads.</summary>
public class DeterminismTests
{
    // Cycles across files, two equally short paths to a sleep, several implementations, a drop and retake:
    // all that an analysis on demand could answer differently when it starts elsewhere.
    private static readonly (string Path, string Text)[] _files =
    [
        ("Entry.cs",
        """
        class Entry
        {
            readonly TicketLock _lock = new();

            void A() { using (_lock.Hold()) { Ring.First(3); } }
            void B() { using (_lock.Hold()) { Ring.Second(3); Ring.Third(3); } }
            void C(IDevice device) { using (Rcu.Read()) { device.Flush(Gfp.Kernel); device.Flush(Gfp.Atomic); } }
            void D() { _lock.Acquire(); Fork.Either(true); Fork.Drop(_lock); _lock.Release(); }
            void E() { _lock.AcquireIrqSave(); Fork.Either(false); }
        }
        """),
        ("Ring.cs",
        """
        static class Ring
        {
            public static void First(int n) { if (n > 0) Second(n - 1); }
            public static void Second(int n) { Third(n - 1); Back.Again(n); }
            public static void Third(int n) { First(n); if (n == 1) Scheduler.Schedule(); }
        }
        """),
        ("Back.cs",
        """
        static class Back
        {
            public static void Again(int n) { Ring.First(n - 1); UserMemory.Touch(0); Ring.Third(n); }
        }
        """),
        ("Devices.cs",
        """
        interface IDevice { void Flush(Gfp gfp); }
        class Disk : IDevice { public virtual void Flush(Gfp gfp) => Slab.Allocate(8, gfp); }
        class Tape : Disk { public override void Flush(Gfp gfp) { Ring.First(1); Scheduler.Msleep(9); } }
        class Null : IDevice { public void Flush(Gfp gfp) { } }
        """),
        ("Fork.cs",
        """
        static class Fork
        {
            public static void Either(bool left) { if (left) Left(); else Right(); }
            static void Left() => Scheduler.Schedule();
            static void Right() => Scheduler.Schedule();
            public static void Drop(TicketLock l) { l.Release(); Scheduler.Schedule(); l.Acquire(); }
        }
        """),
    ];

    [Fact]
    public async Task Diagnostics_InAnyFileOrderAndOnAnyThreads_AreTheSame()
    {
        var reference = await RenderAsync(_files, concurrent: false);

        Assert.NotEqual("no diagnostics", reference);
        for (var turn = 0; turn < _files.Length; turn++)
        {
            var turned = _files.Skip(turn).Concat(_files.Take(turn)).ToArray();
            Assert.Equal(reference, await RenderAsync(turned, concurrent: false));
            Assert.Equal(reference, await RenderAsync([.. turned.Reverse()], concurrent: true));
        }
    }

    [Fact]
    public async Task Diagnostics_ConcurrentlyManyTimes_AreTheSame()
    {
        var reference = await RenderAsync(_files, concurrent: true);

        for (var time = 0; time < 20; time++)
        {
            Assert.Equal(reference, await RenderAsync(_files, concurrent: true));
        }
    }

    [Fact]
    public async Task Diagnostics_OfEachOpenFile_AreThoseOfTheBuild()
    {
        var build = await new AnalyzerTest(_files).RunAsync();
        var live = new LiveCompilation(_files);

        foreach (var (path, _) in _files)
        {
            var ofFile = build.Where(d => d.Location.GetLineSpan().Path == path);
            Assert.Equal(Rendering.Of(ofFile), Rendering.Of(await live.DiagnosticsAsync(path)));
        }
    }

    private static async Task<string> RenderAsync((string, string)[] files, bool concurrent) =>
        Rendering.Of(await new AnalyzerTest(files) { Concurrent = concurrent }.RunAsync());
}
