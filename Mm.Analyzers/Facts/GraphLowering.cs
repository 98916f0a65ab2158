using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Turns control-flow graphs into the blocks of a body. Each path that leaves a try gets its own copy of the finally blocks that it
/// runs through, so that the flow needs no notion of regions.
/// </summary>
internal sealed partial class GraphLowering
{
    private readonly BodyStore _store;
    private readonly BodyKey _key;
    private readonly CancellationToken _cancellation;
    private readonly List<Block> _blocks = new();
    private Dictionary<(ControlFlowGraph Graph, int Ordinal, Frame? Frame), int> _indices = new();
    private readonly Queue<(ControlFlowGraph Graph, BasicBlock Source, Frame? Frame, Block Target)> _pending = new();
    private readonly Dictionary<StatementSyntax, int> _bareReturns = new();
    private readonly List<(Block First, ControlFlowRegion Handler, ControlFlowGraph Graph, Frame? Frame, bool IsFilter)> _handlers = new();
    private readonly OperationLowering _operations;
    private readonly OmittedSpans _omitted = new();
    private ImmutableArray<ControlFlowGraph> _graphs;
    private Location _end = Location.None;

    public GraphLowering(BodyStore store, BodyKey key, CancellationToken cancellation)
    {
        _store = store;
        _key = key;
        _cancellation = cancellation;
        _operations = new OperationLowering(store, key, cancellation);
    }

    public Body Lower(ImmutableArray<ControlFlowGraph> graphs, Location end)
    {
        _graphs = graphs;
        _end = end;
        if (graphs.IsEmpty)
        {
            _blocks.Add(new Block(0) { End = new Terminator(TerminatorKind.Return) { Location = end } });
            AddImpliedBaseCall(_blocks[0]);
            AddRecordMember(_blocks[0]);
        }
        else
        {
            _indices = new(graphs[graphs.Length - 1].Blocks.Length);
            IndexOf(graphs[0], graphs[0].Blocks[0], null);
        }

        while (_pending.Count > 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            var (graph, source, frame, target) = _pending.Dequeue();
            LowerBlock(graph, source, frame, target);
        }

        ConnectHandlers();
        var body = new Body(_key, _blocks.ToImmutableArray(), _operations.Functions.ToImmutableArray())
        {
            IsAsync = _key.Method is { IsAsync: true },
            IsIterator = _operations.Yields || BodySource.IsIterator(_key, _cancellation),
            Shared = _operations.Shared,
            HasOpenReferences = _operations.HasOpenReferences,
            StepCount = _operations.StepCount,
        };
        BlockOrder.Compute(body);
        return body;
    }

    private int IndexOf(ControlFlowGraph graph, BasicBlock source, Frame? frame)
    {
        // A frame matters only inside its finally region; outside, the enclosing one does.
        while (frame is not null && !Contains(frame.Region, source)) frame = frame.Outer;
        if (_indices.TryGetValue((graph, source.Ordinal, frame), out int index)) return index;
        var block = NewBlock();
        _indices.Add((graph, source.Ordinal, frame), block.Index);
        _pending.Enqueue((graph, source, frame, block));
        return block.Index;
    }

    private Block NewBlock()
    {
        var block = new Block(_blocks.Count);
        _blocks.Add(block);
        return block;
    }

    private void LowerBlock(ControlFlowGraph graph, BasicBlock source, Frame? frame, Block target)
    {
        if (source.Kind == BasicBlockKind.Exit)
        {
            target.End = AfterGraph(graph, target);
            return;
        }

        _operations.Start(graph);
        if (source.Kind == BasicBlockKind.Entry && graph == _graphs[0])
        {
            AddImpliedBaseCall(null);
            if (_key.Method is { } method && Contracts.IsSynchronized(method)) _operations.LowerMonitor(method);
        }

        SyntaxNode? last = null;
        var locks = EntryLocks(graph, source);
        var at = target;
        NoteLocks(at, locks);
        foreach (var operation in source.Operations)
        {
            if (_omitted.Contain(graph, operation)) continue;
            last = operation.Syntax;
            at = GoOnWithin(target, at, LocksAround(last), ref locks);
            _operations.LowerStatement(operation);
            at = GoOnBehindEntry(target, at, operation, ref locks);
        }

        if (source.BranchValue is { } branchValue)
        {
            last = branchValue.Syntax;
            at = GoOnWithin(target, at, LocksAround(last), ref locks);
        }

        var first = source.Operations.IsEmpty ? source.BranchValue : source.Operations[0];
        target.FirstStatement = first is null ? null : EndLocations.StatementOf(first.Syntax);
        at.End = Terminate(graph, source, frame, last, locks);
        at.Steps = _operations.Finish();
        if (source.Ordinal == source.EnclosingRegion.FirstBlockOrdinal) NoteHandler(graph, source, frame, target);
    }

