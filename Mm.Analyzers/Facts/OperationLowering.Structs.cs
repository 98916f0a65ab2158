using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Mutable structs: what a copy takes over, what a new one starts with, and which of them may be reached by another name.</summary>
internal sealed partial class OperationLowering
{
    // Of larger ones, and of those that nest deeper, the rest is unknown.
    private const int FieldLimit = 16;
    private const int NestingLimit = 3;

    // Those that stand around the body in its member.
    private HashSet<int>? _words;

    /// <summary>Something writes through a reference that may lead to a local.</summary>
    public bool HasOpenReferences { get; private set; }

    /// <summary>The value for a place of its own. Of a mutable struct: from here on the two go different ways.</summary>
    private Value Copied(IOperation at, Value value, ITypeSymbol? type, Symbol? target, bool isChanged = false)
    {
        bool isOfAPlace = value is Symbol { Role: SymbolRole.Local or SymbolRole.Parameter or SymbolRole.Temporary or SymbolRole.Captured or SymbolRole.Field }
            or Symbol { Role: SymbolRole.Fresh, Key: not null };
        bool isStored = IsPartOfAnObject(target);
        if (!isOfAPlace && !isStored || value is Constant || !isStored && IsGuard(type) || (isChanged ? Struct(type) : MutableStruct(type)) is not { } structure) return value;
        var copy = new Symbol(SymbolRole.Fresh, _next++, isStored ? "stored" : null);
        int left = FieldLimit;
        AddFields(at, structure, value, copy, NestingLimit, ref left);
        return copy;
    }

    // The copy of a guard ends the same section.
    private bool IsGuard(ITypeSymbol? type) => type is { IsValueType: true } && !_store.Contracts.ScopeOf(type).IsEmpty;

    // Others may reach what it holds by other names.
    private static bool IsPartOfAnObject(Symbol? place)
    {
        while (place is { Role: SymbolRole.Field, Key: ISymbol { IsStatic: false, ContainingType.IsValueType: true }, Parent: Symbol holder }) place = holder;
        return place is { Role: SymbolRole.Field or SymbolRole.Fresh } or { Role: SymbolRole.Parameter, Index: < 0 };
    }

    /// <summary>A new struct: all its fields are zero.</summary>
    private void AddDefaults(IOperation at, ITypeSymbol? type, Value made)
    {
        int left = FieldLimit;
        if (MutableStruct(type) is { } structure) AddFields(at, structure, null, made, NestingLimit, ref left);
    }

    /// <summary>The flags, booleans and delegates that a constructor leaves in its object, of what it was given, and in the objects that it makes for it.</summary>
    private void AddStores(IObjectCreationOperation creation, IMethodSymbol constructor, Symbol made, ImmutableArray<Value> arguments)
    {
        int left = FieldLimit;
        AddStores(creation, constructor, made, arguments, NestingLimit, ref left);
    }

    private void AddStores(IObjectCreationOperation creation, IMethodSymbol constructor, Symbol made, ImmutableArray<Value> arguments, int depth, ref int left)
    {
        if (!_store.IsSource(constructor)) return;
        foreach (var stored in ConstructorStores.Of(_store, constructor, _cancellation))
        {
            if (stored.Value is { Item: null or 0L } && IsLeftAsMade(creation, stored.Member)) continue;
            if (left <= 0 || ValueOf(creation, stored, arguments, depth, ref left) is not { } value) continue;
            left--;
            Add(new AssignStep(_next++, creation.Syntax.GetLocation(), new Symbol(SymbolRole.Field, 0, stored.Member.OriginalDefinition, made), value, null) { IsFirst = true });
        }
    }

