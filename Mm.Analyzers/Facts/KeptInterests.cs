using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>
/// The interests of the last compilation, and what they were made of. They hang on words alone, and few edits change a word that was
/// asked for: then the next compilation takes them over. Kept with two of its trees, of which an edit replaces one at most; holds no
/// symbol and no tree.
/// </summary>
internal sealed class KeptInterests
{
    private static readonly ConditionalWeakTable<SyntaxTree, Place> s_places = new();

    private readonly Interests _interests;
    private readonly TreeNames[] _trees;
    private readonly List<NamedDeclaration>[] _assemblies;
    private readonly ImmutableArray<AnnotationLine> _lines;
    private readonly int _regions;

    private KeptInterests(Interests interests, TreeNames[] trees, List<NamedDeclaration>[] assemblies, ImmutableArray<AnnotationLine> lines, int regions)
    {
        _interests = interests;
        _trees = trees;
        _assemblies = assemblies;
        _lines = lines;
        _regions = regions;
    }

    /// <summary>The interests of a compilation: those of the last one, if they are the same, or new ones.</summary>
    public static Interests Of(Compilation compilation, TreeNames[] trees, List<NamedDeclaration>[] assemblies, AnnotationTable annotations, Func<Interests> make)
    {
        if (trees.Length < 2) return make();
        var places = new List<Place>(2);
        int number = 0;
        foreach (var tree in compilation.SyntaxTrees)
        {
            if (number++ == 0 || number == trees.Length) places.Add(s_places.GetValue(tree, static _ => new Place()));
        }

        int regions = Interests.RegionsOf(annotations.Regions);
        foreach (var place in places)
        {
            if (place.Kept is not { } kept || !kept.IsOf(trees, assemblies, annotations.Lines, regions)) continue;
            Keep(kept._interests);
            return kept._interests;
        }

        var made = make();
        if (!made.HangsOnSymbols) Keep(made);
        return made;

        void Keep(Interests interests)
        {
            var kept = new KeptInterests(interests, trees, assemblies, ImmutableArray.CreateRange(annotations.Lines), regions);
            foreach (var place in places) place.Kept = kept;
        }
    }

    private bool IsOf(TreeNames[] trees, List<NamedDeclaration>[] assemblies, IReadOnlyList<AnnotationLine> lines, int regions)
    {
        if (regions != _regions || trees.Length != _trees.Length || assemblies.Length != _assemblies.Length || lines.Count != _lines.Length) return false;
        for (int i = 0; i < assemblies.Length; i++)
        {
            if (!ReferenceEquals(assemblies[i], _assemblies[i])) return false;
        }

        for (int i = 0; i < lines.Count; i++)
        {
            if (!ReferenceEquals(lines[i], _lines[i]) && !Interests.AreAlike(lines[i], _lines[i])) return false;
        }

        for (int i = 0; i < trees.Length; i++)
        {
            if (!ReferenceEquals(trees[i], _trees[i]) && !_interests.AreAlike(trees[i], _trees[i])) return false;
        }

        return true;
    }

    private sealed class Place
    {
        private volatile KeptInterests? _kept;

        public KeptInterests? Kept
        {
            get => _kept;
            set => _kept = value;
        }
    }
}
