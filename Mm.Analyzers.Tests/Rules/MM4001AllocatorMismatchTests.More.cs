using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM4001AllocatorMismatchTests
{
    [Fact]
    public Task Finally_FreedThere_IsReportedOnce() => Check(
        """
            void M()
            {
                object piece = Pool.Rent();
                try
                {
                    _count++;
                }
                finally
                {
                    {|MM4001:Heap.Free(piece)|};
                }
            }

            void Right()
            {
                object piece = Pool.Rent();
                try
                {
                    _count++;
                }
                finally
                {
                    Pool.Return(piece);
                }
            }
        """);

    [Fact]
    public Task Lambda_ThatFreesACapturedValue_IsReportedWhereItIsInvoked() => Check(
        """
            void M()
            {
                object piece = Pool.Rent();
                Action free = () => Heap.Free(piece);
                {|MM4001:free()|};
            }

            void Local()
            {
                object piece = Pool.Rent();
                {|MM4001:Free()|};

                void Free() => Heap.Free(piece);
            }

            void Right()
            {
                object piece = Pool.Rent();
                Action free = () => Pool.Return(piece);
                free();
            }
        """);

    [Fact]
    public Task Delegate_MethodGroupOrAnnotatedType_IsFollowed() => Check(
        """
            delegate void Freer([OwnedBy<Heap>] object piece);

            void Group()
            {
                Action<object> free = Heap.Free;
                Func<object> make = Pool.Rent;
                {|MM4001:free(make())|};
                Pool.Return(make());
            }

            void Typed(Freer free)
            {
                {|MM4001:free(Pool.Rent())|};
                free(Heap.Allocate());
            }
        """);

    [Fact]
    public Task Recursion_ForwardedAtEveryLevel_IsReported() => Check(
        """
            static object Make(int depth) => depth > 0 ? Make(depth - 1) : Pool.Rent();

            static void Drop(object piece, int depth)
            {
                if (depth == 0)
                {
                    Heap.Free(piece);
                    return;
                }

                Drop(piece, depth - 1);
            }

            void M()
            {
                {|MM4001:Heap.Free(Make(3))|};
                {|MM4001:Drop(Pool.Rent(), 3)|};
                Pool.Return(Make(3));
                Drop(Heap.Allocate(), 3);
            }
        """);

    [Fact]
    public Task Generic_PassedThrough_KeepsItsFamily() => Check(
        """
            static T Keep<T>(T value) => value;

            void M()
            {
                {|MM4001:Heap.Free(Keep(Pool.Rent()))|};
                Pool.Return(Keep(Pool.Rent()));
            }
        """);

    [Fact]
    public Task Loop_AllocatedInside_IsFollowed() => Check(
        """
            void Wrong()
            {
                object? piece = null;
                for (int i = 0; i < 3; i++)
                {
                    piece = Pool.Rent();
                }

                {|MM4001:Heap.Free(piece)|};
            }

            void Right()
            {
                object? piece = null;
                for (int i = 0; i < 3; i++)
                {
                    piece = Heap.Allocate();
                    Heap.Free(piece);
                }
            }
        """);

    [Fact]
    public Task ByReference_OutParameters_HandOutAFamily() => Check(
        """
            static bool TryMake([OwnedBy<Pool>] out object piece)
            {
                piece = Pool.Rent();
                return true;
            }

            static bool TryForward(out object piece)
            {
                piece = Pool.Rent();
                return true;
            }

            static void Wrong([OwnedBy<Pool>] out object piece) => {|MM4001:piece = Heap.Allocate()|};

            void M()
            {
                object piece = Heap.Allocate();
                Heap.Free(piece);
                TryMake(out piece);
                {|MM4001:Heap.Free(piece)|};
                TryForward(out var other);
                {|MM4001:Heap.Free(other)|};
                TryMake(out var third);
                Pool.Return(third);
            }
        """);

    [Fact]
    public Task Await_TaskOfAnAllocator_BringsItsFamily() => Check(
        """
            [return: OwnedBy<Pool>]
            static Task<object> MakeAsync() => Task.FromResult(new object());

            async Task M()
            {
                {|MM4001:Heap.Free(await MakeAsync())|};
                object piece = await MakeAsync().ConfigureAwait(false);
                {|MM4001:Heap.Free(piece)|};
                Pool.Return(await MakeAsync());
            }
        """);

    [Fact]
    public Task Conversion_OfTheValue_KeepsItsFamily() => Check(
        """
            void M(object? given)
            {
                {|MM4001:Heap.Free((string)Pool.Rent())|};
                {|MM4001:Heap.Free(given ?? Pool.Rent())|};
                Pool.Return(Pool.Rent() as string);
                {|MM4001:Heap.Free(Pool.Rent() as string)|};
            }
        """);

    [Fact]
    public Task Extension_AnnotatedThis_IsAParameter() => Check(
        """
            void M()
            {
                {|MM4001:Pool.Rent().Release()|};
                Heap.Allocate().Release();
            }
        """);

    [Fact]
    public Task Constructor_AnnotatedParameter_IsFollowedIntoThePrimaryConstructor() => Check(
        """
            class Holder([OwnedBy<Pool>] object piece)
            {
                public void Wrong() => {|MM4001:Heap.Free(piece)|};

                public void Right() => Pool.Return(piece);
            }

            Holder Wrong() => {|MM4001:new(Heap.Allocate())|};

            Holder Right() => new(Pool.Rent());
        """);

    [Fact]
    public Task Twin_TypeArgument_IsTheSameFamily() => Check(
        """
            [return: OwnedBy(typeof(Pool))]
            static object Make() => new();

            void M()
            {
                Pool.Return(Make());
                {|MM4001:Heap.Free(Make())|};
            }
        """);

    [Fact]
    public Task Trusted_Body_IsNotJudged() => Check(
        """
            [Trusted("both share one arena at boot")]
            void M() => Heap.Free(Pool.Rent());
        """);

    [Fact]
    public async Task Message_DirectAndDeep_NamesBothFamiliesAndThePath() => await Verifier.Verify(await Render(
        """
            void Direct() => {|MM4001:Heap.Free(Pool.Rent())|};

            void Deep() => {|MM4001:Drop(Pool.Rent())|};

            static void Drop(object piece) => Heap.Free(piece);

            [OwnedBy<Pool>] object? _piece;

            void Field() => {|MM4001:_piece = Heap.Allocate()|};
        """));

    private static Task Check(string members) => new AnalyzerTest(("Case.cs", RuleCase.InClass(members)), ("Families.cs", Families)).CheckAsync();

    private static Task<string> Render(string members) => new AnalyzerTest(("Case.cs", RuleCase.InClass(members)), ("Families.cs", Families)).RenderAsync();

    private const string Families =
        """
        global using System.Threading.Tasks;

        class Pool
        {
            [return: OwnedBy<Pool>]
            public static object Rent() => new();

            public static void Return([OwnedBy<Pool>] object? piece) { }
        }

        class Heap
        {
            [return: OwnedBy<Heap>]
            public static object Allocate() => new();

            public static void Free([OwnedBy<Heap>] object? piece) { }
        }

        class Arena
        {
            [return: OwnedBy<Arena>]
            public static object Carve() => new();
        }

        static class Extensions
        {
            public static void Release([OwnedBy<Heap>] this object piece) { }
        }
        """;

    [Theory]
    [InlineData("void* block = Take(1); {|MM4001:Drop(block)|};")]
    [InlineData("byte* block = (byte*)Take(1); {|MM4001:Drop(block)|};")]
    [InlineData("byte* block = (byte*)Take(1); {|MM4001:Drop((int*)block)|};")]
    [InlineData("nint block = (nint)Take(1); {|MM4001:Drop((void*)block)|};")]
    [InlineData("ulong block = (ulong)Take(1); {|MM4001:Drop((void*)block)|};")]
    [InlineData("byte* block = (byte*)Take(1); Return(block);")]
    [InlineData("byte* block = (byte*)Take(1); Return(block + 1);")]
    [InlineData("nint block = (nint)Take(1); Return((void*)block);")]
    public Task Pointer_UnderACast_IsTheSameMemory(string statements) => new AnalyzerTest(
        $$"""
        readonly struct Arena { }
        readonly struct Mapped { }

        static unsafe class Case
        {
            [return: OwnedBy<Mapped>] static void* Take(nuint size) => (void*)size;
            static void Return([OwnedBy<Mapped>] void* block) { }
            static void Drop([OwnedBy<Arena>] void* block) { }

            static void M()
            {
                {{statements}}
            }
        }
        """).CheckAsync();
}
