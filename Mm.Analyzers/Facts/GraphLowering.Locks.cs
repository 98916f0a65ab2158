using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Where a 'lock' on a System.Threading.Lock ends, if the graph does not show it: in nullable code, graphs of Roslyn 5 have its entry and
/// nothing more. Then the syntax tells which blocks stand in it. A block of the graph is cut where a lock begins or ends within it, and
/// every branch out of a lock disposes of what its entry gave. Bodies without such a lock pay one look at an empty table.
/// </summary>
internal sealed partial class GraphLowering
{
    private static readonly ImmutableArray<LockStatementSyntax> s_none = ImmutableArray<LockStatementSyntax>.Empty;

    // Of blocks that were cut, what follows the first piece; and the locks that each block stands in, innermost first.
    private readonly Dictionary<int, List<int>> _pieces = new();
    private readonly Dictionary<int, ImmutableArray<LockStatementSyntax>> _locks = new();

    private ImmutableArray<LockStatementSyntax> LocksAround(SyntaxNode syntax)
    {
        if (_operations.LockScopes.Count == 0) return s_none;
        var locks = s_none;
        for (SyntaxNode? at = syntax; at is not null; at = at.Parent)
        {
            if (at.Parent is LockStatementSyntax @lock && @lock.Statement == at && _operations.LockScopes.ContainsKey(@lock)) locks = locks.Add(@lock);
        }

        return locks;
    }

    /// <summary>The locks in which a block begins.</summary>
    private ImmutableArray<LockStatementSyntax> EntryLocks(ControlFlowGraph graph, BasicBlock block)
    {
        if (_operations.LockScopes.Count == 0) return s_none;

        // An empty handler is behind its try, and no branch leads into it: it starts where the try does.
        if (FirstSyntax(block) is null)
        {
            for (var region = block.EnclosingRegion; region is not null && region.FirstBlockOrdinal == block.Ordinal; region = region.EnclosingRegion)
            {
                if (region.Kind is not (ControlFlowRegionKind.Catch or ControlFlowRegionKind.FilterAndHandler or ControlFlowRegionKind.Finally)) continue;
                if (region.EnclosingRegion!.NestedRegions.FirstOrDefault(static sibling => sibling.Kind == ControlFlowRegionKind.Try) is not { } guarded) continue;
                block = graph.Blocks[guarded.FirstBlockOrdinal];
                break;
            }
        }

        // What is empty is part of what follows: of the finally behind it, if there is one.
        for (int i = 0; i < graph.Blocks.Length; i++)
        {
            if (FirstSyntax(block) is { } first) return LocksAround(first);
            if (block.FallThroughSuccessor is not { Destination: { } next } branch) return AtEnd(graph, block);
            if (!branch.FinallyRegions.IsEmpty && FirstSyntax(graph.Blocks[branch.FinallyRegions[0].FirstBlockOrdinal]) is { } cleanup) return LocksAround(cleanup);
            block = next;
        }

        return s_none;
    }

    // The end of a finally stands where its beginning does.
    private ImmutableArray<LockStatementSyntax> AtEnd(ControlFlowGraph graph, BasicBlock block)
    {
        if (block.FallThroughSuccessor is not { Semantics: ControlFlowBranchSemantics.StructuredExceptionHandling }) return s_none;
        var region = block.EnclosingRegion;
        while (region is not (null or { Kind: ControlFlowRegionKind.Finally })) region = region.EnclosingRegion;
        return region is null || region.FirstBlockOrdinal == block.Ordinal ? s_none : EntryLocks(graph, graph.Blocks[region.FirstBlockOrdinal]);
    }

    private static SyntaxNode? FirstSyntax(BasicBlock block) => (block.Operations.IsEmpty ? block.BranchValue : block.Operations[0])?.Syntax;

    private void NoteLocks(Block block, ImmutableArray<LockStatementSyntax> locks)
    {
        if (!locks.IsEmpty) _locks[block.Index] = locks;
    }

    /// <summary>The piece in which an operation stands: the last one, or one behind the locks that end before it.</summary>
    private Block GoOnWithin(Block first, Block at, ImmutableArray<LockStatementSyntax> within, ref ImmutableArray<LockStatementSyntax> locks)
    {
        if (locks.IsEmpty || locks.All(within.Contains)) return at;
        var ended = locks.RemoveAll(within.Contains);
        locks = within;
        var next = Cut(first, at, locks);
        _operations.LowerLockExits(ended);
        return next;
    }

    /// <summary>Behind the entry of a lock that the graph does not close, the piece in which it is held.</summary>
    private Block GoOnBehindEntry(Block first, Block at, IOperation operation, ref ImmutableArray<LockStatementSyntax> locks)
    {
        if (operation.Syntax is not LockStatementSyntax entered || !_operations.LockScopes.ContainsKey(entered)) return at;
        locks = locks.Insert(0, entered);
        return Cut(first, at, locks);
    }

    private Block Cut(Block first, Block at, ImmutableArray<LockStatementSyntax> locks)
    {
        var next = NewBlock();
        at.Steps = _operations.Finish();
        at.End = new Terminator(TerminatorKind.Goto) { Target = next.Index };
        if (!_pieces.TryGetValue(first.Index, out var pieces)) _pieces.Add(first.Index, pieces = new List<int>());
        pieces.Add(next.Index);
        NoteLocks(next, locks);
        return next;
    }

    /// <summary>The block where a branch goes on, behind one that leaves the locks which it leads out of.</summary>
    private int Leaving(ImmutableArray<LockStatementSyntax> from, ImmutableArray<LockStatementSyntax> to, System.Func<int> go)
    {
        if (from.IsEmpty || from.All(to.Contains)) return go();
        var block = NewBlock();
        block.Steps = _operations.LowerApart(() => _operations.LowerLockExits(from.RemoveAll(to.Contains)));
        block.End = new Terminator(TerminatorKind.Goto) { Target = go() };
        return block.Index;
    }

    private IEnumerable<int> PiecesOf(int block) => _pieces.TryGetValue(block, out var pieces) ? pieces : Enumerable.Empty<int>();

    // An exception in a lock leaves it before a handler outside of it runs, as with a guard.
    private void AddGuarded(Block handler, int block, ImmutableArray<int>.Builder guarded, ImmutableArray<int>.Builder? inLocks)
    {
        Add(block);
        foreach (int piece in PiecesOf(block)) Add(piece);

        void Add(int index)
        {
            if (LocksOf(index).All(LocksOf(handler.Index).Contains)) guarded.Add(index);
            else inLocks?.Add(index);
        }
    }

    private ImmutableArray<LockStatementSyntax> LocksOf(int block) => _locks.TryGetValue(block, out var locks) ? locks : s_none;
}
