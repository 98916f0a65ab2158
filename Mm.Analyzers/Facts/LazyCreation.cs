using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>What the Value of a Lazy&lt;T&gt; or ThreadLocal&lt;T&gt; in a readonly field runs: its factory, and a lock unless its mode says otherwise.</summary>
internal sealed record LazyCreation(Value Factory, ITypeSymbol FactoryType, bool IsLocked)
{
    private const long NoLock = 0, PublicationOnly = 1;

    /// <summary>The creation behind 'field.Value'; null where it is not visible.</summary>
    public static LazyCreation? Of(BodyStore store, IPropertyReferenceOperation property, CancellationToken cancellation)
    {
        if (!IsOne(property) || property.Instance is not IFieldReferenceOperation { Field: { IsReadOnly: true } field }) return null;
        var lazy = property.Property.ContainingType;
        if (store.Get(BodyKey.Of(field.OriginalDefinition), cancellation) is not { } initializer) return null;
        foreach (var block in initializer.Blocks)
        {
            foreach (var step in block.Steps)
            {
                if (step is CallStep { Target: { MethodKind: MethodKind.Constructor } constructor } call
                    && SymbolEqualityComparer.Default.Equals(constructor.ContainingType.OriginalDefinition, lazy.OriginalDefinition))
                {
                    return Read(call, constructor);
                }
            }
        }

        return null;
    }

    /// <summary>Whether reading the property may run a factory.</summary>
    public static bool IsOne(IPropertyReferenceOperation property) =>
        property.Property is { Name: "Value", ContainingType: { Name: "Lazy" or "ThreadLocal", Arity: 1 } lazy } && WellKnown.IsFramework(lazy.ContainingAssembly);

    private static LazyCreation? Read(CallStep call, IMethodSymbol constructor)
    {
        Value? factory = null;
        ITypeSymbol? type = null;
        bool isLocked = true;
        foreach (var parameter in constructor.Parameters)
        {
            var argument = call.Arguments[parameter.Ordinal];
            switch (parameter.Type)
            {
                case { TypeKind: TypeKind.Delegate }:
                    factory = argument;
                    type = parameter.Type;
                    break;
                case { TypeKind: TypeKind.Enum }:
                    isLocked = argument is not Constant { Item: NoLock or PublicationOnly };
                    break;
                case { SpecialType: SpecialType.System_Boolean } when constructor.ContainingType.Name == "Lazy":
                    isLocked = argument is not Constant { Item: false };
                    break;
            }
        }

        return factory is null ? null : new LazyCreation(factory, type!, isLocked);
    }
}
