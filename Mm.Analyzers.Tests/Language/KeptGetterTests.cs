using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags that an object was made with, behind a member that hands them out.</summary>
public class KeptGetterTests
{
    [Theory]
    [InlineData("struct Request { Gfp _gfp; public Request(Gfp gfp) { _gfp = gfp; } public readonly Gfp Flags => _gfp; public readonly bool MayWait => (_gfp & Gfp.Kernel) == Gfp.Kernel; }")]
    [InlineData("struct Request(Gfp gfp) { public Gfp Flags => gfp; public bool MayWait => (gfp & Gfp.Kernel) == Gfp.Kernel; }")]
    [InlineData("readonly struct Request(Gfp gfp) { public Gfp Flags { get; } = gfp; public bool MayWait => (Flags & Gfp.Kernel) == Gfp.Kernel; }")]
    [InlineData("sealed class Request(Gfp gfp) { public Gfp Flags => gfp; public bool MayWait => (gfp & Gfp.Kernel) == Gfp.Kernel; }")]
    [InlineData("sealed class Request { readonly Gfp _gfp; public Request(Gfp gfp) { _gfp = gfp; } public Gfp Flags => _gfp; public bool MayWait => (_gfp & Gfp.Kernel) == Gfp.Kernel; }")]
    public Task Flags_BehindAGetter_AreThoseOfTheObject(string type) => LanguageCase.ReportedInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();

            static void Take(Request request) => Slab.Allocate(8, request.Flags);
            static void TakeDeeper(Request request) => Take(request);
            static void Maybe(Request request) { if (request.MayWait) Scheduler.Schedule(); }

            void M()
            {
                using (_lock.Hold())
                {
                    Take(new Request(Gfp.Atomic));
                    {|MM1003:TakeDeeper(new Request(Gfp.Kernel))|};
                    Maybe(new Request(Gfp.Atomic));
                    {|MM1001:Maybe(new Request(Gfp.Kernel))|};
                    var made = new Request(Gfp.Kernel);
                    {|MM1003:Slab.Allocate(8, made.Flags)|};
                    var quiet = new Request(Gfp.Atomic);
                    Slab.Allocate(8, quiet.Flags);
                    if (quiet.MayWait) Scheduler.Schedule();
                }
            }
        }

        {{type}}
        """);
}
