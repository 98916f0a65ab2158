using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>An override or implementation may do what its base promises never to do, or requires more.</summary>
internal sealed class OverrideWeakensContract : Rule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3001",
        "Override or implementation does not keep the contract of its base",
        "{0}",
        Category.Contracts,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "Callers see the declaration of the base or interface and rely on it. What overrides or implements it may promise more, and must neither do nor require more.",
        Documentation + "MM3001.md");

    public OverrideWeakensContract()
        : base(s_descriptor)
    {
    }

    /// <summary>What the method declares against what its bases declare.</summary>
    public Violation? JudgeDeclaration(Contracts contracts, IMethodSymbol method)
    {
        var own = contracts.OwnOf(method);
        foreach (var declared in Contracts.BasesOf(method))
        {
            var promised = contracts.Of(declared);
            foreach (var clause in own.Might)
            {
                if (promised.Never.Contains(clause.Effect) && !promised.Might.Contains(clause))
                {
                    return Breach(method, declared, "promise") with { Effects = ImmutableArray.Create(clause.Effect) };
                }
            }

            foreach (var context in own.Requires)
            {
                if (!Covers(promised.Requires, context) && !Covers(promised.RunsIn, context))
                {
                    return Breach(method, declared, "requires") with { Contexts = ImmutableArray.Create(context) };
                }
            }

            foreach (var context in own.ForbiddenIn)
            {
                if (!promised.ForbiddenIn.Contains(context)) return Breach(method, declared, "forbidden") with { Contexts = ImmutableArray.Create(context) };
            }

            if (!own.Transitions.IsEmpty && !own.Change().Equals(promised.Change()))
            {
                return Breach(method, declared, "balance") with { Contexts = ImmutableArray.Create(own.Transitions[0].Context) };
            }
        }

        return null;
    }

    /// <summary>Turns what is wrong inside a body that inherits its contract into one report on its name.</summary>
    public Violation OfBody(IMethodSymbol method, IMethodSymbol declared, Violation inside) => Breach(method, declared, inside.Effects.IsEmpty ? "balance" : "promise") with
    {
        Effects = inside.Effects,
        Contexts = inside.Contexts,
        Path = inside.Path is null ? null : new Witness(method.Name, method.Locations[0], inside.Path),
    };

    /// <summary>A type that implements an interface by what it inherits: nobody looked at that body with this promise.</summary>
    public IEnumerable<Violation> JudgeInherited(Session session, INamedTypeSymbol type, System.Threading.CancellationToken cancellation)
    {
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct)) yield break;
        foreach (var implemented in type.AllInterfaces)
        {
            foreach (var member in implemented.GetMembers())
            {
                if (member is not IMethodSymbol declared || type.FindImplementationForInterfaceMember(declared) is not IMethodSymbol body) continue;
                if (SymbolEqualityComparer.Default.Equals(body.ContainingType, type) || body.ContainingType.AllInterfaces.Contains(implemented, SymbolEqualityComparer.Default)) continue;
                var promised = session.Contracts.Of(declared);
                if (promised.Never.IsEmpty) continue;
                foreach (var entry in session.EffectsOf(body, cancellation))
                {
                    if (!promised.Never.Contains(entry.Effect)) continue;
                    yield return new Violation(this, EndLocations.BaseListEntry(type, implemented))
                    {
                        Subject = body.Name,
                        Detail = "promise",
                        Effects = ImmutableArray.Create(entry.Effect),
                        Path = new Witness(body.Name, type.Locations[0], entry.Witness),
                    };
                    break;
                }
            }
        }
    }

    private Violation Breach(IMethodSymbol method, IMethodSymbol declared, string detail) => new(this, method.Locations[0])
    {
        Subject = Naming.Of(method),
        Declared = declared.ContainingType.Name + "." + Naming.Of(declared),
        Detail = detail,
    };

    private static bool Covers(ImmutableArray<ContextKind> contexts, ContextKind required)
    {
        foreach (var context in contexts)
        {
            if (context.Implies(required)) return true;
        }

        return false;
    }
}