    private Terminator Terminate(ControlFlowGraph graph, BasicBlock source, Frame? frame, SyntaxNode? last, ImmutableArray<LockStatementSyntax> locks)
    {
        var fallThrough = source.FallThroughSuccessor;
        if (source.ConditionKind != ControlFlowConditionKind.None && source.ConditionalSuccessor is { } conditional)
        {
            var condition = _omitted.Contain(graph, source.BranchValue!) ? _operations.Unknown() : _operations.Lower(source.BranchValue!);
            condition = WithFirstTurn(source.BranchValue!, condition);
            bool whenTrue = source.ConditionKind == ControlFlowConditionKind.WhenTrue;
            int jump = Follow(graph, source, conditional, frame, null, last, whenTrue, locks);
            int next = fallThrough is null ? Dead() : Follow(graph, source, fallThrough, frame, null, last, !whenTrue, locks);
            return new Terminator(TerminatorKind.Branch)
            {
                Value = condition,
                Target = whenTrue ? jump : next,
                WhenFalse = whenTrue ? next : jump,
            };
        }

        if (fallThrough is null) return Terminator.Unreachable;
        if (fallThrough.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
        {
            if (source.BranchValue is { } thrown) _operations.LowerThrown(thrown);
            return new Terminator(TerminatorKind.Unreachable) { IsThrow = true };
        }

        Value? result = source.BranchValue is { } value ? fallThrough.Semantics == ControlFlowBranchSemantics.Return ? _operations.LowerReturned(value) : _operations.Lower(value) : null;
        switch (fallThrough.Semantics)
        {
            case ControlFlowBranchSemantics.StructuredExceptionHandling when frame is not null:
            case ControlFlowBranchSemantics.Regular:
                return new Terminator(TerminatorKind.Goto) { Target = Follow(graph, source, fallThrough, frame, null, last, null, locks) };
            case ControlFlowBranchSemantics.Return:
                _operations.LowerReturn(source.BranchValue!, ref result);
                return new Terminator(TerminatorKind.Goto) { Target = Follow(graph, source, fallThrough, frame, result, last, null, locks) };
            default:
                return Terminator.Unreachable;
        }
    }

    /// <summary>The block where a branch goes on: through copies of the finally blocks, to its destination or a return.</summary>
    private int Follow(
        ControlFlowGraph graph, BasicBlock source, ControlFlowBranch branch, Frame? frame, Value? result, SyntaxNode? last, bool? arm, ImmutableArray<LockStatementSyntax> locks)
    {
        // The end of a finally block, perhaps behind the condition of a loop.
        if (branch.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling && frame is not null) return Leaving(locks, EntryLocks(graph, graph.Blocks[frame.Region.FirstBlockOrdinal]), frame.Continue);
        if (branch.Destination is not { } destination) return Dead();
        return branch.FinallyRegions.IsEmpty && locks.IsEmpty
            ? ArriveAt(destination, graph, source, branch, frame, result, last, arm)
            : FollowThrough(destination, graph, source, branch, frame, result, last, arm, locks);
    }

    private int ArriveAt(BasicBlock destination, ControlFlowGraph graph, BasicBlock source, ControlFlowBranch branch, Frame? frame, Value? result, SyntaxNode? last, bool? arm)
    {
        if (destination.Kind != BasicBlockKind.Exit || graph != _graphs[_graphs.Length - 1]) return IndexOf(graph, destination, frame);
        if (arm is null && branch.Semantics == ControlFlowBranchSemantics.Return && source.BranchValue is { } value) return ReturnBlock(ReturnLocation(value), result);
        return (last is null ? BareReturns.Behind(graph, source) : BareReturns.Behind(last, arm)) is { } bare ? BareReturn(bare, result) : ReturnBlock(_end, result);
    }

    private int FollowThrough(
        BasicBlock destination, ControlFlowGraph graph, BasicBlock source, ControlFlowBranch branch, Frame? frame, Value? result, SyntaxNode? last, bool? arm,
        ImmutableArray<LockStatementSyntax> locks)
    {
        System.Func<int> go = () => ArriveAt(destination, graph, source, branch, frame, result, last, arm);
        var held = locks.IsEmpty ? locks : EntryLocks(graph, destination);
        for (int i = branch.FinallyRegions.Length - 1; i >= 0; i--)
        {
            var region = branch.FinallyRegions[i];
            var within = locks.IsEmpty ? locks : EntryLocks(graph, graph.Blocks[region.FirstBlockOrdinal]);
            var behind = held;
            var next = go;
            var inner = new Frame(region, frame, () => Leaving(within, behind, next));
            go = () => IndexOf(graph, graph.Blocks[region.FirstBlockOrdinal], inner);
            held = within;
        }

        return Leaving(locks, held, go);
    }

    private int ReturnBlock(Location location, Value? result)
    {
        var block = NewBlock();
        block.End = new Terminator(TerminatorKind.Return) { Value = result, Location = location };
        return block.Index;
    }

    // Paths may meet at it, as at any statement.
    private int BareReturn(StatementSyntax statement, Value? result)
    {
        if (_bareReturns.TryGetValue(statement, out int known)) return known;
        int index = ReturnBlock(statement.GetLocation(), result);
        _blocks[index].FirstStatement = statement.GetLocation();
        _bareReturns.Add(statement, index);
        return index;
    }

    private Location ReturnLocation(IOperation value)
    {
        for (var at = value.Syntax; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case ReturnStatementSyntax: return at.GetLocation();
                case ArrowExpressionClauseSyntax: return at.GetLocation();
                case AnonymousFunctionExpressionSyntax: return _end;
                case MemberDeclarationSyntax: return _end;
            }
        }

        return _end;
    }

