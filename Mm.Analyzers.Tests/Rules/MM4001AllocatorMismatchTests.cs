using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM4001AllocatorMismatchTests
{
    [Fact]
    public Task Direct_FreedByAnotherFamily_IsReported() => Check(
        """
            void M()
            {
                object piece = Pool.Rent();
                {|MM4001:Heap.Free(piece)|};
            }

            void Inline() => {|MM4001:Heap.Free(Pool.Rent())|};

            void Right()
            {
                object piece = Pool.Rent();
                Pool.Return(piece);
                piece = Heap.Allocate();
                Heap.Free(piece);
            }
        """);

    [Fact]
    public Task Direct_UnknownAndNull_AreSilent() => Check(
        """
            object? _kept;

            void Unknown(object given)
            {
                Heap.Free(given);
                Pool.Return(given);
                Heap.Free(_kept);
            }

            void Null()
            {
                object? piece = Pool.Rent();
                Pool.Return(piece);
                piece = null;
                Heap.Free(piece);
            }

            void NullWhereItIsKnown()
            {
                object? piece = MaybeRent(Ready());
                if (piece == null)
                {
                    Heap.Free(piece);
                    return;
                }

                Pool.Return(piece);
            }

            static object? MaybeRent(bool isReady) => isReady ? Pool.Rent() : null;
        """);

    [Fact]
    public Task Deep_TwoForwardersDown_IsReportedAtTheOuterCall() => Check(
        """
            void M() => {|MM4001:Drop(Make())|};

            void Right()
            {
                Drop(Heap.Allocate());
                Pool.Return(Make());
            }

            static void Drop(object piece) => Release(piece);

            static void Release(object piece)
            {
                Heap.Free(piece);
            }

            static object Make() => Open();

            static object Open()
            {
                object piece = Pool.Rent();
                return piece;
            }
        """);

    [Fact]
    public Task Field_Annotated_IsReportedWhereItIsWrittenAndWhereItIsFreed() => Check(
        """
            [OwnedBy<Pool>] object? _piece;

            void Write() => {|MM4001:_piece = Heap.Allocate()|};

            void Read() => {|MM4001:Heap.Free(_piece)|};

            void ThroughALocal()
            {
                var piece = _piece;
                {|MM4001:Heap.Free(piece)|};
            }

            void Right()
            {
                _piece = Pool.Rent();
                Pool.Return(_piece);
                _piece = null;
            }

            void OnlyTheWriteIsWrong()
            {
                {|MM4001:_piece = Heap.Allocate()|};
                Pool.Return(_piece);
            }
        """);

    [Fact]
    public Task Property_Annotated_IsReportedWhereItIsWrittenAndWhereItIsFreed() => Check(
        """
            [OwnedBy<Pool>] object? Piece { get; set; }

            [OwnedBy<Pool>] object Fixed { get; } = Pool.Rent();

            void Write() => {|MM4001:Piece = Heap.Allocate()|};

            void Read() => {|MM4001:Heap.Free(Piece)|};

            void ReadFixed() => {|MM4001:Heap.Free(Fixed)|};

            void Right()
            {
                Piece = Pool.Rent();
                Pool.Return(Piece);
                Pool.Return(Fixed);
            }
        """);

    [Fact]
    public Task Parameter_Annotated_IsReportedInTheBody() => Check(
        """
            static void Wrong([OwnedBy<Pool>] object piece) => {|MM4001:Heap.Free(piece)|};

            static void Right([OwnedBy<Pool>] object piece) => Pool.Return(piece);
        """);

    [Fact]
    public Task Result_Annotated_IsReportedAtTheReturn() => Check(
        """
            [return: OwnedBy<Pool>]
            static object Wrong()
            {
                {|MM4001:return Heap.Allocate();|}
            }

            [return: OwnedBy<Pool>]
            static object Right() => Pool.Rent();
        """);

    [Fact]
    public Task Branch_ConditionTellsTheFamilies_IsSilent() => Check(
        """
            void Same(int size)
            {
                object piece = size > 64 ? Pool.Rent() : Heap.Allocate();
                _count++;
                if (size > 64)
                {
                    Pool.Return(piece);
                }
                else
                {
                    Heap.Free(piece);
                }
            }

            void Other(int size)
            {
                object piece;
                if (size > 64)
                {
                    piece = Pool.Rent();
                }
                else
                {
                    piece = Heap.Allocate();
                }

                {|MM4001:Heap.Free(piece)|};
            }
        """);

    [Fact]
    public Task Branch_InTheAllocator_FollowsTheArgument() => Check(
        """
            static object Make(bool big) => big ? Pool.Rent() : Heap.Allocate();

            void Right(bool big)
            {
                Heap.Free(Make(false));
                object piece = Make(big);
                if (big)
                {
                    Pool.Return(piece);
                }
                else
                {
                    Heap.Free(piece);
                }
            }

            void Wrong(bool big)
            {
                {|MM4001:Heap.Free(Make(true))|};
                {|MM4001:Heap.Free(Make(big))|};
            }
        """);

    [Fact]
    public Task Branch_InTheDeallocator_TakesEitherFamily() => Check(
        """
            static bool IsPooled(object piece) => piece is int[];

            static void FreeAny(object piece)
            {
                if (IsPooled(piece))
                {
                    Pool.Return(piece);
                }
                else
                {
                    Heap.Free(piece);
                }
            }

            void M()
            {
                FreeAny(Pool.Rent());
                FreeAny(Heap.Allocate());
                {|MM4001:FreeAny(Arena.Carve())|};
            }
        """);

    [Fact]
    public Task SeveralFamilies_OnAParameter_TakeAnyOfThem() => Check(
        """
            static void FreeAny([OwnedBy<Pool>, OwnedBy<Heap>] object piece) { }

            void M()
            {
                FreeAny(Pool.Rent());
                FreeAny(Heap.Allocate());
                {|MM4001:FreeAny(Arena.Carve())|};
            }
        """);

    [Fact]
    public Task Virtual_AnnotatedBase_CountsForOverrides() => Check(
        """
            abstract class Store
            {
                [return: OwnedBy<Pool>]
                public abstract object Take();

                public abstract void Give([OwnedBy<Pool>] object piece);
            }

            class Right : Store
            {
                public override object Take() => Pool.Rent();

                public override void Give(object piece) => Pool.Return(piece);
            }

            class Wrong : Store
            {
                public override object Take() {|MM4001:=>|} Heap.Allocate();

                [Never<Sleep>]
                public override void Give(object piece) => {|MM4001:Heap.Free(piece)|};
            }

            void M(Store store, Wrong wrong)
            {
                store.Give(store.Take());
                {|MM4001:Heap.Free(store.Take())|};
                {|MM4001:wrong.Give(Heap.Allocate())|};
            }
        """);

    [Fact]
    public Task Virtual_UnannotatedInterface_IsJudgedByWhatImplementsIt() => Check(
        """
            interface IStore { object Take(); void Give(object piece); }

            class Pooled : IStore
            {
                public object Take() => Pool.Rent();

                public void Give(object piece) => Pool.Return(piece);
            }

            class Heaped : IStore
            {
                public object Take() => Heap.Allocate();

                public void Give(object piece) => Heap.Free(piece);
            }

            void M(IStore store)
            {
                store.Give(store.Take());
                {|MM4001:store.Give(Arena.Carve())|};
            }
        """);

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
}
