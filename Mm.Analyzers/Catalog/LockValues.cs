using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>What a copy of a value would be a copy of.</summary>
internal enum LockValue
{
    /// <summary>Nothing that minds.</summary>
    None,

    /// <summary>A guard: its copy leaves the same context once more.</summary>
    Guard,

    /// <summary>A lock: its copy is another lock, which nobody else takes.</summary>
    Lock,
}

/// <summary>
/// Which struct types are locks and guards that keep what they know in themselves. A struct that is readonly, or has only readonly
/// fields, stands for something else, and a copy of it is as good as the original.
/// </summary>
internal sealed class LockValues
{
    // Structs cannot contain themselves; half-typed ones try.
    private const int DeepestNesting = 8;

    private readonly Contracts _contracts;
    private readonly ConcurrentDictionary<ITypeSymbol, LockValue> _known = new(SymbolEqualityComparer.Default);

    public LockValues(Contracts contracts) => _contracts = contracts;

    public LockValue Of(ITypeSymbol? type)
    {
        if (type is not ({ TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } or ITypeParameterSymbol { HasValueTypeConstraint: true })) return LockValue.None;
        return _known.TryGetValue(type, out var known) ? known : _known.GetOrAdd(type, Read(type, DeepestNesting));
    }

    /// <summary>The lock or guard inside of a struct that is none itself; the type itself where it is one.</summary>
    public ITypeSymbol InnermostOf(ITypeSymbol type)
    {
        for (int i = 0; i < DeepestNesting; i++)
        {
            if (type is not INamedTypeSymbol named || ReadItself(named) != LockValue.None) return type;
            ITypeSymbol? inner = null;
            foreach (var member in named.GetMembers())
            {
                if (member is IFieldSymbol { IsStatic: false } field && Of(field.Type) == Of(type)) inner ??= field.Type;
            }

            if (inner is null) return type;
            type = inner;
        }

        return type;
    }

    private LockValue Read(ITypeSymbol type, int depth)
    {
        if (type is ITypeParameterSymbol parameter) return ReadConstraints(parameter);
        if (type is not INamedTypeSymbol { IsReadOnly: false } named) return LockValue.None;

        // Reference assemblies do not show all fields.
        if (WellKnown.IsFramework(named.ContainingAssembly)) return ReadItself(named);
        if (!HasState(named)) return LockValue.None;
        var own = ReadItself(named);
        if (own != LockValue.None || depth == 0) return own;
        foreach (var member in named.GetMembers())
        {
            if (member is not IFieldSymbol { IsStatic: false, RefKind: RefKind.None, Type: { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } inner }) continue;
            var value = _known.TryGetValue(inner, out var known) ? known : Read(inner, depth - 1);
            if (value > own) own = value;
        }

        return own;
    }

    private LockValue ReadItself(INamedTypeSymbol type)
    {
        if (WellKnown.IsFramework(type.ContainingAssembly) && type is not { Name: "SpinLock", ContainingNamespace.Name: "Threading" }) return LockValue.None;
        foreach (var member in type.GetMembers())
        {
            if (IsTransition(member)) return LockValue.Lock;
        }

        return _contracts.ScopeOf(type).IsEmpty ? LockValue.None : LockValue.Guard;
    }

    private LockValue ReadConstraints(ITypeParameterSymbol parameter)
    {
        foreach (var constraint in parameter.ConstraintTypes)
        {
            foreach (var member in constraint.GetMembers())
            {
                if (IsTransition(member)) return LockValue.Lock;
            }
        }

        return LockValue.None;
    }

    // What is readonly does not keep the lock in the struct.
    private bool IsTransition(ISymbol member) =>
        member is IMethodSymbol { IsStatic: false, IsReadOnly: false, MethodKind: MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation } method
        && !_contracts.Of(method).Transitions.IsEmpty;

    private static bool HasState(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false, IsReadOnly: false, RefKind: RefKind.None }) return true;

            // The field itself is reported; a copy of what is around it copies the lock all the same.
            if (member is IFieldSymbol { IsStatic: false, RefKind: RefKind.None, Type: { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } }) return true;
        }

        return false;
    }
}