    private int Dead() => NewBlock().Index;

    // Initialisers run before the body of a constructor: the exit of one graph is the entry of the next.
    private Terminator AfterGraph(ControlFlowGraph graph, Block target)
    {
        int next = _graphs.IndexOf(graph) + 1;
        if (next < _graphs.Length) return new Terminator(TerminatorKind.Goto) { Target = IndexOf(_graphs[next], _graphs[next].Blocks[0], null) };
        return new Terminator(TerminatorKind.Return) { Location = _end };
    }

    private void AddImpliedBaseCall(Block? alone)
    {
        if (_key.Method is not { MethodKind: MethodKind.Constructor } constructor) return;
        if (alone is not null) _operations.Start(null);
        _operations.LowerImpliedBaseCall(constructor, _end);
        if (alone is not null) alone.Steps = _operations.Finish();
    }

    private void AddRecordMember(Block alone)
    {
        if (_key.Method is not { IsImplicitlyDeclared: true, ContainingType.IsRecord: true } member) return;
        _operations.Start(null);
        _operations.LowerRecordMember(member, _end);
        alone.Steps = alone.Steps.AddRange(_operations.Finish());
    }

    private void NoteHandler(ControlFlowGraph graph, BasicBlock source, Frame? frame, Block target)
    {
        for (var region = source.EnclosingRegion; region is not null && region.FirstBlockOrdinal == source.Ordinal; region = region.EnclosingRegion!)
        {
            if (region.Kind == ControlFlowRegionKind.Try) ReachHandlers(graph, region, frame, target);
        }
    }

    /// <summary>No branch leads into a handler: its first block is made known when its try is reached.</summary>
    private void ReachHandlers(ControlFlowGraph graph, ControlFlowRegion tryRegion, Frame? frame, Block entry)
    {
        bool? isQuiet = null;
        foreach (var sibling in tryRegion.EnclosingRegion!.NestedRegions)
        {
            if (sibling == tryRegion || sibling.Kind != ControlFlowRegionKind.Finally && (isQuiet ??= QuietOperations.Fill(graph, tryRegion)) == true) continue;
            var first = graph.Blocks[sibling.FirstBlockOrdinal];
            var inside = frame;
            if (sibling.Kind == ControlFlowRegionKind.Finally)
            {
                // The exceptional way through a finally: whatever stands in it is seen at least once, and it leads nowhere.
                inside = new Frame(sibling, frame, Dead);
            }

            int index = IndexOf(graph, first, inside);
            var block = _blocks[index];
            if (block.GuardedEntry >= 0) continue;
            block.GuardedEntry = entry.Index;
            block.IsCleanup = sibling.Kind == ControlFlowRegionKind.Finally;
            _handlers.Add((block, tryRegion, graph, frame, sibling.Kind == ControlFlowRegionKind.FilterAndHandler));
        }
    }

