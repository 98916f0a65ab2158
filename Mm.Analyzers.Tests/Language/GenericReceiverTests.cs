using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What a generic runs on its type argument: told by the receiver's class, by the caller, or by nobody.</summary>
public class GenericReceiverTests
{
    private const string Types =
        """
        interface IRun { void Run(); }
        struct Slow : IRun { public void Run() => Work.Do(); }
        struct Fast : IRun { public void Run() { } }
        class Base { public virtual void Run() { } }
        sealed class Kept<T> : Base, IRun, IDisposable where T : struct, IRun { T _inner; public override void Run() => _inner.Run(); public void Dispose() => _inner.Run(); }
        struct Held<T> : IRun, IDisposable where T : struct, IRun { T _inner; public void Run() => _inner.Run(); public void Dispose() => _inner.Run(); }
        interface IBoth { void Both<V>(V value) where V : IRun; }
        sealed class Pair<T> : IBoth where T : struct, IRun { T _inner; public void Both<V>(V value) where V : IRun { _inner.Run(); value.Run(); } }

        """;

    [Theory]
    [InlineData("Kept<Fast> kept", "((IRun)kept).Run();")]
    [InlineData("Kept<Slow> kept", "{|MM1001:((IRun)kept).Run()|};")]
    [InlineData("Held<Fast> kept", "((IRun)kept).Run();")]
    [InlineData("Held<Slow> kept", "{|MM1001:((IRun)kept).Run()|};")]
    [InlineData("Kept<Fast> kept", "using (kept) { }")]
    [InlineData("Kept<Slow> kept", "using ({|MM1001:kept|}) { }")]
    [InlineData("Held<Fast> kept", "using (kept) { }")]
    [InlineData("Held<Slow> kept", "using ({|MM1001:kept|}) { }")]
    [InlineData("Kept<Slow> kept", "{|MM1001:((Base)kept).Run()|};")]
    [InlineData("Kept<Fast> kept", "((Base)kept).Run();")]
    [InlineData("int unused", "Base made = new Kept<Fast>(); made.Run();")]
    [InlineData("int unused", "Base made = new Kept<Slow>(); {|MM1001:made.Run()|};")]
    [InlineData("int unused", "IRun made = new Kept<Slow>(); {|MM1001:made.Run()|};")]
    [InlineData("Pair<Fast> pair", "((IBoth)pair).Both(new Fast());")]
    [InlineData("Pair<Fast> pair", "{|MM1001:((IBoth)pair).Both(new Slow())|};")]
    [InlineData("Pair<Slow> pair", "{|MM1001:((IBoth)pair).Both(new Fast())|};")]
    public Task TypeArgument_OfTheReceiver_IsKeptThroughAnInterface(string parameter, string statements) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new();

            void M({{parameter}})
            {
                using (_lock.Hold())
                {
                    {{statements}}
                }
            }
        }

        """ + Types);

    [Theory]
    [InlineData("static void M<T>(TicketLock l, T work) where T : IRun { using (l.Hold()) {|MM1001:Run(work)|}; }")]
    [InlineData("static void M<T>(TicketLock l, T work) where T : IRun { using (l.Hold()) {|MM1001:Through(work)|}; }")]
    [InlineData("[Never<Sleep>] static void M<T>(TicketLock l, T work) where T : IRun => {|MM3003:Run(work)|};")]
    [InlineData("static void M<T>(TicketLock l, T work) where T : struct, IRun { using (l.Hold()) {|MM1001:((IRun)new Held<T>()).Run()|}; }")]
    [InlineData("static void M<T>(TicketLock l, T work) where T : IRun { using (l.Hold()) { } Run(work); }")]
    public Task TypeArgument_ThatIsOpenWhereTheContextIs_IsAnyOfThem(string method) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        static class Case
        {
            static void Run<T>(T work) where T : IRun => work.Run();
            static void Through<T>(T work) where T : IRun => Run(work);
            {{method}}
            static void Slowly(TicketLock l) => M(l, new Slow());
            static void Fast(TicketLock l) => M(l, new Fast());
        }

        """ + Types);

    [Fact]
    public Task Backend_OfAnOpenType_InAHelper_IsAnyOfThem() => LanguageCase.FoundInAsync(
        """
        static class Case
        {
            static void Go<T>(IBackend<T> backend) => backend.Go();
            static void M<T>(TicketLock l, IBackend<T> backend) { using (l.Hold()) {|MM1001:Go(backend)|}; }
            static void Known(TicketLock l, IBackend<long> backend) { using (l.Hold()) Go(backend); }
        }

        interface IBackend<T> { void Go(); }
        sealed class Numbers : IBackend<int> { public void Go() => Work.Do(); }
        """);

    [Theory]
    [InlineData("using (_lock.Hold()) Dropped(new Slow());")]
    [InlineData("using (_lock.Hold()) using (_other.Hold()) {|MM1001:Dropped(new Slow())|};")]
    [InlineData("using (_lock.Hold()) using (_other.Hold()) Dropped(new Fast());")]
    public Task TypeArgument_CalledWhereTheLockIsDropped_IsJudgedOutsideOfIt(string statement) => LanguageCase.FoundInAsync(
        $$"""
        using System;

        class Case
        {
            readonly TicketLock _lock = new(), _other = new();

            void Dropped<T>(T work) where T : IRun
            {
                _lock.Release();
                work.Run();
                _lock.Acquire();
            }

            void M() { {{statement}} }
        }

        """ + Types);

    [Theory]
    [InlineData("[Requires<SpinLockHeld>]", "Commit(work)")]
    [InlineData("[ForbiddenIn<PreemptOff>]", "using (_lock.Hold()) Commit(work)")]
    [InlineData("[Might<Sleep>]", "using (_lock.Hold()) Commit(work)")]
    public Task TypeArgument_ThatBreaksTheContractOfTheConstraint_IsReportedThereAlone(string annotation, string statement) => LanguageCase.ReportedInAsync(
        $$"""
        interface ICommit { [Never<Sleep>] void Commit(); }

        sealed class Broken : ICommit { {{annotation}} public void {|MM3001:Commit|}() { } }

        class Case
        {
            readonly TicketLock _lock = new();

            static void Commit<T>(T work) where T : ICommit => work.Commit();
            void M(Broken work) { {{statement}}; }
        }
        """);

    [Fact]
    public Task TypeArgument_ThatSaysMoreThanTheConstraint_IsJudgedByIt() => LanguageCase.ReportedInAsync(
        """
        interface ICommit { [Never<Fault>] void Commit(); }

        sealed class Slow : ICommit { [Might<Sleep>, Trusted("waits for the disk")] public void Commit() { } }

        class Case
        {
            readonly TicketLock _lock = new();

            static void Commit<T>(T work) where T : ICommit => work.Commit();
            void M(Slow work) { using (_lock.Hold()) {|MM1001:Commit(work)|}; }
        }
        """);
}
