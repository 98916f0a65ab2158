using System.Linq;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>What one body does, as a graph of blocks of steps; no verdict. Block 0 is the entry.</summary>
internal sealed class Body
{
    private ImmutableArray<InvokedOnce> _invokedOnce;

    public Body(BodyKey key, ImmutableArray<Block> blocks, ImmutableArray<NestedFunction> functions)
    {
        Key = key;
        Blocks = blocks;
        Functions = functions;
    }

    public BodyKey Key { get; }

    public ImmutableArray<Block> Blocks { get; }

    /// <summary>Lambdas and local functions that stand in this body.</summary>
    public ImmutableArray<NestedFunction> Functions { get; }

    /// <summary>Statement order of blocks, reverse postorder; unreachable blocks are not listed.</summary>
    public ImmutableArray<int> Order { get; set; }

    /// <summary>By block, its place in the order; -1 where it is not reached.</summary>
    public ImmutableArray<int> Positions { get; set; }

    public bool IsAsync { get; set; }

    public bool IsIterator { get; set; }

    /// <summary>The compiler makes an object for each call.</summary>
    public bool IsMachine => IsIterator || IsAsync;

    /// <summary>Locals that a lambda or local function writes: their values are not followed.</summary>
    public ImmutableHashSet<ISymbol> Shared { get; set; } = ImmutableHashSet<ISymbol>.Empty;

    /// <summary>A write through a reference may change any struct, a local too.</summary>
    public bool HasOpenReferences { get; set; }

    public int StepCount { get; set; }

