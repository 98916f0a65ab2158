using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What a body returns or hands out by reference, as its callers get it: a lambda takes along what it captured.</summary>
internal static class LeavingValues
{
    private const int SequenceSizeLimit = 16;

    // Of larger structs, the rest is unknown.
    private const int PartLimit = 16;

    /// <summary>A value of which callers can make something; null of all others.</summary>
    public static Value? Portable(Session session, FlowResult result, Alternative at, Value value)
    {
        value = Enclosed(session, result, at, value);
        if (value is TupleValue tuple) value = new TupleValue(tuple.Items.Select((item, i) => Part(session, result, at, item, i)).ToImmutableArray());
        bool isSequence = value is CombinedValue || value.Mentions(static symbol => symbol.Role == SymbolRole.Iterator);
        if (isSequence) value = value.Substitute(symbol => symbol is { Role: SymbolRole.Iterator } ? Told(session, result, symbol) : symbol);
        return (isSequence ? value.Size <= SequenceSizeLimit : PortableSize.Holds(value)) && !value.Mentions(symbol => !IsPortable(session, result, symbol)) ? value : null;
    }

    // A part that is the same on all ways to this return is told; of one that means nothing to callers they get something unknown.
    private static Value Part(Session session, FlowResult result, Alternative at, Value item, int ordinal) =>
        at.Facts.Of(item) is { IsExact: true } known ? Constant.Of(known.Exact)
        : item.Mentions(symbol => !IsPortable(session, result, symbol)) ? CalleeEffects.Unsaid(ordinal) : item;

    // Of what a sequence was called with, callers hear what means something to them.
    private static Symbol Told(Session session, FlowResult result, Symbol sequence) => new(SymbolRole.Iterator, 0, sequence.Key, sequence.Parent is CalledValue called
        ? called.Select((part, at) => part.Mentions(symbol => !IsPortable(session, result, symbol)) ? CalleeEffects.Unsaid(at) : part)
        : sequence.Parent);

