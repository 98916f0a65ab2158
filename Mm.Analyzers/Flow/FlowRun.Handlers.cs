using System.Collections.Generic;
using System.Linq;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>In which states the handlers of a try start, and what of that goes on behind them.</summary>
internal sealed partial class FlowRun
{
    private static Dictionary<int, List<int>> HandlersByGuarded(Body body)
    {
        var watchers = new Dictionary<int, List<int>>();
        foreach (var block in body.Blocks)
        {
            foreach (int guarded in block.Guards.AddRange(block.FilterGuards))
            {
                if (!watchers.TryGetValue(guarded, out var list)) watchers.Add(guarded, list = new List<int>());
                list.Add(block.Index);
            }
        }

        return watchers;
    }

    // Beyond this many, what else a variable has held is forgotten.
    private const int ThrownLimit = 12;

    /// <summary>By guarded block, what the tries around it write: a handler may see each value that it has had.</summary>
    private static Dictionary<int, HashSet<Symbol>> WrittenByGuarded(Body body)
    {
        var written = new Dictionary<int, HashSet<Symbol>>();
        foreach (var handler in body.Blocks)
        {
            HashSet<Symbol>? places = null;
            foreach (int guarded in handler.Guards)
            {
                foreach (var step in body.Blocks[guarded].Steps)
                {
                    if (step is AssignStep { Place: var place } && IsKept(place)) (places ??= new HashSet<Symbol>()).Add(place);
                    if (step is not CallStep { References: { IsEmpty: false } references }) continue;
                    foreach (var reference in references)
                    {
                        if (reference is not null && IsKept(reference)) (places ??= new HashSet<Symbol>()).Add(reference);
                    }
                }
            }

            for (int i = 0; i < handler.Guards.Length && places is not null; i++)
            {
                if (!written.TryGetValue(handler.Guards[i], out var known)) written.Add(handler.Guards[i], known = new HashSet<Symbol>());
                known.UnionWith(places);
            }
        }

        return written;
    }

    private static bool IsKept(Symbol place) => place switch
    {
        { Role: SymbolRole.Local } or { Role: SymbolRole.Parameter, Index: >= 0, Parent: null } => true,
        { Role: SymbolRole.Field, Parent: null or Symbol { Role: SymbolRole.Parameter, Index: < 0 } } => true,
        _ => false,
    };

    // Before a step that may throw.
    private void NoteThrown(int block, List<Alternative> state)
    {
        if (!_written.TryGetValue(block, out var places)) return;
        var thrown = _thrown[block] ??= new List<Alternative>();
        foreach (var alternative in state)
        {
            if (thrown.Count < ThrownLimit && !thrown.Exists(known => known.Depths.Equals(alternative.Depths) && HaveSame(known, alternative, places))) thrown.Add(alternative);
        }
    }

    private static bool HaveSame(Alternative left, Alternative right, HashSet<Symbol> places)
    {
        if (ReferenceEquals(left.Environment, right.Environment)) return true;
        foreach (var place in places)
        {
            if (!left.Evaluate(place).Equals(right.Evaluate(place))) return false;
        }

        return true;
    }

    /// <summary>What a variable held at the start of the try, or at any point of it from which a handler starts.</summary>
    private Alternative WithThrown(Block handler, Alternative start)
    {
        Merging? merging = null;
        foreach (int guarded in handler.Guards)
        {
            if (_thrown[guarded] is not { } thrown) continue;
            foreach (var middle in thrown)
            {
                if (!middle.Depths.Equals(start.Depths)) continue;
                var environment = start.Environment;
                var facts = start.Facts;
                foreach (var place in _written[guarded])
                {
                    if (!_liveness.IsLive(place, handler.Index) && place.Role != SymbolRole.Field) continue;
                    var value = middle.Evaluate(place);
                    var known = middle.Facts.Of(value);
                    if (known.IsExact) value = Constant.Of(known.Exact);
                    if (value.Equals(place) || value.Equals(start.Evaluate(place))) continue;
                    if (!known.IsNothing) facts = facts.Learn(value, known) ?? facts;
                    environment = environment.SetItem(place, value);
                }

                if (!ReferenceEquals(environment, start.Environment)) start = (merging ??= MergingAt(handler)).Merge(start, start with { Environment = environment, Facts = facts });
            }
        }

        return start;
    }

