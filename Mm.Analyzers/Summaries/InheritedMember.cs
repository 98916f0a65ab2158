using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// A member that one of .NET's own classes has inherited, called on an object of that class: what the base class says of it is meant for
/// all that derive from it, and the class may promise more. 'StringWriter.WriteLine' is a member of TextWriter, and waits for nobody.
/// </summary>
internal static class InheritedMember
{
    /// <summary>What is known of the call, or null where the class promises nothing.</summary>
    public static Contract? Of(Contracts contracts, IMethodSymbol target, ITypeSymbol? receiver)
    {
        if (target is not { IsStatic: false, ContainingType: { TypeKind: TypeKind.Class } declaring } || receiver is not INamedTypeSymbol { TypeKind: TypeKind.Class } type) return null;
        if (SymbolEqualityComparer.Default.Equals(declaring, type.OriginalDefinition) || !WellKnown.IsFramework(type.ContainingAssembly) || !WellKnown.IsFramework(declaring.ContainingAssembly)) return null;
        var never = contracts.NeverOf(type);
        if (never.IsEmpty) return null;
        foreach (var parameter in target.Parameters)
        {
            // What it is handed may wait: a copy goes into a stream of another class.
            for (var at = parameter.Type; at is not null; at = at.BaseType)
            {
                if (at is { Name: "Stream" or "TextWriter", ContainingNamespace.Name: "IO" }) return null;
            }
        }

        var contract = contracts.Of(target);
        return contract with { Might = contract.Might.RemoveAll(clause => never.Contains(clause.Effect)) };
    }
}
