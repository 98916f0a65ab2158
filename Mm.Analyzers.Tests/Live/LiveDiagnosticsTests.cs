using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Live;

/// <summary>What an editor shows of an open file while other files change.</summary>
public class LiveDiagnosticsTests
{
    private const string Caller =
        """
        class Queue
        {
            readonly TicketLock _lock = new();

            public void Drain()
            {
                using (_lock.Hold())
                {
                    Device.Flush();
                }
            }
        }
        """;

    private const string Sleeping = "static class Device { public static void Flush() { Scheduler.Msleep(1); } }";
    private const string Waiting = "static class Device { public static void Flush() { Scheduler.Udelay(1); } }";

    [Fact]
    public async Task OpenFile_HelperElsewhereSleeps_ShowsTheCall() =>
        Assert.Equal(["MM1001 Device.Flush()"], await Project(Sleeping).SquigglesAsync("Queue.cs"));

    [Fact]
    public async Task OpenFile_HelperEditedBackAndForth_FollowsEachEdit()
    {
        var project = Project(Sleeping);
        Assert.Equal(["MM1001 Device.Flush()"], await project.SquigglesAsync("Queue.cs"));

        project.Edit("Device.cs", Waiting);
        Assert.Empty(await project.SquigglesAsync("Queue.cs"));

        project.Edit("Device.cs", Sleeping);
        Assert.Equal(["MM1001 Device.Flush()"], await project.SquigglesAsync("Queue.cs"));
    }

    [Fact]
    public async Task OpenFile_OnlyHelperIsOpen_ShowsNothingOfTheOtherFile() =>
        Assert.Empty(await Project(Sleeping).SquigglesAsync("Device.cs"));

    [Fact]
    public async Task OpenFile_CalleeThreeFilesAway_ShowsTheCallWithItsPath()
    {
        var project = new LiveCompilation(
            ("Queue.cs", Caller),
            ("Device.cs", "static class Device { public static void Flush() { Bus.Settle(); } }"),
            ("Bus.cs", "static class Bus { public static void Settle() { Clock.Tick(); } }"),
            ("Clock.cs", "static class Clock { public static void Tick() { Scheduler.Schedule(); } }"));

        var shown = Assert.Single(await project.DiagnosticsAsync("Queue.cs"));

        Assert.Equal("MM1001", shown.Id);
        Assert.Contains("Clock.cs", Rendering.Of([shown]));

        project.Edit("Clock.cs", "static class Clock { public static void Tick() { } }");
        Assert.Empty(await project.SquigglesAsync("Queue.cs"));
    }

    [Fact]
    public async Task OpenFile_HelperHalfTyped_DoesNotThrowAndRecovers()
    {
        var project = Project("static class Device { public static void Flush() { Scheduler.Msleep(");
        await project.SquigglesAsync("Queue.cs");

        project.Edit("Device.cs", "static class Device { public static void");
        await project.SquigglesAsync("Queue.cs");

        project.Edit("Device.cs", Sleeping);
        Assert.Equal(["MM1001 Device.Flush()"], await project.SquigglesAsync("Queue.cs"));
    }

    [Fact]
    public async Task OpenFile_ImplementationAddedElsewhere_ShowsTheVirtualCall()
    {
        var project = new LiveCompilation(
            ("Queue.cs",
            """
            interface IDevice { void Flush(); }

            class Queue
            {
                readonly TicketLock _lock = new();

                public void Drain(IDevice device)
                {
                    using (_lock.Hold())
                    {
                        device.Flush();
                    }
                }
            }
            """),
            ("Device.cs", "class Quick : IDevice { public void Flush() { } }"));
        Assert.Empty(await project.SquigglesAsync("Queue.cs"));

        project.Edit("Device.cs", "class Slow : IDevice { public void Flush() { Scheduler.Msleep(1); } }");
        Assert.Equal(["MM1001 device.Flush()"], await project.SquigglesAsync("Queue.cs"));
    }

    [Fact]
    public async Task OpenFile_CycleAcrossFiles_ShowsTheSameFromBothSides()
    {
        var project = new LiveCompilation(
            ("A.cs", "static class A { static readonly TicketLock L = new(); public static void Step(int n) { if (n > 0) B.Step(n - 1); } public static void Run() { using (L.Hold()) { Step(3); } } }"),
            ("B.cs", "static class B { static readonly TicketLock L = new(); public static void Step(int n) { A.Step(n); Scheduler.Schedule(); } public static void Run() { using (L.Hold()) { Step(3); } } }"));

        Assert.Equal(["MM1001 Step(3)"], await project.SquigglesAsync("A.cs"));
        Assert.Equal(["MM1001 Step(3)"], await project.SquigglesAsync("B.cs"));
    }

    private static LiveCompilation Project(string device) => new(("Queue.cs", Caller), ("Device.cs", device));
}