    /// <summary>A handler may start from any point of its try: balanced as at its start, or, tagged, as in the middle.</summary>
    private List<Alternative> HandlerEntry(Block handler)
    {
        var result = new List<Alternative>();
        if (_entry[handler.GuardedEntry] is not { } start) return result;
        if (IsBehindAnAwait(handler, out bool losesContext))
        {
            foreach (var alternative in start) result.Add(alternative with { HasSuspended = true, HasLostContext = alternative.HasLostContext || losesContext });
        }
        else if (!IsOpened(handler)) result.AddRange(start);
        for (int i = 0; i < result.Count && _written.Count > 0; i++) result[i] = WithThrown(handler, result[i]);
        if (handler.IsCleanup && result.Count > 0) return result;
        foreach (int guarded in handler.Guards) AddMiddle(guarded, isInFilter: false);
        foreach (int guarded in handler.FilterGuards) AddMiddle(guarded, isInFilter: true);
        return result;

        void AddMiddle(int guarded, bool isInFilter)
        {
            if (_inside[guarded] is not { } seen) return;
            foreach (var middle in seen)
            {
                if (result.Exists(known => known.Depths.Equals(middle.Depths))) continue;
                result.Add(middle with { IsExceptional = true, IsInFilter = isInFilter });
            }
        }
    }

    // The try has entered or left a context before anything in it may throw: 'try { Release(); Wait(); } catch { … } finally { Acquire(); }'.
    private bool IsOpened(Block handler)
    {
        if (handler.HasCleanupInside || !_opens[handler.GuardedEntry]) return false;
        foreach (int guarded in handler.Guards)
        {
            if (_inside[guarded] is { Count: > 0 }) return true;
        }

        return false;
    }

    // On every path, and not by a try.
    private static bool IsMoved(List<Alternative> before, List<Alternative> after)
    {
        if (before.Count != after.Count) return false;
        for (int i = 0; i < before.Count; i++)
        {
            if (before[i].Depths.Equals(after[i].Depths)) return false;
        }

        return before.Count > 0;
    }

    // What a task throws is caught behind its await; of what is called before it in the same try, no exception is assumed.
    private bool IsBehindAnAwait(Block handler, out bool losesContext)
    {
        losesContext = false;
        if (!_body.IsAsync) return false;
        bool suspends = false;
        foreach (int guarded in handler.Guards)
        {
            if (_body.Blocks[guarded].End.IsThrow) return false;
            foreach (var step in _body.Blocks[guarded].Steps)
            {
                if (step is not SuspendStep { Kind: SuspendKind.Await, IsFinished: false } suspend) continue;
                suspends = true;
                losesContext |= suspend.LosesContext;
            }
        }

        return suspends;
    }

    private static List<Alternative> LeaveHandler(Block from, Block to, List<Alternative> alternatives)
    {
        if (from.IsFilter && !to.IsFilter && alternatives.Exists(static a => a.IsInFilter))
        {
            // What a finally inside of the try leaves has been left before the handler runs.
            alternatives = alternatives.Where(static a => !a.IsInFilter).ToList();
        }

        if (from.Handler < 0 || to.Handler == from.Handler || !alternatives.Exists(static a => a.IsExceptional)) return alternatives;
        var regular = alternatives.Where(static a => !a.IsExceptional).ToList();
        return regular.Count > 0 ? regular : alternatives;
    }

    // What is behind a handler is judged as after the try, unless nothing comes from there.
    private static void DropExceptional(List<Alternative> incoming)
    {
        if (incoming.Exists(static a => a.IsExceptional) && incoming.Exists(static a => !a.IsExceptional)) incoming.RemoveAll(static a => a.IsExceptional);
    }

    // One of each depths.
    private static void AddDepths(List<Alternative> inside, List<Alternative> state)
    {
        foreach (var alternative in state)
        {
            if (!inside.Exists(known => known.Depths.Equals(alternative.Depths))) inside.Add(alternative);
        }
    }
}
