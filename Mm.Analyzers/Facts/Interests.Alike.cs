using System;
using System.Collections.Generic;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>Whether another text, or other lines, would have come to the same interests: nothing that was asked of them is answered differently.</summary>
internal sealed partial class Interests
{
    // Words that were looked for beside those of interest: names of places, and of the types that the catalogue speaks of.
    private readonly HashSet<int> _sought = new();

    /// <summary>More than words has decided.</summary>
    public bool HangsOnSymbols { get; private set; }

    /// <summary>What is asked of the regions, as bits.</summary>
    public static int RegionsOf(RegionRules regions)
    {
        int bits = 0;
        foreach (var region in new[] { Region.Lock, Region.Async, Region.Callback, Region.Finalizer })
        {
            if (regions.ContextOf(region) is not null) bits |= 1 << (int)region;
        }

        return bits;
    }

    public static bool AreAlike(AnnotationLine left, AnnotationLine right) =>
        left.Key == right.Key && left.Verb == right.Verb && left.IsBuiltIn == right.IsBuiltIn && left.IsOnFlags == right.IsOnFlags;

    public bool AreAlike(TreeNames left, TreeNames right)
    {
        if (left.Declarations.Count != right.Declarations.Count || !AreAlike(left.AssemblyAttributes, right.AssemblyAttributes)) return false;
        for (int i = 0; i < left.Declarations.Count; i++)
        {
            if (!AreAlike(left.Declarations[i], right.Declarations[i])) return false;
        }

        return Includes(left.Called, right.Called) && Includes(right.Called, left.Called);
    }

    private bool AreAlike(NamedDeclaration left, NamedDeclaration right) =>
        left.Name == right.Name && left.Kind == right.Kind && left.Container == right.Container && left.Around == right.Around
        && left.IsInValue == right.IsInValue && left.IsExtension == right.IsExtension && left.IsImplicit == right.IsImplicit
        && AreEqual(left.Attributes, right.Attributes)
        && AreAlike(left.Head, right.Head) && AreAlike(left.Body, right.Body) && AreAlike(left.Enclosed, right.Enclosed);

    private static bool AreEqual(List<NamedAttribute>? left, List<NamedAttribute>? right)
    {
        if (left is null || right is null) return left is null && right is null;
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (left[i] != right[i]) return false;
        }

        return true;
    }

    // A word stands in each list once.
    private bool AreAlike(int[] left, int[] right) => left.AsSpan().SequenceEqual(right) || Includes(left, right) && Includes(right, left);

    private bool Includes(int[] all, int[] some)
    {
        foreach (int word in some)
        {
            if (IsSought(word) && Array.IndexOf(all, word) < 0) return false;
        }

        return true;
    }

    private bool Includes(HashSet<int> all, HashSet<int> some)
    {
        foreach (int word in some)
        {
            if (IsSought(word) && !all.Contains(word)) return false;
        }

        return true;
    }

    /// <summary>Whether anybody has looked, or would have looked, for declarations that mention the word.</summary>
    private bool IsSought(int word) => _words.ContainsKey(word) || _sought.Contains(word) || _code.Contains(word) || s_vocabulary.ContainsKey(word);
}
