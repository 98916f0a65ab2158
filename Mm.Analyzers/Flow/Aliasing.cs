using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What a write to a field may change beside it: the same field of whatever may be the same object. Two instances of a class may be
/// one; a struct in a variable of the body is nobody else's, unless something writes through a reference that cannot be followed.
/// </summary>
internal sealed class Aliasing
{
    private readonly Body _body;

    public Aliasing(Body body) => _body = body;

    /// <summary>Without what the write to the field makes doubtful.</summary>
    public Alternative Forget(Alternative alternative, Symbol written)
    {
        bool isOwn = IsOwn(written);
        bool MayBeSame(Symbol symbol) =>
            symbol.Role == SymbolRole.Field && Equals(symbol.Key, written.Key) && (Equals(symbol.Parent, written.Parent) || !isOwn && !IsOwn(symbol));

        List<Symbol>? gone = null;
        foreach (var pair in alternative.Environment)
        {
            if (pair.Key.Role == SymbolRole.Field && pair.Key.Mentions(MayBeSame)) (gone ??= new List<Symbol>()).Add(pair.Key);
        }

        var facts = alternative.Facts.Forget(MayBeSame);
        if (gone is null && ReferenceEquals(facts, alternative.Facts)) return alternative;
        return alternative with { Facts = facts, Environment = gone is null ? alternative.Environment : alternative.Environment.RemoveRange(gone) };
    }

    /// <summary>Part of a struct in a variable that a lambda writes to: what is written here need not be what is read later.</summary>
    public bool IsShared(Symbol place) => HolderOf(place) switch
    {
        Symbol { Role: SymbolRole.Captured } => true,
        Symbol { Role: SymbolRole.Local, Key: ISymbol local } => _body.Shared.Contains(local),
        Symbol { Role: SymbolRole.Parameter, Index: var ordinal } => ParameterAt(ordinal) is { } parameter && _body.Shared.Contains(parameter),
        _ => false,
    };

    /// <summary>Whether the field is part of a struct that only one variable of the body holds.</summary>
    private bool IsOwn(Symbol field) => !_body.HasOpenReferences && HolderOf(field) switch
    {
        Symbol { Role: SymbolRole.Parameter, Index: var ordinal } => ParameterAt(ordinal) is { RefKind: RefKind.None },
        Symbol { Role: SymbolRole.Fresh, Key: null } or Symbol { Role: SymbolRole.Instance or SymbolRole.Result or SymbolRole.Merge } => true,
        _ => false,
    };

    /// <summary>What holds the struct of which the field is a part; null where it is part of an object.</summary>
    private static Value? HolderOf(Symbol field)
    {
        Value? holder = field;
        while (holder is Symbol { Role: SymbolRole.Field } part)
        {
            if (part.Key is not ISymbol { IsStatic: false, ContainingType.IsValueType: true }) return null;
            holder = part.Parent;
        }

        return holder;
    }

    private IParameterSymbol? ParameterAt(int ordinal) =>
        ordinal >= 0 && _body.Key.Method is { } method && ordinal < method.Parameters.Length ? method.Parameters[ordinal] : null;
}
