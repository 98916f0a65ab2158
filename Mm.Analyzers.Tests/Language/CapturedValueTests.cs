using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What local functions and lambdas read of the variables around them is what these hold where they are invoked.</summary>
public class CapturedValueTests
{
    private const string Types =
        """
            class Request { public readonly Gfp Flags; public Gfp Later; public Request() { } public Request(Gfp flags) { Flags = flags; } }
            struct Options { public Gfp Flags; public bool Wait; }
            class Job { public virtual void Run() { Scheduler.Msleep(1); } }
            class Quick : Job { public override void Run() { } }
            abstract class Task
            {
                protected abstract void Step();
                public void Twice() { void Both() { Step(); Step(); } Both(); }
                public void Once() { Action step = () => Step(); step(); }
            }
            sealed class Slow : Task { protected override void Step() => Scheduler.Msleep(1); }
            sealed class Fast : Task { protected override void Step() { } }

        """;

    public static TheoryData<string, string> Cases => new()
    {
        { "flags of an object", "void N() { var r = new Request(Gfp.Kernel); void F() { Slab.Allocate(64, r.Flags); } using (_lock.Hold()) {|MM1003:F()|}; }" },
        { "other flags of an object", "void N() { var r = new Request(Gfp.Atomic); void F() { Slab.Allocate(64, r.Flags); } using (_lock.Hold()) F(); }" },
        { "flags set in an object", "void N() { var r = new Request { Later = Gfp.Kernel }; Action f = () => Slab.Allocate(64, r.Later); using (_lock.Hold()) {|MM1003:f()|}; }" },
        { "other flags set in an object", "void N() { var r = new Request { Later = Gfp.Atomic }; Action f = () => Slab.Allocate(64, r.Later); using (_lock.Hold()) f(); }" },
        { "flags of a struct", "void N() { var o = new Options { Flags = Gfp.Kernel }; void F() { Slab.Allocate(64, o.Flags); } using (_lock.Hold()) {|MM1003:F()|}; }" },
        { "other flags of a struct", "void N() { var o = new Options { Flags = Gfp.Atomic }; void F() { Slab.Allocate(64, o.Flags); } using (_lock.Hold()) F(); }" },
        { "flags of a parameter", "void M(Request r) { void F() { Slab.Allocate(64, r.Flags); } using (_lock.Hold()) F(); } void N() { {|MM1003:M(new Request(Gfp.Kernel))|}; M(new Request(Gfp.Atomic)); }" },
        { "flags that a caller chooses", "void M(bool atomic) { var g = atomic ? Gfp.Atomic : Gfp.Kernel; void F() { Slab.Allocate(64, g); } F(); } void N() { using (_lock.Hold()) { M(true); {|MM1003:M(false)|}; } }" },
        { "flags that a caller chooses, in a lambda", "void M(bool atomic) { var g = Gfp.Kernel; if (atomic) g = Gfp.Atomic; Action f = () => Slab.Allocate(64, g); f(); } void N() { using (_lock.Hold()) { M(true); {|MM1003:M(false)|}; } }" },
        { "the class of an object", "void N() { Job quick = new Quick(), job = new Job(); void F() => quick.Run(); void G() => job.Run(); using (_lock.Hold()) { F(); {|MM1001:G()|}; } }" },
        { "the class that a caller gives", "void M(Job job) { void F() => job.Run(); F(); } void N(Job any) { using (_lock.Hold()) { M(new Quick()); {|MM1001:M(new Job())|}; {|MM1001:M(any)|}; } }" },
        { "the class of the object itself", "void N() { using (_lock.Hold()) { new Fast().Twice(); {|MM1001:new Slow().Twice()|}; new Fast().Once(); {|MM1001:new Slow().Once()|}; } }" },
        { "the base class itself, without a local function", "static void M(Job job) => job.Run(); void N(Job any) { using (_lock.Hold()) { M(new Quick()); {|MM1001:M(new Job())|}; {|MM1001:M(any)|}; } }" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Captured_Variable_IsWhatItHoldsAtTheInvocation(string name, string members)
    {
        Assert.NotEmpty(name);
        return RuleCase.CheckAsync(Types + members);
    }
}
