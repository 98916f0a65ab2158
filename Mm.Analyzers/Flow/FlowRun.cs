using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Carries alternatives through the blocks of one body until nothing changes, then visits every step once.</summary>
internal sealed partial class FlowRun
{
    // A loop head that has not settled after so many visits gives up facts, then alternatives.
    private const int PatientVisits = 4;
    private const int Visits = 9;

    private readonly Body _body;
    private readonly CancellationToken _cancellation;
    private readonly Liveness _liveness;
    private readonly GivenValues _given;
    private readonly StepTransfer _transfer;
    private readonly FlowResult _result;
    private readonly List<Alternative>?[] _entry;
    private readonly List<Alternative>?[] _whenTrue;
    private readonly List<Alternative>?[] _whenFalse;
    private readonly List<Alternative>?[] _inside;
    private readonly List<Alternative>?[] _thrown;
    private readonly bool[] _opens;
    private readonly MeetingVisit?[] _early;
    private readonly int[] _visits;

    // By guarded block, the handlers that may start from its middle.
    private readonly Dictionary<int, List<int>> _watchers;
    private readonly Dictionary<int, HashSet<Symbol>> _written;

    // Of blocks outside of loops: the last visit while the states are sought is the one that counts.
    private readonly Findings?[] _findings;

    /// <summary>A run for the rules to judge, or one for a summary, which may be judged all the same unless it <see cref="HasLeftOut"/> something.</summary>
    public FlowRun(
        Session session, Body body, Contract contract, OpenCycle? cycle, bool isJudged, CancellationToken cancellation)
    {
        _body = body;
        _cancellation = cancellation;
        _liveness = session.LivenessOf(body, cancellation);
        _given = new GivenValues(body.Key.Method);
        _result = new FlowResult(body, contract) { Cancellation = cancellation };
        _transfer = new StepTransfer(session, _result, cycle, isJudged, cancellation);
        int count = body.Blocks.Length;
        _entry = new List<Alternative>?[count];
        _whenTrue = new List<Alternative>?[count];
        _whenFalse = new List<Alternative>?[count];
        _inside = new List<Alternative>?[count];
        _thrown = new List<Alternative>?[count];
        _opens = new bool[count];
        _early = new MeetingVisit?[count];
        _visits = new int[count];
        _findings = new Findings?[count];
        _watchers = HandlersByGuarded(body);
        _written = WrittenByGuarded(body);
    }

    /// <summary>Bodies whose summary was asked for and is not there.</summary>
    public HashSet<BodyKey> Missing => _transfer.Missing;

    /// <summary>Something was left out that a summary does without, and a judgement does not.</summary>
    public bool HasLeftOut => _transfer.HasLeftOut;

    public FlowResult Run()
    {
        var position = _body.Positions;
        bool[] dirty = new bool[_body.Order.Length];
        int first = 0;
        void Add(int at)
        {
            dirty[at] = true;
            first = System.Math.Min(first, at);
        }

        Add(0);
        _entry[_body.Order[0]] = new List<Alternative> { _transfer.Start() };
        while (first < dirty.Length)
        {
            if (!dirty[first])
            {
                first++;
                continue;
            }

            _cancellation.ThrowIfCancellationRequested();
            dirty[first] = false;
            var block = _body.Blocks[_body.Order[first]];
            if (!Enter(block)) continue;
            Transfer(block, block.IsInLoop ? null : _findings[block.Index] = new Findings());
            if (block.End.Target >= 0) Add(position[block.End.Target]);
            if (block.End.WhenFalse >= 0) Add(position[block.End.WhenFalse]);

            if (!_watchers.TryGetValue(block.Index, out var handlers)) continue;
            foreach (int handler in handlers)
            {
                if (position[handler] >= 0) Add(position[handler]);
            }
        }

        if (Missing.Count > 0) return _result;
        foreach (int index in _body.Order)
        {
            if (_entry[index] is not { Count: > 0 }) continue;
            Meet(_body.Blocks[index]);
            if (_findings[index] is { } findings) _result.AddRange(findings);
            else Transfer(_body.Blocks[index], _result);
        }

        return _result;
    }

    private Merging MergingAt(Block block) => new(block.Index, block.IsLoopHead, block.IsInLoop, _result.Answers, new LivePlaces(_liveness, block.Index, _transfer.Index), _given);

