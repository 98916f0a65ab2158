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

    /// <summary>Without what the write to the field makes doubtful. What variables have read from it before keeps its value, and what is known of that.</summary>
    /// <param name="alternative">Before the write.</param>
    /// <param name="written">The field.</param>
    /// <param name="step">The write, which names the values of before.</param>
    /// <param name="value">What is written, which may be made of them.</param>
    public Alternative Forget(Alternative alternative, Symbol written, int step, ref Value value)
    {
        // What only an initialiser writes belongs to an object that is new.
        bool isOwn = IsOwn(written) || written.Key is IPropertySymbol { SetMethod.IsInitOnly: true };
        bool MayBeSame(Symbol symbol) =>
            symbol.Role == SymbolRole.Field && Equals(symbol.Key, written.Key) && (Equals(symbol.Parent, written.Parent) || !isOwn && !IsOwn(symbol) && !AreTwo(symbol.Parent, written.Parent));

        List<Symbol>? gone = null;
        List<KeyValuePair<Symbol, Value>>? kept = null;
        foreach (var pair in alternative.Environment)
        {
            if (pair.Key.Role == SymbolRole.Field && pair.Key.Mentions(MayBeSame)) (gone ??= new List<Symbol>()).Add(pair.Key);
            else if (pair.Value.Mentions(MayBeSame)) (kept ??= new List<KeyValuePair<Symbol, Value>>()).Add(new(pair.Key, pair.Value.Substitute(AsBefore)));
        }

        var facts = kept is null ? alternative.Facts.Forget(MayBeSame) : alternative.Facts.Substitute(MayBeSame, AsBefore);
        if (value.Mentions(MayBeSame)) value = value.Substitute(AsBefore);
        if (gone is null && kept is null && ReferenceEquals(facts, alternative.Facts)) return alternative;
        var environment = gone is null ? alternative.Environment : alternative.Environment.RemoveRange(gone);
        for (int i = 0; i < kept?.Count; i++) environment = environment.SetItem(kept[i].Key, kept[i].Value);
        return alternative with { Facts = facts, Environment = environment };

        Value AsBefore(Symbol symbol) => MayBeSame(symbol) ? new Symbol(SymbolRole.Merge, -2 - step, symbol) : symbol;
    }

    /// <summary>Part of a struct in a variable that a lambda writes to: what is written here need not be what is read later.</summary>
    public bool IsShared(Symbol place) => HolderOf(place) switch
    {
        Symbol { Role: SymbolRole.Captured } => true,
        Symbol { Role: SymbolRole.Local, Key: ISymbol local } => _body.Shared.Contains(local),
        Symbol { Role: SymbolRole.Parameter, Index: var ordinal } => ParameterAt(ordinal) is { } parameter && _body.Shared.Contains(parameter),
        _ => false,
    };

    /// <summary>An object that was made here is no other that was made here, nor one that was there before.</summary>
    private static bool AreTwo(Value? one, Value? other) => IsMade(one) ? IsMade(other) || IsOfCaller(other) : IsOfCaller(one) && IsMade(other);

    private static bool IsMade(Value? value) => value is Symbol { Role: SymbolRole.Instance };

    private static bool IsOfCaller(Value? value) => value is Symbol { Role: SymbolRole.Parameter, Parent: null };

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