    private Value? ValueOf(IObjectCreationOperation creation, ConstructorStore stored, ImmutableArray<Value> arguments, int depth, ref int left)
    {
        if (stored.Function is { } function) return _store.ModelOf(function.SyntaxTree).GetOperation(function, _cancellation) is { } named ? KeptHandlers.FunctionOf(_store, named, isOwn: false, _cancellation) : null;
        if (stored.Value is not null || stored.Made is not { } part) return stored.Value ?? (stored.Parameter >= 0 && stored.Parameter < arguments.Length ? arguments[stored.Parameter] : null);
        if (depth == 0) return null;
        var inner = new Symbol(SymbolRole.Instance, _next++, part.Type);
        var given = ImmutableArray.CreateBuilder<Value>(part.Constructor.Parameters.Length);
        foreach (var parameter in part.Constructor.Parameters)
        {
            Value? value = null;
            foreach (var argument in part.Arguments)
            {
                if (((IParameterSymbol)argument.Member).Ordinal == parameter.Ordinal) value = ValueOf(creation, argument, arguments, depth - 1, ref left);
            }

            given.Add(value ?? Fresh());
        }

        AddStores(creation, part.Constructor, inner, given.ToImmutable(), depth - 1, ref left);
        return inner;
    }

    // That nobody has given it a handler yet is worth knowing where one is given to it.
    private bool IsLeftAsMade(IObjectCreationOperation creation, ISymbol member)
    {
        if (!SettableMembers.Is(_store, member, _cancellation)) return false;
        if (_words is null && creation.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } around) Words.Collect(around.SyntaxTree.GetText(_cancellation), around.Span, _words = new HashSet<int>());
        return _words?.Contains(Words.Hash(member.Name)) != true;
    }

    /// <summary>The copy of a record: it has what that has.</summary>
    private void AddCopied(IOperation at, INamedTypeSymbol record, Value from, Value copy)
    {
        int left = FieldLimit;
        for (var type = record; type is { IsRecord: true, DeclaringSyntaxReferences.IsEmpty: false }; type = type.BaseType) AddFields(at, type, from, copy, NestingLimit, ref left);
    }

    // Tuples are values here, and so is what cannot change.
    private static INamedTypeSymbol? MutableStruct(ITypeSymbol? type) => Struct(type) is { IsReadOnly: false } structure ? structure : null;

    private static INamedTypeSymbol? Struct(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRefLikeType: false, IsTupleType: false, DeclaringSyntaxReferences.IsEmpty: false } structure ? structure : null;

    private void AddFields(IOperation at, INamedTypeSymbol structure, Value? from, Value to, int depth, ref int left)
    {
        foreach (var field in structure.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.IsStatic || field.IsConst || left <= 0) continue;
            ISymbol key = field;
            if (field.AssociatedSymbol is { } behind)
            {
                if (behind is not IPropertySymbol property || !IsStored(property)) continue;
                key = property;
            }

            var source = from is null ? null : new Symbol(SymbolRole.Field, 0, key.OriginalDefinition, from);
            var target = new Symbol(SymbolRole.Field, 0, key.OriginalDefinition, to);
            if (MutableStruct(field.Type) is { } nested)
            {
                if (depth > 1) AddFields(at, nested, source, target, depth - 1, ref left);
                continue;
            }

            left--;
            if ((source ?? Known(field.Type)) is { } value) Add(new AssignStep(_next++, at.Syntax.GetLocation(), target, value, null) { IsFirst = true });
        }
    }

    // 's with { … }' writes to a copy, which the graph shows as a capture of the operand.
    private static bool IsCopyOfWith(IFlowCaptureOperation capture) =>
        capture.Syntax.Parent is WithExpressionSyntax with && with.Expression == capture.Syntax;

    /// <summary>The owner of a field: reached by a reference that the language does not let us follow, it may be any struct.</summary>
    private void NoteReference(IOperation? owner)
    {
        HasOpenReferences |= owner switch
        {
            ILocalReferenceOperation { Local: { IsRef: true } local } => !_references.ContainsKey(local),
            IInvocationOperation call => call.TargetMethod.RefKind != RefKind.None,
            IPropertyReferenceOperation property => property.Property.RefKind != RefKind.None,
            IFlowCaptureReferenceOperation or IParameterReferenceOperation or ILocalReferenceOperation or IFieldReferenceOperation
                or IInstanceReferenceOperation or IArrayElementReferenceOperation or null => false,
            { Type.IsValueType: true } => true,
            _ => false,
        };
    }
}
