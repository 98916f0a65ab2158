using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Where implementations of one member do not change contexts alike, which of them ran says what kind of object the receiver is, and
/// so which implementation of the next member will run: a lock that is entered through an interface is left by the same class.
/// </summary>
internal sealed class ReceiverKind : IEquatable<ReceiverKind>
{
    // Who would have to tell more kinds apart gets no more than "one of them".
    private const int KindLimit = 4;

    private readonly ImmutableArray<INamedTypeSymbol> _types;

    // All classes whose bodies were to choose from. No part of what a kind is: the next member may be overridden in fewer classes.
    private readonly ImmutableArray<INamedTypeSymbol> _choice;
    private readonly string _name;

    private ReceiverKind(IEnumerable<INamedTypeSymbol> types, ImmutableArray<INamedTypeSymbol> choice)
    {
        _types = types.ToImmutableArray();
        _choice = choice;
        _name = string.Join("|", _types.Select(static type => type.ToDisplayString()).OrderBy(static name => name, StringComparer.Ordinal));
    }

    /// <summary>The ways of several bodies, each with the kind of receiver that it speaks of; as they are where that says nothing.</summary>
    public static ImmutableArray<Outcome> Tell(
        IReadOnlyList<(INamedTypeSymbol Type, ImmutableArray<Outcome> Ways)> bodies, Value? receiver, FactSet facts)
    {
        var groups = bodies.GroupBy(static body => body.Ways, static body => body.Type, WaysComparer.Instance).ToList();
        if (groups.Count == 1) return groups[0].Key;
        var all = groups.SelectMany(static group => group.Key).Distinct().ToImmutableArray();
        if (groups.Count > KindLimit || receiver is null or Constant || receiver.Size > Value.Sizes.Limit) return all;
        var choice = bodies.Select(static body => body.Type).ToImmutableArray();
        var kinds = groups.ConvertAll(group => (Kind: new ReceiverKind(group, choice), Ways: group.Key));
        var told = ImmutableArray.CreateBuilder<Outcome>();
        foreach (var (kind, ways) in kinds)
        {
            if (!kind.IsPossible(receiver, facts)) continue;
            var guard = FactSet.Empty;
            foreach (var (other, _) in kinds) guard = guard.Learn(other.Of(receiver), Known.Exactly(other.Equals(kind))) ?? guard;
            foreach (var way in ways) told.Add(way with { Guard = guard });
        }

        return told.Count > 0 ? told.ToImmutable() : all;
    }

    public bool Equals(ReceiverKind? other) => other is not null && _name == other._name;

    public override bool Equals(object? obj) => Equals(obj as ReceiverKind);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_name);

    public override string ToString() => _name;

    /// <summary>Whether an object of the class, or exactly of it, is of this kind; null where that hangs on which class it is.</summary>
    public bool? Covers(INamedTypeSymbol type, bool isExact)
    {
        // A class that has the member twice, or an interface that has a body for it: a base class does not tell which of them runs.
        if (_choice.Any(static candidate => candidate.TypeKind == TypeKind.Interface) || _choice.Distinct(SymbolEqualityComparer.Default).Count() < _choice.Length) return null;
        var may = _choice.Where(candidate => !isExact && !type.IsSealed && DerivesFrom(candidate, type)).ToList();
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (!_choice.Contains(at.OriginalDefinition, SymbolEqualityComparer.Default)) continue;
            may.Add(at.OriginalDefinition);
            break;
        }

        int mine = may.Count(candidate => _types.Contains(candidate, SymbolEqualityComparer.Default));
        return may.Count == 0 || mine > 0 && mine < may.Count ? null : mine > 0;
    }

    /// <summary>Whether what is known of the receiver leaves one of these types.</summary>
    private bool IsPossible(Value receiver, FactSet facts)
    {
        var left = _types;
        foreach (var fact in facts.All)
        {
            if (fact.Key is not Symbol { Role: SymbolRole.Kind, Key: ReceiverKind known } symbol || !receiver.Equals(symbol.Parent)) continue;
            if (fact.Value.Truth is not { } holds) continue;
            left = holds ? left.RemoveAll(type => !known.IsRelated(type)) : left.RemoveAll(type => known._types.Contains(type, SymbolEqualityComparer.Default));
        }

        return !left.IsEmpty;
    }

    // A body may be inherited: an object of a derived class runs it too.
    private bool IsRelated(INamedTypeSymbol type)
    {
        foreach (var mine in _types)
        {
            if (DerivesFrom(mine, type) || DerivesFrom(type, mine)) return true;
        }

        return false;
    }

    private static bool DerivesFrom(INamedTypeSymbol type, INamedTypeSymbol ancestor)
    {
        if (ancestor.TypeKind == TypeKind.Interface) return true;
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, ancestor.OriginalDefinition)) return true;
        }

        return false;
    }

    private Symbol Of(Value receiver) => new(SymbolRole.Kind, 0, this, receiver);

    private sealed class WaysComparer : IEqualityComparer<ImmutableArray<Outcome>>
    {
        public static readonly WaysComparer Instance = new();

        public bool Equals(ImmutableArray<Outcome> x, ImmutableArray<Outcome> y) => x.Length == y.Length && x.All(y.Contains);

        public int GetHashCode(ImmutableArray<Outcome> ways) => ways.Length;
    }
}
