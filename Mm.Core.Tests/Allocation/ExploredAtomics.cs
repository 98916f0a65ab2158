using System.Runtime.CompilerServices;
using Mm.Core.Allocation;

namespace Mm.Core.Tests.Allocation;

/// <summary>The smallest parts that have everything: rows of two frames, children of two rows, trees of two children.</summary>
internal readonly struct SmallShape : ITreeShape
{
    public static int RowOrder => 1;

    public static int ChildOrder => 2;

    public static int TreeOrder => 3;
}

/// <summary>The same with rows of one frame, so that blocks of several rows are in it.</summary>
internal readonly struct ThinShape : ITreeShape
{
    public static int RowOrder => 0;

    public static int ChildOrder => 2;

    public static int TreeOrder => 3;
}

/// <summary>Four children in a tree, so that large blocks get into each other's way.</summary>
internal readonly struct WideShape : ITreeShape
{
    public static int RowOrder => 1;

    public static int ChildOrder => 2;

    public static int TreeOrder => 4;
}

/// <summary>Each operation is a step of the explorer that runs on this thread.</summary>
internal readonly struct ExploredAtomics : IAtomics
{
    public static uint Read(ref uint word)
    {
        var explorer = Explorer.Current;
        return explorer.TryReplay(out var seen) ? (uint)seen : (uint)explorer.Note(explorer.Load(ref word));
    }

    public static ulong Read(ref ulong word)
    {
        var explorer = Explorer.Current;
        return explorer.TryReplay(out var seen) ? seen : explorer.Note(explorer.Load(ref word));
    }

    public static void Write(ref uint word, uint value)
    {
        var explorer = Explorer.Current;
        if (explorer.TryReplay(out _)) return;
        explorer.Store(ref word, value);
        explorer.Note(0);
    }

    public static bool TrySwap(ref uint word, uint old, uint value)
    {
        var explorer = Explorer.Current;
        var offset = explorer.OffsetOf(ref Unsafe.As<uint, byte>(ref word));
        var isUndo = explorer.IsUndo(offset, value, ChildWord.FreeMask | ChildWord.Whole | ChildWord.Polarity);
        if (explorer.TryReplay(out var seen)) return explorer.Swapped(offset, old, seen != 0);
        explorer.DriveOutOwn();
        var isSplit = ChildWord.IsWhole(old) && value == ChildWord.Split(old);
        var matches = word == old;
        switch (explorer.Mutation)
        {
            case Mutation.ChildRightIsNotCounted when !ChildWord.IsWhole(value) && ChildWord.FreeOf(value) < ChildWord.FreeOf(old):
            case Mutation.UndoOfAChildIsDropped when isUndo:
                value = old;
                break;
            case Mutation.SplitKeepsThePolarity when isSplit:
                value ^= ChildWord.Polarity;
                break;
            case Mutation.RaisingEndsTheIsolation when ChildWord.IsIsolated(old) && ChildWord.IsIsolated(value):
                value = ChildWord.WithoutIsolation(value);
                break;
            case Mutation.IsolationIsNotChecked when ChildWord.IsIsolated(value) && !ChildWord.IsIsolated(old):
            case Mutation.SplitIsNotChecked when isSplit:
            case Mutation.WholeIsTakenWhateverIsOut when ChildWord.IsWhole(value) && !ChildWord.IsWhole(old):
                matches = true;
                break;
        }

        if (matches) word = value;
        return explorer.Swapped(offset, old, explorer.Note(matches ? 1UL : 0) != 0);
    }

    public static bool TrySwap(ref ulong word, ulong old, ulong value)
    {
        var explorer = Explorer.Current;
        var offset = explorer.OffsetOf(ref Unsafe.As<ulong, byte>(ref word));
        var isUndo = explorer.IsUndo(offset, value);
        if (explorer.TryReplay(out var seen)) return explorer.Swapped(offset, old, seen != 0);
        explorer.DriveOutOwn();
        var isRow = offset >= explorer.RowsAt;
        var matches = word == old || (explorer.Mutation == Mutation.RowIsSwappedBlindly && isRow);
        if (explorer.Mutation == Mutation.UndoOfARowIsDropped && isRow && isUndo) value = old;
        if (matches) word = value;
        return explorer.Swapped(offset, old, explorer.Note(matches ? 1UL : 0) != 0);
    }

    public static uint Add(ref uint word, uint value)
    {
        var explorer = Explorer.Current;
        if (explorer.TryReplay(out var seen)) return (uint)seen;
        explorer.DriveOutOwn();
        return (uint)explorer.Note(word += value);
    }

    public static ulong Add(ref ulong word, ulong value)
    {
        var explorer = Explorer.Current;
        if (explorer.Mutation == Mutation.UpperCounterRisesFirst) word = ref explorer.Other(ref word);
        if (explorer.TryReplay(out var seen)) return seen;
        explorer.DriveOutOwn();
        return explorer.Note(word += value);
    }

    public static void BarrierEverywhere()
    {
        var explorer = Explorer.Current;
        if (explorer.TryReplay(out _)) return;
        if (explorer.Mutation != Mutation.BarrierIsDropped) explorer.DriveOutAll();
        explorer.Note(0);
    }
}
