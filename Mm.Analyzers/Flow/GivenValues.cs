using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Values that somebody else decides: 'first ?? second', of two delegates that a caller has passed, or 'wait ? timeout : 0'. Where paths meet,
/// which of the two it is must not get lost, or the caller's flags and handlers are gone with it.
/// </summary>
internal sealed class GivenValues
{
    private readonly IMethodSymbol? _method;

    public GivenValues(IMethodSymbol? method) => _method = method;

    /// <summary>Whether one of two values that may be in a place is a delegate, truth or flags of which callers know more.</summary>
    public bool AreChoice(Value left, Value right) => IsFollowed(left) || IsFollowed(right);

    /// <summary>Whether one is a constant, a tuple, or an object or struct that was made here, and the other is not the same.</summary>
    public static bool AreMade(Value left, Value right) => left is Constant != right is Constant || IsMade(left) || IsMade(right);

    /// <summary>Whether one is a delegate that is read from a parameter or a member.</summary>
    public bool AreDelegates(Value left, Value right) => IsDelegate(left) || IsDelegate(right);

    /// <summary>Whether a truth or flags that a caller has passed say that this is the one, and not the other.</summary>
    public bool AreToldApart(Alternative left, Alternative right)
    {
        foreach (var fact in left.Facts.All)
        {
            if (IsDecision(fact.Key) && fact.Value.Contradicts(right.Facts.Of(fact.Key))) return true;
        }

        return false;
    }

    /// <summary>Whether it is a yes or no by which callers get an answer.</summary>
    public bool IsTruthOf(Symbol place) => place is { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal, Parent: null }
        && _method is { Parameters: var parameters } && ordinal < parameters.Length && parameters[ordinal] is { RefKind: RefKind.Out, Type.SpecialType: SpecialType.System_Boolean };

    /// <summary>Whether one is a number that a caller has passed.</summary>
    public bool AreNumbers(Value left, Value right) => IsNumber(left) || IsNumber(right);

    /// <summary>Whether a truth or flags of the caller tell the two apart, and each knows something of what the caller has passed that the other does not: of 'first ? a : b'.</summary>
    public bool KnowDifferentThings(Alternative left, Alternative right) => KnowsOther(left, right) && KnowsOther(right, left) && AreToldApart(left, right);

    private bool KnowsOther(Alternative one, Alternative other)
    {
        foreach (var fact in one.Facts.All)
        {
            if ((IsDecision(fact.Key) || IsNumber(fact.Key) || IsBound(fact.Key)) && other.Facts.Of(fact.Key).IsNothing) return true;
        }

        return false;
    }

    private bool IsNumber(Value value) => value is Symbol symbol && Numbers.Underlying(TypeOf(symbol)) is { } type
        && (Numbers.WidthOf(type) is not null || type is { Name: "TimeSpan", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } });

    /// <summary>Whether it compares a number that a caller has passed with a constant.</summary>
    public bool IsBound(Value key) => key is Operation { Kind: Operator.Less or Operator.LessOrEqual, Left: var left, Right: { } right } && (left is Constant && IsNumber(right) || right is Constant && IsNumber(left));

    /// <summary>Whether callers have said something to the one that they have not said to the other.</summary>
    public bool KnowsMore(Alternative one, Alternative other)
    {
        foreach (var fact in one.Facts.All)
        {
            if ((IsDecision(fact.Key) || IsNumber(fact.Key) || IsBound(fact.Key) || HandlerCondition.IsAsked(fact.Key, fact.Value)) && !other.Facts.Of(fact.Key).Equals(fact.Value)) return true;
        }

        return false;
    }

    /// <summary>Whether the place is a member that holds flags, a truth or a delegate.</summary>
    public static bool IsTelling(Symbol place) => KeptMembers.TypeOf(place.Key as ISymbol) is { } type && IsTelling(type);

    internal static bool IsTelling(ITypeSymbol type) => type.TypeKind == TypeKind.Delegate || IsFlagsOrTruth(type);

    private static bool IsMade(Value value) => value is TupleValue or Symbol { Role: SymbolRole.Instance } or Symbol { Role: SymbolRole.Fresh, Key: null };

    private bool IsDecision(Value key) => key switch
    {
        Symbol symbol => TypeOf(symbol) is { } type && IsFlagsOrTruth(type),
        Operation { Kind: Operator.And, Left: Symbol symbol, Right: Constant } => TypeOf(symbol) is { } type && IsFlagsOrTruth(type),
        _ => false,
    };

    private bool IsFollowed(Value value) => value is not Constant && value.Mentions(symbol => TypeOf(symbol) is { } type && (IsTelling(type) || IsAnything(type))) || IsDelegate(value);

    private bool IsDelegate(Value value) => value switch
    {
        Symbol { Role: SymbolRole.Field, Key: IFieldSymbol field } => field.Type.TypeKind == TypeKind.Delegate,
        Symbol { Role: SymbolRole.Field, Key: IPropertySymbol property } => property.Type.TypeKind == TypeKind.Delegate,
        Symbol symbol => TypeOf(symbol) is { } type && (type.TypeKind == TypeKind.Delegate || IsAnything(type)),
        _ => false,
    };

    // A T may be a delegate or flags, which only the caller knows: 'Choose(wait, first, second)'.
    internal static bool IsAnything(ITypeSymbol type) => type is ITypeParameterSymbol { ConstraintTypes.IsEmpty: true };

    private ITypeSymbol? TypeOf(Symbol symbol) => symbol switch
    {
        { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal, Parent: null } when _method is not null && ordinal < _method.Parameters.Length => _method.Parameters[ordinal].Type,
        { Role: SymbolRole.Captured, Key: IParameterSymbol captured } => captured.Type,
        _ => null,
    };

    private static bool IsFlagsOrTruth(ITypeSymbol type) => Numbers.Underlying(type) is { } plain && (plain.TypeKind == TypeKind.Enum || plain.SpecialType == SpecialType.System_Boolean);
}
