using System.Linq;
using System.Threading.Tasks;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Recording;

/// <summary>The text that is recorded: a format that other builds read.</summary>
[UsesVerify]
public class RecordTests
{
    private const string Source =
        """
        namespace Storage;

        public class Journal
        {
            private readonly SleepingMutex _mutex = new();
            private readonly TicketLock _lock = new();

            public void Append() => Flush();
            private void Flush() => _mutex.Acquire();
            public void AppendUnless(bool quiet) { if (!quiet) Flush(); }
            public object? Room(Gfp how) => Slab.Allocate(1, how);
            public void RoomUnderLock(Gfp how) { using (_lock.Hold()) Slab.Allocate(1, how); }
            public void Each(System.Action<int> action) => action(1);
            public void Nothing(int size) { }
            [Might<Sleep>] public void Declared() => Flush();
            [Trusted("primitive")] public void Taken() => Flush();
            internal void Inside() => Flush();
        #pragma warning disable MM2001, MM2002 // declared by nobody: that is what is to be recorded
            public void Close() => _lock.Acquire();
            public bool TryClose() { if (!_lock.TryAcquire()) return false; return true; }
        #pragma warning restore MM2001, MM2002
            public void DropAround() { _lock.Release(); Scheduler.Schedule(); _lock.Acquire(); }
            public void InAtomic() { if (Preemption.IsOff) return; Scheduler.Schedule(); }
            public virtual void Drain() { }
            [System.Runtime.InteropServices.DllImport("c")] public static extern void Native();
        }

        public sealed class SlowJournal : Journal { public override void Drain() => Scheduler.Schedule(); }
        public interface ISink { void Write(int n); }
        internal sealed class Sink : ISink { public void Write(int n) { if (n > 3) Scheduler.Schedule(); } }
        """;

    [Fact]
    public Task Record_OfALibrary_IsAsReviewed() => Verifier.Verify(Recorded.Of("Storage", Source).Text.Replace("\\n", "\\n\n        "));

    [Theory]
    [InlineData(null)]
    [InlineData("false")]
    [InlineData("")]
    public void Record_OfAProjectThatDoesNotAsk_IsNotWritten(string? property) => Assert.Empty(Recorded.Of("Storage", Source, property).Text);

    [Theory]
    [InlineData("", false)]
    [InlineData("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Friend\")]", true)]
    public void Record_OfInternalMembers_IsWrittenForFriendsOnly(string attribute, bool isWritten) =>
        Assert.Equal(isWritten, Recorded.Of("Storage", attribute + " class Case { internal void M() => Scheduler.Schedule(); }").Text.Contains("M:Case.M"));

    [Fact]
    public void Record_OfAProjectWithoutContexts_DoesNotMakeItOneWithThem()
    {
        var records = TestCompilation.Parse("obj/Mm.RecordedSummaries.g.cs", "[assembly: Mm.Contexts.RecordedSummaries(1)]");
        var other = TestCompilation.Parse("Other.cs", "[assembly: Mm.Contexts.RecordedSummaries(1)]");

        Assert.False(NameIndex.CanMatter(TestCompilation.Start(Kernel.None).AddSyntaxTrees(records), default));
        Assert.True(NameIndex.CanMatter(TestCompilation.Start(Kernel.None).AddSyntaxTrees(other), default));
    }

    [Fact]
    public void Record_OfOneSourceInAnyOrderOfMembers_IsTheSame()
    {
        var members = new[] { "public void A() => Scheduler.Schedule();", "public void B(int n) { if (n == 3) A(); }", "public void C() { A(); UserMemory.Touch(1); }" };
        string[] orders = [string.Concat(members), string.Concat(members.Reverse())];
        Assert.Single(orders.Select(order => Recorded.Of("Storage", $"public class Case {{ {order} }}").Text).Distinct());
    }

    [Theory]
    [InlineData("p0")]
    [InlineData("(Equal (And p1 12) 0)")]
    [InlineData("(Not (Less 3 p0))")]
    [InlineData("(Equal p0 'a%0020b%00e4)")]
    [InlineData("(Equal p0 null)")]
    [InlineData("(Add p0 -7)")]
    public void Value_WrittenAndRead_IsTheSame(string text) => Assert.Equal(text, ValueText.Of(ValueText.ReadValue(text)!));

    [Theory]
    [InlineData("=5")]
    [InlineData("=null")]
    [InlineData("+3,-c")]
    [InlineData("!0,!null")]
    [InlineData("+1,!'x")]
    public void Known_WrittenAndRead_IsTheSame(string text) => Assert.Equal(text, ValueText.Of(ValueText.ReadKnown(text)!));

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("(And p0")]
    [InlineData("(Frobnicate p0 1)")]
    [InlineData("(Not p0 1)")]
    [InlineData("q0")]
    [InlineData("p99999999999")]
    [InlineData("p0 p1")]
    [InlineData("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((")]
    public void Value_ThatIsNone_IsNotRead(string text) => Assert.Null(ValueText.ReadValue(text));

    [Fact]
    public void Value_OfSomethingOtherThanParameters_HasNoText()
    {
        Assert.Null(ValueText.Of(Symbol.This));
        Assert.Null(ValueText.Of(Symbol.Result(3)));
        Assert.Null(ValueText.Of(Fold.Equal(Symbol.Parameter(0), Symbol.Result(3))));
        Assert.Null(ValueText.Of(Constant.Of(1.5)));
    }
}
