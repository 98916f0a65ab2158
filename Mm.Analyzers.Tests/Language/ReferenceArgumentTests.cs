using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a callee leaves in a variable of its caller, and an answer that it only says again.</summary>
public class ReferenceArgumentTests
{
    private const string Helpers =
        """
            static void Set(ref bool target, bool value) { target = value; }
            static void SetIf(ref bool target, bool value) { if (value) target = true; }
            static void Put(out bool target, bool value) { target = value; }
            static void SetFlags(ref Gfp target, Gfp value) { target = value; }
            static bool Say(bool value) => value;
            static T Same<T>(T value) => value;

        """;

    public static TheoryData<string, string> Cases => new()
    {
        { "set beside a condition", "void N(bool a, bool b) { bool t = false; Set(ref t, a && b); if (t) using (_lock.Hold()) {|MM1001:Scheduler.Msleep(1)|}; }" },
        { "set beside a choice", "void N(bool a, string s) { bool t = true; Set(ref t, a ? s == null : s == \"\"); if (!t) using (_lock.Hold()) {|MM1001:Scheduler.Msleep(1)|}; }" },
        { "a field beside a condition", "bool _f; void N(bool a, bool b) { _f = false; Set(ref _f, a && b); if (_f) using (_lock.Hold()) {|MM1001:Scheduler.Msleep(1)|}; }" },
        { "flags beside a choice", "void N(bool a) { var g = Gfp.Atomic; SetFlags(ref g, a ? Gfp.Kernel : Gfp.Atomic); using (_lock.Hold()) {|MM1003:Slab.Allocate(64, g)|}; }" },
        { "other flags beside a choice", "void N(bool a) { var g = Gfp.Kernel; SetFlags(ref g, a ? Gfp.Atomic : Gfp.None); using (_lock.Hold()) Slab.Allocate(64, g); }" },
        { "not set beside a condition", "void N(bool a, bool b) { bool t = false; Set(ref t, a && b && false); if (t) using (_lock.Hold()) Scheduler.Msleep(1); }" },
        { "set to what the caller said", "void M(bool a) { bool t = false; Set(ref t, a); if (t) Scheduler.Msleep(1); } void N() { using (_lock.Hold()) { M(false); {|MM1001:M(true)|}; } }" },
        { "set if the caller said so", "void M(bool a) { bool t = false; SetIf(ref t, a); if (t) Scheduler.Msleep(1); } void N() { using (_lock.Hold()) { M(false); {|MM1001:M(true)|}; } }" },
        { "put what the caller said", "void M(bool a) { Put(out bool t, a); if (t) Scheduler.Msleep(1); } void N() { using (_lock.Hold()) { M(false); {|MM1001:M(true)|}; } }" },
        { "a try, said again", "void N() { if (Say(_lock.TryAcquire())) _lock.Release(); if (Same(_lock.TryAcquire())) { {|MM1001:Scheduler.Msleep(1)|}; _lock.Release(); } }" },
        { "a try, said again to a local", "void N() { bool t = _lock.TryAcquire(); if (Same(t)) _lock.Release(); else Scheduler.Msleep(1); }" },
        { "a try, told by a local function", "void N() { bool t = _lock.TryAcquire(); bool IsTaken() => t; if (IsTaken()) _lock.Release(); else Scheduler.Msleep(1); }" },
        { "a try, told by a lambda", "void N() { bool t = _lock.TryAcquire(); Func<bool> isTaken = () => !t; if (isTaken()) Scheduler.Msleep(1); else _lock.Release(); }" },
        { "a try, told by a local function the other way", "void N() { bool t = _lock.TryAcquire(); bool IsFree() => !t; if (IsFree()) return; {|MM1001:Scheduler.Msleep(1)|}; _lock.Release(); }" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Reference_ToAVariable_IsWrittenThrough(string name, string members)
    {
        Assert.NotEmpty(name);
        return RuleCase.CheckAsync(Helpers + members);
    }
}
