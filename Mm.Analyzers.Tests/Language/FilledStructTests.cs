using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Structs that a callee fills: what it leaves in them is known to whoever goes on with them.</summary>
public class FilledStructTests
{
    [Theory]
    [InlineData("Request r = default; Set(ref r, Gfp.Atomic); Send(r);", "Request r = default; Set(ref r, Gfp.Kernel); {|MM1003:Send(r)|};")]
    [InlineData("var r = new Request { Flags = Gfp.Kernel }; Mask(ref r); Send(r);", "var r = new Request { Flags = Gfp.Kernel }; Mark(ref r); {|MM1003:Send(r)|};")]
    [InlineData("Request r = default; Add(ref r, Gfp.Zeroed); Send(r);", "var r = new Request { Flags = Gfp.Atomic }; Add(ref r, Gfp.MayBlock); {|MM1003:Send(r)|};")]
    [InlineData("Start(out var r, Gfp.Atomic); Send(r);", "Start(out var r, Gfp.Kernel); {|MM1003:Send(r)|};")]
    [InlineData("Send(Make(Gfp.Atomic));", "{|MM1003:Send(Make(Gfp.Kernel))|};")]
    [InlineData("var r = Make(Gfp.Atomic); Send(r);", "var r = Make(Gfp.Kernel); {|MM1003:Send(r)|};")]
    [InlineData("Request r = default; Choose(ref r, false); Send(r);", "Request r = default; Choose(ref r, true); {|MM1003:Send(r)|};")]
    [InlineData("Request r = default; Branch(ref r, false); Send(r);", "Request r = default; Branch(ref r, true); {|MM1003:Send(r)|};")]
    [InlineData("Request r = default; for (int i = 0; i < 3; i++) { Set(ref r, Gfp.Atomic); Send(r); }", "Request r = default; for (int i = 0; i < 3; i++) { Set(ref r, Gfp.Kernel); {|MM1003:Send(r)|}; }")]
    [InlineData("Request r = default; Twice(ref r, Gfp.Atomic); Send(r);", "Request r = default; Twice(ref r, Gfp.Kernel); {|MM1003:Send(r)|};")]
    [InlineData("Request r = default; Set(ref r, Gfp.Kernel); r.Flags = Gfp.Atomic; Send(r);", "Request r = default; r.Flags = Gfp.Atomic; Set(ref r, Gfp.Kernel); {|MM1003:Send(r)|};")]
    public Task Flags_ThatACalleeLeavesInAStruct_AreKnown(string quick, string slow) => ValueCase.CheckAsync(
        "a struct of flags",
        $$"""
        struct Request { public Gfp Flags; public bool IsUrgent; }
        static void Set(ref Request r, Gfp flags) => r.Flags = flags;
        static void Twice(ref Request r, Gfp flags) => Set(ref r, flags);
        static void Mask(ref Request r) => r.Flags &= ~Gfp.MayBlock;
        static void Mark(ref Request r) => r.IsUrgent = true;
        static void Add(ref Request r, Gfp flags) => r.Flags |= flags;
        static void Start(out Request r, Gfp flags) => r = new Request { Flags = flags };
        static Request Make(Gfp flags) { Request r = default; r.Flags = flags; return r; }
        static void Choose(ref Request r, bool wait) => r.Flags = wait ? Gfp.Kernel : Gfp.Atomic;
        static void Branch(ref Request r, bool wait) { if (wait) r.Flags = Gfp.Kernel; else r.Flags = Gfp.Atomic; r.IsUrgent = wait; }
        static void Send(Request r) => Slab.Allocate(8, r.Flags);
        void M() { using (_lock.Hold()) { {{quick}} } }
        void N() { using (_lock.Hold()) { {{slow}} } }
        """);

    [Theory]
    [InlineData("Mark(ref r, false); if (r.IsUrgent) Scheduler.Schedule();", "Mark(ref r, true); if (r.IsUrgent) {|MM1001:Scheduler.Schedule()|};")]
    [InlineData("Hook(ref r, Quick); r.Done!();", "Hook(ref r, Wait); {|MM1001:r.Done!()|};")]
    public Task Parts_OtherThanFlags_AreKnown(string quick, string slow) => ValueCase.CheckAsync(
        "a struct of a truth and a delegate",
        $$"""
        struct Request { public bool IsUrgent; public Action? Done; }
        static void Mark(ref Request r, bool isUrgent) => r.IsUrgent = isUrgent;
        static void Hook(ref Request r, Action done) => r.Done = done;
        static void Quick() { }
        static void Wait() => Scheduler.Schedule();
        void M() { Request r = default; using (_lock.Hold()) { {{quick}} } }
        void N() { Request r = default; using (_lock.Hold()) { {{slow}} } }
        """);
}