    private static bool IsPortable(Session session, FlowResult result, Symbol symbol) => symbol.Role is SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Function or SymbolRole.Iterator
        || CalleeEffects.IsUnsaid(symbol) || symbol is { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true } or IPropertySymbol { IsStatic: false, SetMethod: null or { IsInitOnly: true } } }
        || symbol is { Role: SymbolRole.Field, Index: 0, Key: IFieldSymbol { IsStatic: false, ContainingType.IsValueType: true } }
        || symbol is { Role: SymbolRole.Field, Key: IParameterSymbol captured } && KeptMembers.IsKept(session.Bodies, captured, result.Cancellation);

    /// <summary>What delegates, flags and truths the by-reference parameters hold at a return, and those in structs of them or in one that is returned.</summary>
    public static ImmutableSortedDictionary<int, Value> Handed(Session session, FlowResult result, Alternative at, Value? returned)
    {
        var handed = ImmutableSortedDictionary<int, Value>.Empty;
        if (result.Body.Key.Method is not { } method) return handed;
        if (returned is Symbol made && result.Body is { IsAsync: false, IsIterator: false } && (PartsOf(session, result, at, method.ReturnType, made) ?? PartsOfMade(session, result, at, made)) is { } whole) handed = handed.SetItem(Outcome.Returned, whole);
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind is RefKind.Ref or RefKind.Out && PartsOf(session, result, at, parameter.Type, Symbol.Parameter(parameter.Ordinal)) is { } parts) handed = handed.SetItem(parameter.Ordinal, parts);
            bool isValue = parameter.Type.TypeKind == TypeKind.Enum || parameter.Type.SpecialType == SpecialType.System_Boolean;
            if (parameter.RefKind is not (RefKind.Ref or RefKind.Out) || !isValue && parameter.Type.TypeKind is not (TypeKind.Delegate or TypeKind.TypeParameter)) continue;
            var place = Symbol.Parameter(parameter.Ordinal);
            var held = at.Evaluate(place);
            bool isKept = isValue
                ? parameter.RefKind == RefKind.Ref || !held.Equals(place)
                : !held.Equals(place) && (Composites.HoldFunction(held) || held is Symbol { Role: SymbolRole.Parameter, Parent: null } or Symbol { Role: SymbolRole.Field });
            if (isKept && Portable(session, result, at, held) is { } value) handed = handed.SetItem(parameter.Ordinal, value);
        }

        return handed;
    }

    /// <summary>The flags, truths and delegates in a struct, as far as callers can make something of them; null where that is nothing.</summary>
    private static ClosureValue? PartsOf(Session session, FlowResult result, Alternative at, ITypeSymbol type, Symbol holder)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, IsTupleType: false, DeclaringSyntaxReferences.IsEmpty: false } structure) return null;
        var parts = ImmutableArray.CreateBuilder<(Symbol Variable, Value Value)>();
        bool isChanged = AddParts(session, result, at, structure, holder, withSame: true, parts);

        // Of what was handed over by reference, the caller keeps no more than it is told.
        return isChanged || parts.Count > 0 && holder.Role == SymbolRole.Parameter ? new ClosureValue(parts.ToImmutable()) : null;
    }

    /// <summary>The same of an object that the body or one that it has called has made, or that it hands back to whoever has called it: what was written here or given to it.</summary>
    private static ClosureValue? PartsOfMade(Session session, FlowResult result, Alternative at, Symbol made)
    {
        if ((made.Equals(Symbol.This) ? result.Body.Key.Symbol.ContainingType : made is { Role: SymbolRole.Instance, Key: INamedTypeSymbol instance } ? instance
            : made is { Role: SymbolRole.Result, Key: null, Parent: null } ? result.Body.Key.Method?.ReturnType as INamedTypeSymbol : null) is not { TypeKind: TypeKind.Class } type) return null;
        var parts = ImmutableArray.CreateBuilder<(Symbol Variable, Value Value)>(0);
        for (; type is { DeclaringSyntaxReferences.IsEmpty: false }; type = type.BaseType!) AddParts(session, result, at, type, made, withSame: false, parts);
        return parts.Count > 0 ? new ClosureValue(parts.ToImmutable()) : null;
    }

    private static bool AddParts(
        Session session, FlowResult result, Alternative at, INamedTypeSymbol type, Symbol holder, bool withSame, ImmutableArray<(Symbol Variable, Value Value)>.Builder parts)
    {
        bool isChanged = false;
        foreach (var member in type.GetMembers())
        {
            if (member is not IFieldSymbol { IsStatic: false, IsConst: false } field || parts.Count == PartLimit) continue;
            if (!GivenValues.IsTelling(field.Type)) continue;
            var part = new Symbol(SymbolRole.Field, 0, (field.AssociatedSymbol ?? field).OriginalDefinition, holder);
            var held = at.Evaluate(part);
            bool isSame = held is Symbol { Role: SymbolRole.Field } read && Equals(read.Key, part.Key) && Equals(read.Parent, holder);
            if ((isSame ? withSame ? part : null : Portable(session, result, at, AtEntry(result, held)) ?? OfOwn(session, result, AtEntry(result, held), holder)) is not { } told) continue;
            isChanged |= !isSame;
            parts.Add((part, told));
        }

        return isChanged;
    }

    // 'Flags |= more': what was in the object before is known to whoever has called it.
    private static Value? OfOwn(Session session, FlowResult result, Value value, Symbol holder) =>
        holder.Equals(Symbol.This) && PortableSize.Holds(value) && !value.Mentions(symbol => !IsPortable(session, result, symbol) && !(symbol is { Role: SymbolRole.Field, Index: 0, Key: ISymbol { IsStatic: false } } && holder.Equals(symbol.Parent))) ? value : null;

    // What was in a part of the caller's struct before it was written here, where that was the first write.
    private static Value AtEntry(FlowResult result, Value value) => value.Substitute(symbol =>
        symbol is { Role: SymbolRole.Merge, Index: <= -2 and var write, Key: Symbol { Role: SymbolRole.Field, Index: 0, Parent: Symbol { Role: SymbolRole.Parameter } } before } && !result.Body.IsInLoop(-2 - write) ? before : symbol);

    /// <summary>The value as callers get it: each lambda in it knows what its variables hold at this return.</summary>
    private static Value Enclosed(Session session, FlowResult result, Alternative at, Value value)
    {
        if (!value.Mentions(static symbol => IsOpen(symbol))) return value;
        var generic = GenericAround(result.Body.Key.Symbol);
        return value.Substitute(symbol =>
        {
            if (!IsOpen(symbol)) return symbol;
            var closure = Enclose(session, result, at, (BodyKey)symbol.Key!);
            var target = (symbol.Parent as CalledValue)?.Target ?? generic;
            Value? bound = target is null ? closure : new CalledValue(target, null, closure, ImmutableArray<Value>.Empty);
            return bound is null ? symbol : new Symbol(SymbolRole.Function, symbol.Index, symbol.Key, bound);
        });
    }

    /// <summary>The method whose caller, or whose object, knows the type arguments of what it encloses; null where there are none.</summary>
    private static IMethodSymbol? GenericAround(ISymbol body)
    {
        var around = body as IMethodSymbol;
        while (around is { MethodKind: MethodKind.LambdaMethod } or { MethodKind: MethodKind.LocalFunction, Arity: 0 }) around = around.ContainingSymbol as IMethodSymbol;
        return around is { Arity: > 0 } or { ContainingType.IsGenericType: true } ? around : null;
    }

    private static bool IsOpen(Symbol symbol) => symbol is { Role: SymbolRole.Function, Parent: null or CalledValue { Receiver: null }, Key: BodyKey { IsNested: true } };

    private static ClosureValue? Enclose(Session session, FlowResult result, Alternative at, BodyKey function)
    {
        var captured = new List<Symbol>();
        Note(session, result, function, captured);
        var variables = ImmutableArray.CreateBuilder<(Symbol Variable, Value Value)>();
        foreach (var variable in captured)
        {
            if (HeldBy(result, at, variable) is { } held) variables.Add((variable, held));
        }

        return variables.Count == 0 ? null : new ClosureValue(variables.ToImmutable());
    }

    /// <summary>What a caller can make something of; null for all else, and for what a lambda writes.</summary>
    private static Value? HeldBy(FlowResult result, Alternative at, Symbol variable)
    {
        Value? held;
        if (variable.Role == SymbolRole.Parameter) held = at.Evaluate(variable);
        else if (variable.Key is not ISymbol declared || result.Body.Shared.Contains(declared)) return null;
        else if (at.Environment.TryGetValue(new Symbol(SymbolRole.Local, 0, declared), out var local)) held = local;
        else if (declared is IParameterSymbol { ContainingSymbol: IMethodSymbol owner } parameter && BodyKey.Of(owner).Equals(result.Body.Key)) held = at.Evaluate(Symbol.Parameter(parameter.Ordinal));
        else held = at.Evaluate(variable);
        return held.Mentions(static symbol => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Function)) ? null : held;
    }

    private static void Note(Session session, FlowResult result, BodyKey function, List<Symbol> captured)
    {
        if (session.Bodies.Get(function, result.Cancellation) is not { } body) return;
        bool IsNoted(Symbol symbol)
        {
            if ((symbol.Role == SymbolRole.Captured || symbol is { Role: SymbolRole.Parameter, Index: < 0 }) && !captured.Contains(symbol)) captured.Add(symbol);
            return false;
        }

        foreach (var block in body.Blocks)
        {
            block.End.Value?.Mentions(IsNoted);
            foreach (var step in block.Steps)
            {
                switch (step)
                {
                    case CallStep call:
                        call.Receiver?.Mentions(IsNoted);
                        foreach (var argument in call.Arguments) argument.Mentions(IsNoted);
                        break;
                    case InvokeStep invoke:
                        invoke.Function.Mentions(IsNoted);
                        foreach (var argument in invoke.Arguments) argument.Mentions(IsNoted);
                        break;
                    case AssignStep assign:
                        assign.Value.Mentions(IsNoted);
                        break;
                    case ConvertStep convert:
                        convert.Function.Mentions(IsNoted);
                        break;
                }
            }
        }

        foreach (var inner in body.Functions) Note(session, result, inner.Key, captured);
    }
}
