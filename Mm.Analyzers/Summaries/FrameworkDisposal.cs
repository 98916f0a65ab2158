using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// What disposing of an object of one of .NET's own classes does. The member that is called says little, it stands in an interface or in
/// a base class and ends in the Dispose(bool) of the class.
/// </summary>
internal static class FrameworkDisposal
{
    public static bool IsOne(IMethodSymbol target, ITypeSymbol? receiver) =>
        target is { Name: "Dispose" or "Close", Parameters.IsEmpty: true, IsStatic: false } && WellKnown.IsFramework(target.ContainingAssembly)
        && receiver is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } && WellKnown.IsFramework(receiver.ContainingAssembly);

    /// <summary>What is known of the call, or null where it is none of these.</summary>
    public static Contract? Of(Contracts contracts, IMethodSymbol target, ITypeSymbol? receiver)
    {
        if (!IsOne(target, receiver)) return null;
        var type = (INamedTypeSymbol)receiver!;
        var member = Implementations.InType(target, type) ?? target;
        var contract = contracts.Of(member.OriginalDefinition);
        return OwnDispose(type) is { } disposing ? contract.Over(contracts.Of(disposing.OriginalDefinition)) : contract;
    }

    private static IMethodSymbol? OwnDispose(INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.GetMembers("Dispose"))
            {
                if (member is IMethodSymbol { IsStatic: false, Parameters: { Length: 1 } parameters } method && parameters[0].Type.SpecialType == SpecialType.System_Boolean) return method;
            }
        }

        return null;
    }
}
