using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Types of which an object is its parts and nothing else, for good: tuples of both kinds, pairs, anonymous objects.</summary>
internal static class Bundles
{
    /// <summary>The types of the parts; none of all other types.</summary>
    public static ImmutableArray<ITypeSymbol> PartsOf(ITypeSymbol? type)
    {
        switch (type)
        {
            case INamedTypeSymbol { IsTupleType: true, TupleElements: var elements }:
                var types = ImmutableArray.CreateBuilder<ITypeSymbol>(elements.Length);
                foreach (var element in elements) types.Add(element.Type);
                return types.ToImmutable();
            case INamedTypeSymbol { IsAnonymousType: true }:
                var parts = ImmutableArray.CreateBuilder<ITypeSymbol>();
                foreach (var member in type.GetMembers())
                {
                    if (member is IPropertySymbol property) parts.Add(property.Type);
                }

                return parts.ToImmutable();
            default: return IsKept(type) ? ((INamedTypeSymbol)type!).TypeArguments : ImmutableArray<ITypeSymbol>.Empty;
        }
    }

    /// <summary>Which part a property gives; null of all other properties, and of the fields of value tuples.</summary>
    public static TupleElement? PartOf(IPropertySymbol property)
    {
        var type = property.ContainingType;
        if (type is { IsAnonymousType: true })
        {
            int ordinal = -1, count = 0;
            foreach (var member in type.GetMembers())
            {
                if (member is not IPropertySymbol part) continue;
                if (part.Name == property.Name) ordinal = count;
                count++;
            }

            return ordinal < 0 ? null : new TupleElement(ordinal, count);
        }

        if (!IsKept(type)) return null;
        return property.Name switch
        {
            "Key" => new TupleElement(0, 2),
            "Value" => new TupleElement(1, 2),
            { Length: 5 } name when name.StartsWith("Item", System.StringComparison.Ordinal) && name[4] - '1' is >= 0 and < 7 and var item => new TupleElement(item, type.Arity),
            _ => null,
        };
    }

    /// <summary>A part of one that is made here; null where it is not seen being made.</summary>
    public static IOperation? PartOf(IOperation? made, int ordinal)
    {
        switch (made)
        {
            case ITupleOperation tuple: return ordinal < tuple.Elements.Length ? tuple.Elements[ordinal] : null;
            case IObjectCreationOperation creation: return Given(creation.Arguments, ordinal);
            case IInvocationOperation call: return IsMaking(call.TargetMethod) ? Given(call.Arguments, ordinal) : null;
            case IAnonymousObjectCreationOperation anonymous:
                return ordinal < anonymous.Initializers.Length ? (anonymous.Initializers[ordinal] as ISimpleAssignmentOperation)?.Value : null;
            default: return null;
        }
    }

    private static IOperation? Given(ImmutableArray<IArgumentOperation> arguments, int ordinal)
    {
        foreach (var argument in arguments)
        {
            if (argument.Parameter?.Ordinal == ordinal) return argument.Value;
        }

        return null;
    }

    /// <summary>What makes one of what it is given: 'Tuple.Create(first, second)'.</summary>
    public static bool IsMaking(IMethodSymbol method) =>
        method is { Name: "Create", IsStatic: true, ReturnType: var made } && IsKept(made) && method.ContainingType is { Arity: 0 } factory && factory.Name == made.Name
        && method.Parameters.Length == ((INamedTypeSymbol)made).Arity;

    /// <summary>What takes one apart, and is not ours.</summary>
    public static bool IsTakingApart(IMethodSymbol method) =>
        method is { Name: WellKnownMemberNames.DeconstructMethodName, ContainingType: { } home } && (IsKept(home) || home is { Name: "TupleExtensions", ContainingNamespace.Name: "System" });

    // The eighth part of a tuple is one more tuple.
    private static bool IsKept(ITypeSymbol? type) => type is INamedTypeSymbol { Arity: > 0 and < 8, DeclaringSyntaxReferences.IsEmpty: true, ContainingNamespace: { } home } && type.Name switch
    {
        "Tuple" => home is { Name: "System", ContainingNamespace.IsGlobalNamespace: true },
        "KeyValuePair" => home is { Name: "Generic", ContainingNamespace: { Name: "Collections", ContainingNamespace.Name: "System" } },
        _ => false,
    };
}
