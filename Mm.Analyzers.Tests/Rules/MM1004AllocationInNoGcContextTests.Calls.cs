using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM1004AllocationInNoGcContextTests
{
    [Fact]
    public Task Creation_WhoseConstructorSleeps_IsOneReport() => RuleCase.CheckAsync(
        """
            [RunsIn<Callback>] void Wrong() { _ = {|MM1001:new Connection()|}; _ = {|MM1004:new Plain()|}; }
        }

        [Forbids<Sleep>, Forbids<Allocate>] public readonly struct Callback : IContext;
        sealed class Connection { public Connection() => Scheduler.Schedule(); }
        sealed class Plain
        {
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedWhereTheContextIs() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:First()|};
                    Count();
                }

                First();
            }

            object First() => Second();

            object Second() => new object();

            int Count() => _count++;
        """);

    [Fact]
    public Task Deep_AllocationInAConstructor_IsReportedOnceAtTheCreation() => RuleCase.CheckAsync(
        """
            sealed class Ring { readonly int[] _slots = new int[8]; }
            readonly struct Slot { readonly int[] _cells; public Slot(int size) => _cells = new int[size]; }
            readonly struct Cell { readonly int _value; public Cell(int value) => _value = value; }

            void M()
            {
                using (GarbageCollection.Off())
                {
                    Ring ring = {|MM1004:new Ring()|};
                    Slot slot = {|MM1004:new Slot(4)|};
                    Cell cell = new Cell(4);
                }
            }
        """);

    [Fact]
    public Task Deep_StaticInitialiserThatAllocates_IsNotThisRules() => RuleCase.CheckAsync(
        """
            static class Table { public static readonly int[] Cells = new int[64]; }

            int M()
            {
                using (GarbageCollection.Off())
                {
                    return Table.Cells[0];
                }
            }
        """);

    [Fact]
    public Task Virtual_SomeImplementationAllocates_IsReported() => RuleCase.CheckAsync(
        """
            interface IPool { object? Take(); }
            sealed class Fresh : IPool { public object? Take() => new object(); }
            sealed class Empty : IPool { public object? Take() => null; }

            void M(IPool pool, Empty empty)
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:pool.Take()|};
                    empty.Take();
                }
            }
        """);

    [Fact]
    public Task Virtual_NoImplementationAllocates_IsSilent() => RuleCase.CheckAsync(
        """
            interface IPool { object? Take(); }
            sealed class Empty : IPool { public object? Take() => null; }

            void M(IPool pool)
            {
                using (GarbageCollection.Off())
                {
                    pool.Take();
                }
            }
        """);

    [Fact]
    public Task Finally_AllocatesInsideTheContext_IsReported() => RuleCase.CheckAsync(
        """
            object? _last;

            void Wrong()
            {
                using (GarbageCollection.Off())
                {
                    try
                    {
                        _count++;
                    }
                    finally
                    {
                        _last = {|MM1004:new object()|};
                    }
                }
            }

            void Right()
            {
                try
                {
                    using (GarbageCollection.Off())
                    {
                        _count++;
                    }
                }
                finally
                {
                    _last = new object();
                }
            }
        """);

    [Fact]
    public Task Lambda_Capturing_IsReportedOnceAtTheLambda() => RuleCase.CheckAsync(
        """
            void M(int step)
            {
                using (GarbageCollection.Off())
                {
                    Action add = {|MM1004:() => _count += step|};
                    add();
                    add();
                }
            }
        """);

    [Fact]
    public Task Lambda_MadeBeforeAndInvokedInside_IsReportedIfItsBodyAllocates() => RuleCase.CheckAsync(
        """
            void M()
            {
                Action fill = () => _ = new object();
                Action count = () => _count++;
                using (GarbageCollection.Off())
                {
                    {|MM1004:fill()|};
                    count();
                }
            }
        """);

    [Fact]
    public Task LocalFunction_CalledInside_AllocatesOnlyWhatItsBodyDoes() => RuleCase.CheckAsync(
        """
            void M(int step)
            {
                using (GarbageCollection.Off())
                {
                    Add();
                    {|MM1004:Fill()|};
                }

                void Add() => _count += step;
                void Fill() => _ = new object();
            }
        """);

    [Fact]
    public Task Recursion_AllocatesSomewhere_IsReportedOnce() => RuleCase.CheckAsync(
        """
            void M()
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:Grow(3)|};
                    Shrink(3);
                }
            }

            object? Grow(int depth) => depth == 0 ? new object() : Grow(depth - 1);

            int Shrink(int depth) => depth == 0 ? 0 : Shrink(depth - 1);
        """);

    [Fact]
    public Task Generic_JudgedWithItsTypeArgument_IsReportedForTheAllocatingOne() => RuleCase.CheckAsync(
        """
            interface IStep { void Run(); }
            struct Still : IStep { public void Run() { } }
            struct Busy : IStep { public void Run() => _ = new object(); }

            void M()
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:RunAll<Busy>()|};
                    RunAll<Still>();
                }
            }

            static void RunAll<T>()
                where T : struct, IStep
            {
                T step = default;
                step.Run();
            }
        """);

    [Fact]
    public Task Generic_NewConstraint_AllocatesForAClassOnly() => RuleCase.CheckAsync(
        """
            sealed class Node { }
            struct Pair { }

            void M()
            {
                using (GarbageCollection.Off())
                {
                    {|MM1004:Make<Node>()|};
                    Make<Pair>();
                }
            }

            static T Make<T>()
                where T : new() => new T();
        """);

    [Fact]
    public Task Promise_BodyThatAllocates_IsTheContractsReport() => RuleCase.CheckAsync(
        """
            [Never<Allocate>]
            object Wrong() => {|MM3003:new object()|};

            [Never<Allocate>, Trusted("from a pool that is filled at boot")]
            object Pooled() => new object();

            void M()
            {
                using (GarbageCollection.Off())
                {
                    Pooled();
                }
            }
        """);

    [Fact]
    public Task Loop_OverAnArrayOfValues_BoxesForAReference() => RuleCase.CheckAsync(
        """
            [Never<Allocate>] static int Wrong(int[] all) { int n = 0; foreach ({|MM3003:object|} one in all) n++; return n; }
            [Never<Allocate>] static int WrongToo(int[] all) { int n = 0; foreach ({|MM3003:System.IComparable|} one in all) n++; return n; }
            [Never<Allocate>] static int Right(int[] all, string[] names) { int n = 0; foreach (long one in all) n++; foreach (object name in names) n++; return n; }
        """);

    [Fact]
    public Task Thrown_InParts_IsNoAllocationOfThePath() => RuleCase.CheckAsync(
        """
            [Never<Allocate>]
            void Coalesced(Exception? given) => throw given ?? new Exception();

            [Never<Allocate>]
            void Chosen(int count) => throw (count > 3 ? new Exception("more than " + count) : new InvalidOperationException());

            [Never<Allocate>]
            object Made(object? given, bool isWanted) => isWanted ? given ?? {|MM3003:new object()|} : throw new Exception();

            [Never<Allocate>]
            void Kept()
            {
                var made = {|MM3003:new Exception()|};
                throw made;
            }
        """);
}
