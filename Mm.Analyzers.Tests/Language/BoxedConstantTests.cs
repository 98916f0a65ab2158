using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Patterns: a number in an object has a type, null has none, and alternatives exclude the rest.</summary>
public class BoxedConstantTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "int, long and character",
            """
            void N(object o)
            {
                using (_lock.Hold())
                {
                    if (o is 1)
                    {
                        if (o is 1L) Scheduler.Schedule();
                        if (o is 1) {|MM1001:Scheduler.Schedule()|};
                        if (o is 'a') Scheduler.Schedule();
                        if (o == null) Scheduler.Schedule();
                    }
                    else if (o is 1L) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "zero is not null",
            """
            void N(object? o)
            {
                using (_lock.Hold())
                {
                    if (o is not 0)
                    {
                        if (o is null) {|MM1001:Scheduler.Schedule()|};
                        if (o is 0u) {|MM1001:Scheduler.Schedule()|};
                        if (o is 0) Scheduler.Schedule();
                    }
                }
            }
            """
        },
        {
            "a switch",
            """
            void N(object o)
            {
                using (_lock.Hold())
                {
                    switch (o)
                    {
                        case 97: return;
                        case 'a': {|MM1001:Scheduler.Schedule()|};
                        break;
                        case "a": {|MM1001:Scheduler.Schedule()|};
                        break;
                        case Kind.A: {|MM1001:Scheduler.Schedule()|};
                        break;
                    }
                    if (o is 97) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "a declared number",
            """
            void N(object o)
            {
                using (_lock.Hold())
                {
                    if (o is int n && n == 3)
                    {
                        if (o is not int) Scheduler.Schedule();
                        if (n != 3) Scheduler.Schedule();
                    }
                    if (o is int and 5)
                    {
                        if (o is 5) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "as a type that it may not be",
            """
            void N(object o)
            {
                var s = o as string;
                using (_lock.Hold())
                {
                    if (s == null)
                    {
                        if (o == null) return;
                        {|MM1001:Scheduler.Schedule()|};
                    }
                    else if (o == null) Scheduler.Schedule();
                }
            }
            """
        },
        {
            "a property of a type that it may not be",
            """
            void N(object o)
            {
                using (_lock.Hold())
                {
                    if (o is string { Length: 3 }) return;
                    if (o is string) {|MM1001:Scheduler.Schedule()|};
                }
            }
            void N2(object o)
            {
                using (_lock.Hold())
                {
                    if (o is string { }) return;
                    if (o != null) {|MM1001:Scheduler.Schedule()|};
                }
            }
            """
        },
        {
            "flags in an object",
            """
            void M(object o)
            {
                using (_lock.Hold())
                {
                    if (o is Gfp g && (g & Gfp.MayBlock) == 0)
                    {
                        Slab.Allocate(64, g);
                        Slab.Allocate(64, (Gfp)o);
                    }
                    if (o is Gfp.Kernel) {|MM1003:Slab.Allocate(64, (Gfp)o)|};
                }
            }
            """
        },
        {
            "an enumeration",
            """
            void M(Enum e)
            {
                using (_lock.Hold())
                {
                    if (e is Kind.A)
                    {
                        if (e is Gfp.None) Scheduler.Schedule();
                        if (e is Kind.A) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "a type parameter",
            """
            void M<T>(T t)
            {
                using (_lock.Hold())
                {
                    if (t is 1)
                    {
                        if (t is 1L) Scheduler.Schedule();
                        if (t is null) Scheduler.Schedule();
                        if (t is 1) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Constant_InAnObject_MatchesItsOwnTypeOnly(string what, string members) => ValueCase.CheckAsync(what, members);
}
