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
        if (method.IsImplicitlyDeclared) return null;
        foreach (var declared in Contracts.BasesOf(method))
        {
            // A context that the type requires is required of its members; effects of a body are judged with the body.
            var own = contracts.OwnOf(method) with { Requires = contracts.Of(method).Requires };
            if (Declared(contracts, method, own, declared) is { } breach) return breach with { Location = EndLocations.NameOf(method) };
        }

        return null;
    }

    /// <summary>Turns what is wrong inside a body that inherits its contract into one report on its name.</summary>
    public Violation OfBody(IMethodSymbol method, IMethodSymbol declared, Violation inside) => Breach(method, declared, inside.Effects.IsEmpty ? "balance" : "promise") with
    {
        Location = EndLocations.NameOf(method),
        Effects = inside.Effects,
        Contexts = inside.Contexts,
        Path = inside.Path is null ? null : new Witness(Naming.Of(method), EndLocations.NameOf(method), inside.Path),
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
                if (SymbolEqualityComparer.Default.Equals(type.BaseType?.FindImplementationForInterfaceMember(declared), body)) continue;
                var breach = Declared(session.Contracts, body, session.Contracts.Of(body), declared) ?? Inferred(session, body, declared, cancellation);
                if (breach is null) continue;
                var location = EndLocations.BaseListEntry(type, implemented);
                var path = breach.Path is { } inside ? new Witness(Naming.Of(body), location, inside) : null;
                yield return breach with { Location = location, Path = path };
            }
        }
    }

    private Violation? Declared(Contracts contracts, IMethodSymbol method, Contract own, IMethodSymbol declared)
    {
        var promised = contracts.Of(declared);
        foreach (var clause in own.Might)
        {
            if (promised.Never.Contains(clause.Effect) && !Excepts(promised, clause.Effect, FactSet.Empty, clause.When))
            {
                return Breach(method, declared, "promise") with { Effects = ImmutableArray.Create(clause.Effect) };
            }
        }

        foreach (var context in own.Requires)
        {
            // A base that runs in the context enters it for whoever calls: that asks nothing of callers.
            if (!Covers(promised.Requires, context))
            {
                return Breach(method, declared, "requires") with { Contexts = ImmutableArray.Create(context) };
            }
        }

        foreach (var context in own.ForbiddenIn)
        {
            // Whoever stays out of a context stays out of all that imply it.
            if (!promised.ForbiddenIn.Any(context.Implies)) return Breach(method, declared, "forbidden") with { Contexts = ImmutableArray.Create(context) };
        }

        bool isPrimitive = method.Name is "Dispose" or "DisposeAsync" && !contracts.ScopeOf(method.ContainingType).IsEmpty;
        if (!own.Transitions.IsEmpty && !isPrimitive && !AreSame(own.Transitions, promised.Transitions))
        {
            return Breach(method, declared, "balance") with { Contexts = ImmutableArray.Create(own.Transitions[0].Context) };
        }

        return Delegates(contracts, method, own, declared, promised);
    }

    /// <summary>Parameters are contravariant, the result is covariant in what is promised of a delegate.</summary>
    private Violation? Delegates(Contracts contracts, IMethodSymbol method, Contract own, IMethodSymbol declared, Contract promised)
    {
        foreach (var parameter in method.Parameters)
        {
            if (!own.Parameters.TryGetValue(parameter.Ordinal, out var asked)) continue;
            var offered = contracts.OfParameter(declared, declared.OriginalDefinition.Parameters[parameter.Ordinal]);
            foreach (var effect in asked.Never)
            {
                if (!offered.Never.Contains(effect)) return Breach(method, declared, "argument") with { Effects = ImmutableArray.Create(effect) };
            }

            foreach (var context in asked.RunsIn)
            {
                if (!Covers(offered.RunsIn, context) && !Covers(offered.Requires, context))
                {
                    return Breach(method, declared, "argument") with { Contexts = ImmutableArray.Create(context) };
                }
            }
        }

        if (own.Result is null || promised.Result is null) return null;
        foreach (var clause in own.Result.Might)
        {
            if (promised.Result.Never.Contains(clause.Effect)) return Breach(method, declared, "result") with { Effects = ImmutableArray.Create(clause.Effect) };
        }

        return null;
    }

    private Violation? Inferred(Session session, IMethodSymbol body, IMethodSymbol declared, System.Threading.CancellationToken cancellation)
    {
        var promised = session.Contracts.Of(declared);
        if (promised.Never.IsEmpty) return null;
        foreach (var entry in session.EffectsOf(body, cancellation))
        {
            if (!promised.Never.Contains(entry.Effect) || Excepts(promised, entry.Effect, entry.Guard, null)) continue;
            return Breach(body, declared, "promise") with { Effects = ImmutableArray.Create(entry.Effect), Path = entry.Witness };
        }

        return null;
    }

    private Violation Breach(IMethodSymbol method, IMethodSymbol declared, string detail) => new(this, Location.None)
    {
        Subject = Naming.Of(method),
        Declared = Naming.Of(AsImplemented(method.ContainingType, declared.ContainingType)) + "." + Naming.Of(declared),
        Detail = detail,
        Related = declared.DeclaringSyntaxReferences.IsEmpty ? ImmutableArray<Location>.Empty : ImmutableArray.Create(EndLocations.NameOf(declared)),
    };

    /// <summary>The base or interface with the type arguments that the type gives it.</summary>
    private static INamedTypeSymbol AsImplemented(INamedTypeSymbol type, INamedTypeSymbol declaring)
    {
        if (declaring.TypeArguments.IsEmpty) return declaring;
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, declaring.OriginalDefinition)) return at;
        }

        var found = type.AllInterfaces.Where(implemented => SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, declaring.OriginalDefinition)).ToList();
        return found.Count == 1 ? found[0] : declaring;
    }

    /// <summary>Whether the effect is there only where the promise excepts it.</summary>
    private static bool Excepts(Contract promised, EffectKind effect, FactSet facts, Condition? when)
    {
        var held = when is null ? facts : facts.Assume(when.Holds, true);
        foreach (var clause in promised.Might)
        {
            if (!clause.Effect.Equals(effect)) continue;
            if (clause.When is null || held is null || clause.When.Holds.Equals(when?.Holds) || held.Truth(clause.When.Holds) == true) return true;
        }

        return false;
    }

    private static bool AreSame(ImmutableArray<Transition> own, ImmutableArray<Transition> promised) =>
        own.Length == promised.Length && own.All(transition => own.Count(transition.Equals) == promised.Count(transition.Equals));

    private static bool Covers(ImmutableArray<ContextKind> contexts, ContextKind required) => contexts.Any(context => context.Implies(required));
}