    private void ConnectHandlers()
    {
        foreach (var (first, region, graph, frame, isFilter) in _handlers)
        {
            var guarded = ImmutableArray.CreateBuilder<int>();
            var inner = ImmutableArray.CreateBuilder<int>();
            for (int ordinal = region.FirstBlockOrdinal; ordinal <= region.LastBlockOrdinal; ordinal++)
            {
                bool isInner = HasFinallyOfItsOwn(graph.Blocks[ordinal], region);
                first.HasCleanupInside |= isInner;
                if (isInner && (!isFilter || IsCaughtBefore(graph.Blocks[ordinal], region))) continue;
                var inside = frame;
                while (inside is not null && !Contains(inside.Region, graph.Blocks[ordinal])) inside = inside.Outer;
                if (_indices.TryGetValue((graph, ordinal, inside), out int index)) AddGuarded(first, index, isInner ? inner : guarded, isFilter ? inner : null);
            }

            first.Guards = guarded.ToImmutable();
            first.FilterGuards = inner.ToImmutable();
        }

        foreach (var entry in _indices)
        {
            var source = entry.Key.Graph.Blocks[entry.Key.Ordinal];
            for (var region = source.EnclosingRegion; region is not null; region = region.EnclosingRegion)
            {
                if (region.Kind == ControlFlowRegionKind.Filter)
                {
                    _blocks[entry.Value].IsFilter = true;
                    foreach (int piece in PiecesOf(entry.Value)) _blocks[piece].IsFilter = true;
                }

                // A filter and its handler are one: the way from the one into the other leaves nothing.
                bool isHandler = region.Kind == ControlFlowRegionKind.FilterAndHandler
                    || region is { Kind: ControlFlowRegionKind.Catch, EnclosingRegion.Kind: not ControlFlowRegionKind.FilterAndHandler };
                if (!isHandler) continue;
                _blocks[entry.Value].Handler = region.FirstBlockOrdinal;
                foreach (int piece in PiecesOf(entry.Value)) _blocks[piece].Handler = region.FirstBlockOrdinal;
                break;
            }
        }
    }

    // What an inner finally or using protects passes through it first, and there a context is left.
    private static bool HasFinallyOfItsOwn(BasicBlock block, ControlFlowRegion within)
    {
        for (var region = block.EnclosingRegion; region is not null && region != within; region = region.EnclosingRegion)
        {
            if (region is { Kind: ControlFlowRegionKind.Try, EnclosingRegion.Kind: ControlFlowRegionKind.TryAndFinally }) return true;
        }

        return false;
    }

    // A handler of any exception inside of the try lets none out.
    private static bool IsCaughtBefore(BasicBlock block, ControlFlowRegion within)
    {
        for (var region = block.EnclosingRegion; region is not null && region != within; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { Kind: ControlFlowRegionKind.TryAndCatch } around }) continue;
            foreach (var sibling in around.NestedRegions)
            {
                if (sibling is { Kind: ControlFlowRegionKind.Catch, ExceptionType: null or { SpecialType: SpecialType.System_Object } or { Name: "Exception", ContainingNamespace.Name: "System" } }) return true;
            }
        }

        return false;
    }

    private static bool Contains(ControlFlowRegion region, BasicBlock block) =>
        block.Ordinal >= region.FirstBlockOrdinal && block.Ordinal <= region.LastBlockOrdinal;

    /// <summary>One way through a finally region, and where it goes on.</summary>
    private sealed class Frame
    {
        private readonly System.Func<int> _continue;
        private int _target = -1;

        public Frame(ControlFlowRegion region, Frame? outer, System.Func<int> continuation)
        {
            Region = region;
            Outer = outer;
            _continue = continuation;
        }

        public ControlFlowRegion Region { get; }

        public Frame? Outer { get; }

        public int Continue() => _target >= 0 ? _target : _target = _continue();
    }
}
