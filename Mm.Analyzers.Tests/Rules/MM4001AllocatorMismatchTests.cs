using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public partial class MM4001AllocatorMismatchTests
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
                public override object Take() {|MM4001:=> Heap.Allocate()|};

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
}