    /// <summary>Recomputes the entry of a block; false if it is what it was.</summary>
    private bool Enter(Block block)
    {
        int visits = ++_visits[block.Index];
        if (block.Predecessors.IsEmpty && block.Index == _body.Order[0]) return visits == 1;
        if (visits <= Visits && OnlyIncoming(block) is { } only)
        {
            if (_entry[block.Index] is { } known && Same(known, only)) return false;
            _entry[block.Index] = only;
            return true;
        }

        var merging = MergingAt(block);
        var incoming = new List<Alternative>();
        foreach (var edge in Incoming(block)) incoming.AddRange(edge.Alternatives);
        if (block.Handler < 0) DropExceptional(incoming);
        if (block.Index == _body.Order[0]) incoming.Insert(0, _transfer.Start());
        if (incoming.Count == 0) return false;
        if (block.Predecessors.Length > 1)
        {
            ForgetTested(incoming);
            for (int i = 0; i < incoming.Count; i++) incoming[i] = WithoutGone(incoming[i], block);
        }

        var old = _entry[block.Index];
        List<Alternative> next;
        if (block.IsLoopHead && old is not null)
        {
            next = Widen(merging, old, incoming, visits);
        }
        else
        {
            next = merging.Reduce(incoming);
            if (visits > Visits * 3) next = new List<Alternative> { next.Aggregate(merging.Merge) };
        }

        MeetEarly(block, visits);
        if (old is not null && Same(old, next)) return false;
        if (visits > Visits * 6) return false;
        _entry[block.Index] = next;
        return true;
    }

    /// <summary>The state that a block takes over as it is: from one predecessor, in one alternative.</summary>
    private List<Alternative>? OnlyIncoming(Block block)
    {
        if (block.Predecessors.Length != 1 || block.GuardedEntry >= 0 || block.IsLoopHead || block.Index == _body.Order[0]) return null;
        var from = _body.Blocks[block.Predecessors[0]];
        if (from.End.Target == from.End.WhenFalse) return null;
        return (from.End.Target == block.Index ? _whenTrue : _whenFalse)[from.Index] is { Count: 1 } state ? state : null;
    }

    private List<Alternative> Widen(Merging merging, List<Alternative> old, List<Alternative> incoming, int visits)
    {
        var result = new List<Alternative>(old);
        foreach (var next in incoming)
        {
            if (HasLike(result, next) || result.TrueForAll(here => here.Depths.Equals(next.Depths) || merging.AreToldApart(here, next)))
            {
                result.Add(next);
                result = merging.Reduce(result);
                continue;
            }

            // Another depth, and nothing tells them apart: a loop that enters or leaves. The bound that moves is given up.
            int head = result.FindIndex(here => !merging.AreToldApart(here, next));
            if (result[head].Depths.Includes(next.Depths)) result[head] = merging.Merge(result[head], next);
            else result[head] = merging.Merge(result[head], next) with { Depths = result[head].Depths.Widen(result[head].Depths.Join(next.Depths)) };
        }

        if (visits > PatientVisits)
        {
            result = result.GroupBy(static a => (a.Depths, a.IsExceptional)).Select(group => group.Aggregate(merging.Merge)).ToList();
        }

        if (visits > Visits)
        {
            var all = result.Aggregate(merging.Merge);
            var before = old.Count == 1 ? old[0].Depths : all.Depths;
            result = new List<Alternative> { all with { Depths = before.Widen(all.Depths) } };
        }

        return result;
    }

    private static bool HasLike(List<Alternative> alternatives, Alternative next)
    {
        foreach (var here in alternatives)
        {
            if (here.Depths.Equals(next.Depths) && here.IsExceptional == next.IsExceptional) return true;
        }

        return false;
    }

    private List<(int From, List<Alternative> Alternatives)> Incoming(Block block)
    {
        var edges = new List<(int, List<Alternative>)>(block.Predecessors.Length + 1);
        foreach (int from in block.Predecessors)
        {
            var end = _body.Blocks[from].End;
            var list = end.Target == block.Index ? _whenTrue[from] : null;
            if (end.WhenFalse == block.Index && _whenFalse[from] is { } other) list = list is null || end.Target != end.WhenFalse ? other : list.Concat(other).ToList();
            if (list is not { Count: > 0 }) continue;
            edges.Add((from, LeaveHandler(_body.Blocks[from], block, list)));
        }

        if (block.GuardedEntry >= 0) edges.Add((block.GuardedEntry, HandlerEntry(block)));
        return edges;
    }