    /// <summary>Whether the parameter may go where this body cannot see: into a variable, to a delegate, to the caller, into a lambda.</summary>
    public bool MayKeep(int parameter)
    {
        if (IsAsync || IsIterator || Functions.Length > 0) return true;
        bool IsIt(Symbol symbol) => symbol is { Role: SymbolRole.Parameter } && symbol.Index == parameter;
        foreach (var block in Blocks)
        {
            if (block.End is { Kind: TerminatorKind.Return, Value: { } returned } && Carries(returned, IsIt)) return true;
            foreach (var step in block.Steps)
            {
                switch (step)
                {
                    case AssignStep assign when Carries(assign.Value, IsIt):
                    case InvokeStep invoke when invoke.Arguments.Any(argument => Carries(argument, IsIt)):
                    case CallStep call when call.Arguments.Any(argument => Carries(argument, IsIt) && !Equals(argument, Symbol.Parameter(parameter))) || call.References.Any(place => place is not null && IsIt(place)):
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// The parameters, and the delegates that the object keeps, which the body invokes exactly once, whatever happens: but that there may
    /// be none to invoke, or that it has done so before. Looked for when first asked.
    /// </summary>
    public ImmutableArray<InvokedOnce> InvokedOnce
    {
        get
        {
            if (_invokedOnce.IsDefault) ImmutableInterlocked.InterlockedInitialize(ref _invokedOnce, FirstRun.Of(this));
            return _invokedOnce;
        }
    }

    /// <summary>The calls that are given the parameter as it is, and as which of theirs.</summary>
    public IEnumerable<(CallStep Call, int Argument)> HandedOn(int parameter)
    {
        foreach (var block in Blocks)
        {
            foreach (var step in block.Steps)
            {
                if (step is not CallStep call) continue;
                for (int i = 0; i < call.Arguments.Length; i++)
                {
                    if (Equals(call.Arguments[i], Symbol.Parameter(parameter))) yield return (call, i);
                }
            }
        }
    }

    // What is read out of an object, or asked of it, is not the object.
    private static bool Carries(Value value, System.Func<Symbol, bool> isIt) => value switch
    {
        Symbol { Role: SymbolRole.Field, Key: not TupleElement } => false,
        Operation { Kind: Operator.Equal or Operator.IsType or Operator.Not } => false,
        _ => value.Mentions(isIt),
    };

    /// <summary>The call that is the step with this number; null where that is none.</summary>
    public CallStep? CallAt(int step) => Find(step)?.Step as CallStep;

    /// <summary>Whether the step may be done more than once; of one that is not here, yes.</summary>
    public bool IsInLoop(int step) => Find(step) is not { Block.IsInLoop: false };

    private (Block Block, Step Step)? Find(int step)
    {
        foreach (var block in Blocks)
        {
            foreach (var candidate in block.Steps)
            {
                if (candidate.Id == step) return (block, candidate);
            }
        }

        return null;
    }

    /// <summary>Whether the step asks an object of somebody else's, such as a dictionary, for what was put into it: 'TryGetValue(key, out value)'.</summary>
    public bool IsLookup(int step) => CallAt(step) is { Target: { IsStatic: false, DeclaringSyntaxReferences.IsEmpty: true } };

    /// <summary>Whether the result of the step is what a property gave.</summary>
    public bool IsRead(int step) => CallAt(step) is { Target.MethodKind: MethodKind.PropertyGet };
}

internal sealed class NestedFunction
{
    public NestedFunction(BodyKey key, Location head)
    {
        Key = key;
        Head = head;
    }

    public BodyKey Key { get; }

    /// <summary>From the first character of a lambda to its arrow; the name of a local function.</summary>
    public Location Head { get; }
}

internal sealed class Block
{
    public Block(int index) => Index = index;

    public int Index { get; }

    public ImmutableArray<Step> Steps { get; set; } = ImmutableArray<Step>.Empty;

    public Terminator End { get; set; } = Terminator.Unreachable;

    /// <summary>Where a meeting of paths is reported: the first statement that stands in this block.</summary>
    public Location? FirstStatement { get; set; }

    /// <summary>Blocks of the try that this block is the first handler block of; empty for all others.</summary>
    public ImmutableArray<int> Guards { get; set; } = ImmutableArray<int>.Empty;

    /// <summary>Of the first block of a filter: the blocks of its try that have a finally of their own, which runs only when the filter has said yes.</summary>
    public ImmutableArray<int> FilterGuards { get; set; } = ImmutableArray<int>.Empty;

    /// <summary>Part of a filter, and not of the handler behind it.</summary>
    public bool IsFilter { get; set; }

    /// <summary>The first block of the exceptional way through a finally, which is seen as from the start of its try.</summary>
    public bool IsCleanup { get; set; }

    /// <summary>Of the first block of a handler: some of its try has a finally or using of its own.</summary>
    public bool HasCleanupInside { get; set; }

    /// <summary>The first block of that try.</summary>
    public int GuardedEntry { get; set; } = -1;

    /// <summary>Part of a catch block or filter, by the index of its first block; -1 elsewhere.</summary>
    public int Handler { get; set; } = -1;

    public ImmutableArray<int> Predecessors { get; set; } = ImmutableArray<int>.Empty;

    /// <summary>
    /// The place in the order from which control may come back to this block: that of the outermost loop around it, or its own
    /// outside of loops.
    /// </summary>
    public int LoopStart { get; set; }

    /// <summary>It may run more than once.</summary>
    public bool IsInLoop { get; set; }

    /// <summary>Some predecessor comes later in the order.</summary>
    public bool IsLoopHead { get; set; }
}

internal enum TerminatorKind
{
    Goto,
    Branch,
    Return,

    /// <summary>A throw, the end of an exceptional path, or code behind a call that does not return.</summary>
    Unreachable,
}

internal sealed record Terminator(TerminatorKind Kind)
{
    public static readonly Terminator Unreachable = new(TerminatorKind.Unreachable);

    /// <summary>The condition of a branch, or the value of a return.</summary>
    public Value? Value { get; init; }

    public int Target { get; init; } = -1;

    public int WhenFalse { get; init; } = -1;

    /// <summary>A throw, as opposed to an end that is never reached.</summary>
    public bool IsThrow { get; init; }

    /// <summary>Of a return: the return statement, closing brace or arrow.</summary>
    public Location? Location { get; init; }
}
