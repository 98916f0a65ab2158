using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// When two values are the same lock, surely different ones, or of one class. The class of a lock is the field or property that holds
/// it: all elements of an array, and that field of all instances, are one class.
/// </summary>
internal static class LockIdentity
{
    private const int SizeLimit = 5;

    /// <summary>Some object of which nothing is known.</summary>
    private static readonly Symbol Somewhere = new(SymbolRole.Fresh, -1);

    /// <summary>The field or property that holds the lock; null where it came from elsewhere.</summary>
    public static ISymbol? ClassOf(Value? value) => value switch
    {
        Symbol { Role: SymbolRole.Field, Key: ISymbol member } when IsHolder(member) => member,
        Symbol { Key: Facts.OperationLowering.Element, Parent: { } array } => ClassOf(array),
        _ => null,
    };

    /// <summary>The value stands for one lock, so that an equal value is the same lock.</summary>
    public static bool IsExact(Value? value) =>
        value is Symbol symbol
        && !symbol.Mentions(static part => part.Role is SymbolRole.Fresh or SymbolRole.Merge or SymbolRole.Temporary or SymbolRole.Function);

    /// <summary>Two locks, not two names of one. An object and a lock in it may be one: the object may be what wraps the lock.</summary>
    public static bool AreDifferent(Value? left, Value? right) => left is Symbol a && right is Symbol b && IsExact(a) && IsExact(b) && (a.Role, b.Role) switch
    {
        (SymbolRole.Field, SymbolRole.Field) when Equals(a.Key, b.Key) => AreParts(a.Parent, b.Parent) && AreDifferent(a.Parent, b.Parent),
        (SymbolRole.Field, SymbolRole.Field) => !Equals(a.Key, b.Key) && IsHolder(a.Key) && IsHolder(b.Key)
            && !a.Contains(b) && !b.Contains(a),
        (SymbolRole.Instance, SymbolRole.Instance) => !a.Equals(b),
        _ => false,
    };

    // What a field refers to lies somewhere else, and may have another name there.
    private static bool IsHolder(object? member) => member is IPropertySymbol or IFieldSymbol { RefKind: RefKind.None };

    // The same field of two objects, each of which has a name of its own for good.
    private static bool AreParts(Value? left, Value? right) =>
        left is Symbol { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true } } && right is Symbol { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true } };

    /// <summary>The lock as a caller may see it; null where it has neither a name nor a class there.</summary>
    public static Value? Portable(Value? value)
    {
        if (value is not Symbol symbol) return null;
        bool isPortable = symbol.Size <= SizeLimit && !symbol.Mentions(static part =>
            part.Role is not (SymbolRole.Parameter or SymbolRole.Captured or SymbolRole.Field));
        if (isPortable) return symbol.Substitute(static part => part is { Role: SymbolRole.Field, Index: not 0 } ? new Symbol(SymbolRole.Field, 0, part.Key, part.Parent) : part);
        return Blurred(symbol);
    }

    /// <summary>Only the class of the lock.</summary>
    public static Value? Blurred(Value? value) => ClassOf(value) is { } member ? new Symbol(SymbolRole.Field, 0, member, Somewhere) : null;

    /// <summary>A lock that is a struct is where it lies, whatever has been written there.</summary>
    public static Value AtItsPlace(Value value) => value is Symbol { Role: SymbolRole.Result, Key: Symbol place } && IsStruct(place.Key) ? place : value;

    private static bool IsStruct(object? key) => key switch
    {
        IFieldSymbol field => field.Type.IsValueType,
        ILocalSymbol local => local.Type.IsValueType,
        IParameterSymbol parameter => parameter.Type.IsValueType,
        _ => false,
    };
}