    /// <summary>Without the temporaries and results that nothing mentions any more: long bodies have thousands.</summary>
    private Alternative WithoutGone(Alternative alternative, Block block)
    {
        if (alternative.Cleared >= block.LoopStart) return alternative;
        return alternative with
        {
            Environment = alternative.Environment.RemoveRange(_liveness.GoneBetween(alternative.Cleared, block.LoopStart)),
            Cleared = block.LoopStart,
        };
    }

    // Alternatives that differ only in what a branch tested have met: the test is forgotten. That it said no stays a condition of what
    // only that branch has chosen: 'in atomic ? atomic : kernel'.
    private static void ForgetTested(List<Alternative> incoming)
    {
        if (incoming.TrueForAll(static alternative => alternative.Tested.IsEmpty)) return;
        var common = TestedContext.Common(incoming.ConvertAll(static alternative => alternative.Tested));
        for (int i = 0; i < incoming.Count; i++)
        {
            var kept = incoming[i].Tested.RemoveAll(tested => tested.IsIn && !common.Contains(tested));
            foreach (var tested in common)
            {
                if (!kept.Contains(tested)) kept = kept.Add(tested);
            }

            if (!incoming[i].Tested.SequenceEqual(kept)) incoming[i] = incoming[i] with { Tested = kept };
        }
    }

    private void Transfer(Block block, Findings? findings)
    {
        var state = _entry[block.Index]!;
        _transfer.IsInLoop = block.IsInLoop;
        var inside = _watchers.ContainsKey(block.Index) ? new List<Alternative>() : null;
        bool mayOpen = inside is not null;
        _opens[block.Index] = false;
        _thrown[block.Index] = null;
        foreach (var step in block.Steps)
        {
            var before = state;
            state = _transfer.Apply(step, state, findings);
            if (mayOpen && step is CallStep && IsMoved(before, state))
            {
                mayOpen = false;
                _opens[block.Index] = true;
            }
            else if (inside is not null && _transfer.MayThrow(step))
            {
                mayOpen = false;
                AddDepths(inside, before);
                NoteThrown(block.Index, before);
            }
        }

        if (inside is not null && block.End.IsThrow) NoteThrown(block.Index, state);
        _inside[block.Index] = inside;
        switch (block.End.Kind)
        {
            case TerminatorKind.Goto:
                _whenTrue[block.Index] = state;
                break;
            case TerminatorKind.Branch:
                _whenTrue[block.Index] = _transfer.Branch(state, block.End.Value!, true);
                _whenFalse[block.Index] = _transfer.Branch(state, block.End.Value!, false);
                break;
            case TerminatorKind.Unreachable when findings is not null && block.End.IsThrow:
                foreach (var alternative in state) findings.Throws.Add(new ThrowVisit(block, alternative));
                break;
            case TerminatorKind.Return when findings is not null:
                foreach (var alternative in state)
                {
                    var value = block.End.Value is null ? null : alternative.Evaluate(block.End.Value);
                    findings.Returns.Add(new ReturnVisit(block.End.Location!, alternative, value));
                }

                break;
        }
    }

    private static bool Same(List<Alternative> left, List<Alternative> right)
    {
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
        {
            Alternative a = left[i], b = right[i];
            if (ReferenceEquals(a, b)) continue;
            if (!a.Depths.Equals(b.Depths) || a.IsExceptional != b.IsExceptional || a.IsInFilter != b.IsInFilter || a.Epoch != b.Epoch || a.HasLostContext != b.HasLostContext || a.HasSuspended != b.HasSuspended
                || !a.Held.SequenceEqual(b.Held) || !a.Tested.SequenceEqual(b.Tested) || !a.Below.SequenceEqual(b.Below) || !a.Disposed.SequenceEqual(b.Disposed) || !a.Repeated.SequenceEqual(b.Repeated)
                || !a.Facts.SameAs(b.Facts) || a.Environment.Count != b.Environment.Count) return false;
            if (ReferenceEquals(a.Environment, b.Environment)) continue;
            foreach (var pair in a.Environment)
            {
                if (!b.Environment.TryGetValue(pair.Key, out var value) || !value.Equals(pair.Value)) return false;
            }
        }

        return true;
    }
}
