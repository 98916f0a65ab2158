using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM2011LockCopiedTests
{
    private const string Locks =
        """
        using System;
        using System.Collections.Generic;
        using SpinLock = System.Threading.SpinLock;

        interface ILatch
        {
            [Enters<SpinLockHeld>] void Take();
            [Leaves<SpinLockHeld>] void Drop();
        }

        struct Latch : ILatch
        {
            int _state;
            public bool IsTaken => _state != 0;
            [Trusted("primitive")] public void Take() => _state = 1;
            [Trusted("primitive")] public void Drop() => _state = 0;
        }

        [Scope<SpinLockHeld>]
        struct Ticket : IDisposable
        {
            public int Number;
            public void Dispose() => Number = 0;
        }

        struct Bucket
        {
            public Latch Gate;
            public int Count;
        }

        """;

    private static Task CheckAsync(string source) => AnalyzerTest.CheckAsync(Locks + source);

    [Fact]
    public Task Part_OfATemporaryCopy_IsReportedWhereItIsALock() => CheckAsync(
        """
        class Case
        {
            readonly List<Bucket> _list = new();
            Bucket First { get; set; }
            int Right() => _list[0].Count + First.Count;
            void Wrong() { {|MM2011:_list[0]|}.Gate.Take(); {|MM2011:First|}.Gate.Drop(); }
        }
        """);

    [Fact]
    public Task Field_ReadOnly_IsReported() => CheckAsync(
        """
        class Wrong
        {
            readonly SpinLock {|MM2011:_spin|} = new(false);
            static readonly Latch {|MM2011:s_latch|};
            readonly Bucket {|MM2011:_bucket|};
            readonly Ticket {|MM2011:_ticket|};
            public Wrong(int count) => _bucket.Count = count;
        }

        class Right
        {
            SpinLock _spin = new(false);
            static Latch s_latch;
            Bucket _bucket;
            readonly Latch[] _latches = new Latch[4];
            readonly TicketLock _class = new();
            readonly System.Threading.SpinWait _wait;
            readonly System.Threading.CancellationToken _token;
            public int Count => _bucket.Count;
        }
        """);

    [Fact]
    public Task Parameter_ByValue_IsReportedOnce() => CheckAsync(
        """
        class Case
        {
            SpinLock _spin;
            Latch _latch;

            void TakeSpin(SpinLock {|MM2011:spin|}) { bool taken = false; spin.TryEnter(ref taken); if (taken) spin.Exit(); }
            void Keep(Latch {|MM2011:latch|}) => _latch = latch;
            void Wrong() { TakeSpin(_spin); Action<Latch> keep = ({|MM2011:latch|}) => { }; keep({|MM2011:_latch|}); }

            void TakeByReference(ref SpinLock spin) { bool taken = false; spin.TryEnter(ref taken); if (taken) spin.Exit(); }
            void Right() => TakeByReference(ref _spin);
        }
        """);

    [Fact]
    public Task Variable_AssignedFromAPlace_IsReported() => CheckAsync(
        """
        class Case
        {
            Latch _latch;
            Latch _spare = new();
            Latch[] _latches = new Latch[4];
            (Latch, int) _pair;

            void Wrong(int i, bool first, Span<Latch> span)
            {
                var copy = {|MM2011:_latch|};
                _latch = {|MM2011:_latches[i]|};
                _latches[i] = {|MM2011:_spare|};
                copy = {|MM2011:span[i]|};
                copy = first ? {|MM2011:_latch|} : {|MM2011:_spare|};
                copy = i switch { 0 => {|MM2011:_latch|}, _ => default };
                Latch[] all = { {|MM2011:_latch|}, new Latch() };
                var pair = ({|MM2011:_latch|}, 1);
                Latch? maybe = {|MM2011:_latch|};
                var box = new { Latch = {|MM2011:_spare|} };
                copy.Take();
                copy.Drop();
            }

            void Right(int i, Span<Latch> span)
            {
                ref var latch = ref _latches[i];
                latch.Take();
                latch.Drop();
                _latch = new Latch();
                _latches[i] = default;
                span[i].Take();
                span[i].Drop();
                _ = _latch;
                _ = nameof(_latch);
                bool isTaken = _latch.IsTaken;
            }
        }
        """);

    [Fact]
    public Task Local_ThatIsNotUsedAgain_IsMoved() => CheckAsync(
        """
        class Case
        {
            Latch _latch;
            List<Latch> _all = new();

            void Right() { var latch = new Latch(); _latch = latch; }
            Latch Made() { var latch = new Latch(); latch.Take(); latch.Drop(); return latch; }
            void Wrong() { var latch = new Latch(); _latch = {|MM2011:latch|}; latch.Take(); latch.Drop(); }
            void InALoop() { var latch = new Latch(); for (int i = 0; i < 4; i++) _all.Add({|MM2011:latch|}); }
            void EachItsOwn() { for (int i = 0; i < 4; i++) { var latch = new Latch(); _all.Add(latch); } }
            void Captured() { var latch = new Latch(); Action add = () => _all.Add({|MM2011:latch|}); add(); }
        }
        """);

    [Fact]
    public Task Result_OfAFieldOrElement_IsReportedInTheGetter() => CheckAsync(
        """
        class Case
        {
            Latch _latch;
            Latch[] _latches = new Latch[4];

            Latch Wrong => {|MM2011:_latch|};
            Latch WrongElement(int i) { return {|MM2011:_latches[i]|}; }
            Func<Latch> WrongLambda() => () => {|MM2011:_latch|};
            IEnumerable<Latch> WrongSequence() { yield return {|MM2011:_latch|}; }

            ref Latch Right => ref _latch;
            ref Latch RightElement(int i) => ref _latches[i];
            ref readonly Latch Seen => ref _latch;
            Latch Fresh() => new();
            void Uses() { Right.Take(); Right.Drop(); {|MM2011:Seen|}.Take(); {|MM2011:Seen|}.Drop(); var copy = {|MM2011:Right|}; var other = Fresh(); }
        }
        """);

    [Fact]
    public Task Property_ThatStoresIt_GivesACopyToEachReader() => CheckAsync(
        """
        class Case
        {
            Latch Gate { get; set; }
            Bucket Bucket { get; } = new();
            List<Latch> _all = new();
            Dictionary<int, SpinLock> _spins = new();

            void Wrong()
            {
                {|MM2011:Gate|}.Take();
                {|MM2011:Gate|}.Drop();
                {|MM2011:Bucket|}.Gate.Take();
                {|MM2011:Bucket|}.Gate.Drop();
                {|MM2011:_all[0]|}.Take();
                {|MM2011:_all[0]|}.Drop();
                bool taken = false;
                {|MM2011:_spins[1]|}.TryEnter(ref taken);
                if (taken) {|MM2011:_spins[1]|}.Exit();
            }

            void Right() { Gate = new Latch(); _all[0] = new Latch(); }
        }
        """);

    [Fact]
    public Task Call_WhereTheStructMustNotChange_IsReported() => CheckAsync(
        """
        struct Holder
        {
            Latch _latch;

            readonly void Wrong() { {|MM2011:_latch|}.Take(); {|MM2011:_latch|}.Drop(); }
            void Right() { _latch.Take(); _latch.Drop(); }
        }

        static class Case
        {
            static void Wrong(in Latch latch, in Bucket bucket)
            {
                {|MM2011:latch|}.Take();
                {|MM2011:latch|}.Drop();
                {|MM2011:bucket.Gate|}.Take();
                {|MM2011:bucket.Gate|}.Drop();
                ref readonly var seen = ref latch;
                {|MM2011:seen|}.Take();
                {|MM2011:seen|}.Drop();
            }

            static bool Right(in Latch latch, ref Bucket bucket)
            {
                bucket.Gate.Take();
                bucket.Gate.Drop();
                return latch.IsTaken;
            }
        }
        """);

    [Fact]
    public Task Iteration_ByValue_IsReported() => CheckAsync(
        """
        class Case
        {
            Latch[] _latches = new Latch[4];

            void Wrong()
            {
                foreach (var {|MM2011:latch|} in _latches) { latch.Take(); latch.Drop(); }
            }

            void Right()
            {
                foreach (ref var latch in _latches.AsSpan()) { latch.Take(); latch.Drop(); }
                for (int i = 0; i < _latches.Length; i++) { _latches[i].Take(); _latches[i].Drop(); }
            }
        }
        """);

    [Fact]
    public Task Object_ThatBoxesIt_IsReported() => CheckAsync(
        """
        class Case
        {
            Latch _latch;
            object _box = new Latch();

            void Wrong() { object box = {|MM2011:_latch|}; ILatch latch = {|MM2011:_latch|}; ({|MM2011:(Latch)_box|}).Take(); ({|MM2011:(Latch)_box|}).Drop(); }
            void Right() { ILatch latch = new Latch(); latch.Take(); latch.Drop(); }
        }
        """);

    [Fact]
    public Task Generic_TakesItByValue_IsReportedWhereItIsPassed() => CheckAsync(
        """
        class Locked<T> where T : struct, ILatch
        {
            readonly T {|MM2011:_wrong|};
            T _right;
            void Use() { _right.Take(); _right.Drop(); }
        }

        struct Pair<T> { public T First; public int Second; }

        class Case
        {
            Latch _latch;
            Pair<Latch> _pair;
            readonly Pair<Latch> {|MM2011:_fixed|};
            readonly Pair<int> _numbers;

            static void Swap<T>(T left, T right) { }
            static void Exchange<T>(ref T left, ref T right) { }
            static void Through<T>(T {|MM2011:latch|}) where T : struct, ILatch { latch.Take(); latch.Drop(); }
            void Wrong() { Swap({|MM2011:_latch|}, new Latch()); var pair = {|MM2011:_pair|}; Through(_latch); }
            void Right() { Exchange(ref _latch, ref _pair.First); Swap(_numbers, _numbers); }
        }
        """);

    [Fact]
    public Task Guard_Mutable_IsMovedOrReported() => CheckAsync(
        """
        readonly struct Reference
        {
            readonly TicketLock _of;
            public Reference(TicketLock of) => _of = of;
            [Enters<SpinLockHeld>, Trusted("primitive")] public void Take() => _of.Acquire();
            [Leaves<SpinLockHeld>, Trusted("primitive")] public void Drop() => _of.Release();
        }

        class Case
        {
            readonly Reference _reference = new(new TicketLock());
            Ticket Take() => default;

            void Right()
            {
                using (Take()) { }
                using var ticket = Take();
                var reference = _reference;
                reference.Take();
                reference.Drop();
            }

            Ticket Moved() { var ticket = Take(); ticket.Number = 1; return ticket; }

            void Wrong()
            {
                Ticket ticket = default;
                var second = {|MM2011:ticket|};
                second.Dispose();
                int number = ticket.Number;
            }

            void Parameter(Ticket {|MM2011:ticket|}) => ticket.Dispose();
            void ByReference(ref Ticket ticket) => ticket.Dispose();
            void Used() { using var ticket = Take(); var second = {|MM2011:ticket|}; }
        }
        """);

    [Fact]
    public Task Trusted_Body_IsNotLookedAt() => CheckAsync(
        """
        class Case
        {
            Latch _latch;
            [Trusted("only printed")] Latch Snapshot() => _latch;
        }
        """);

    [Fact]
    public Task AnnotationFile_MakesItALock_IsReported() => new AnalyzerTest(
        """
        struct Gate { int _state; public void Close() => _state = 1; public void Open() => _state = 0; }
        class Case { readonly Gate {|MM2011:_gate|}; Gate _other; }
        """)
    {
        AdditionalFiles =
        {
            ["Gate.contexts.txt"] = "M:Gate.Close  enters SpinLockHeld\nM:Gate.Open  leaves SpinLockHeld\n",
        },
    }.CheckAsync();

    [Fact]
    public Task Guard_OutOfATupleThatACallReturns_IsMoved() => AnalyzerTest.CheckAsync(Locks +
        """
        class Case
        {
            (Latch Latch, int Count) _kept;
            static (Latch Latch, int Count) Make() => default;
            void Moved() { var (latch, count) = Make(); var other = Make().Latch; }
            void Copied() { var other = {|MM2011:_kept.Latch|}; }
        }
        """);

    [Fact]
    public async Task Message_OfEachForm_SaysHow() => await Verifier.Verify(await AnalyzerTest.RenderAsync(Locks +
        """
        class Case
        {
            readonly SpinLock {|MM2011:_spin|} = new(false);
            Latch _latch;
            Bucket _bucket;
            void Parameter(Latch {|MM2011:latch|}) { }
            void Variables() { var latch = {|MM2011:_latch|}; var bucket = {|MM2011:_bucket|}; object box = {|MM2011:_latch|}; }
            Latch Return() => {|MM2011:_latch|};
            void Argument(List<Latch> all) { all.Add({|MM2011:_latch|}); foreach (var {|MM2011:latch|} in all) { } }
            void Call(in Latch latch) { {|MM2011:latch|}.Take(); {|MM2011:latch|}.Drop(); }
            void Guard() { Ticket ticket = default; var second = {|MM2011:ticket|}; second.Dispose(); ticket.Dispose(); }
        }
        """));
}
