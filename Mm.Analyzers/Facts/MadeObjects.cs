using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// All objects that a parameter or a field may hold, each by how it was made, where all who give it something are seen: the tables of
/// operations that come to a method which invokes them.
/// </summary>
internal static class MadeObjects
{
    // Objects, and places through which they come: of more, nothing is known.
    private const int Limit = 16;
    private const int Deepest = 4;

    /// <summary>The functions that the delegate in the place may be, as far as objects were made with it; default where that is not seen.</summary>
    public static ImmutableArray<BodyKey> HandlersIn(BodyStore store, Symbol place, ISymbol around, CancellationToken cancellation) =>
        store.TableHandlers.TryGetValue((place, around), out var known) ? known : store.TableHandlers.GetOrAdd((place, around), Handlers(store, place, around, cancellation));

    private static ImmutableArray<BodyKey> Handlers(BodyStore store, Symbol place, ISymbol around, CancellationToken cancellation)
    {
        // What nobody visibly makes is made elsewhere.
        if (place.Key is not ISymbol member || In(store, place.Parent, around, Deepest, cancellation) is not { IsDefaultOrEmpty: false } tables) return default;
        var handlers = ImmutableArray.CreateBuilder<BodyKey>();
        bool isOfAny = IsOfAny(place.Parent);
        foreach (var table in tables)
        {
            // Copies of these are among all that there are.
            if (isOfAny && KeptMembers.IsReplacedInCopies(store, member, cancellation)) return default;
            switch (KeptHandlers.HandlerIn(store, table, member, isOwn: false, cancellation))
            {
                case Constant: break;
                case Symbol { Role: SymbolRole.Function, Key: BodyKey key }: handlers.Add(key); break;
                default: return default;
            }
        }

        return handlers.ToImmutable();
    }

    private static bool IsOfAny(Value? holder) => holder is Symbol { Role: SymbolRole.Parameter, Index: < 0 };

    private static ImmutableArray<IOperation> In(BodyStore store, Value? place, ISymbol around, int depth, CancellationToken cancellation)
    {
        if (depth == 0) return default;
        switch (place)
        {
            case Symbol { Role: SymbolRole.Parameter, Index: < 0 }:
                return around.ContainingType is { } type ? OfType(store, type, cancellation) : default;
            case Symbol { Role: SymbolRole.Parameter, Parent: null, Index: var ordinal }:
                return around is IMethodSymbol method && ordinal < method.Parameters.Length ? Into(store, method.Parameters[ordinal], cancellation) : default;
            case Symbol { Role: SymbolRole.Field, Key: ISymbol member } field:
                if (KeptHandlers.MadeIn(store, field, Deepest, cancellation) is { } made) return ImmutableArray.Create(made);
                if (!KeptMembers.IsKept(store, member, cancellation) || In(store, field.Parent, around, depth - 1, cancellation) is not { IsDefault: false } holders) return default;
                if (IsOfAny(field.Parent) && KeptMembers.IsReplacedInCopies(store, member, cancellation)) return default;
                var found = ImmutableArray.CreateBuilder<IOperation>();
                foreach (var holder in holders)
                {
                    var given = KeptMembers.GivenTo(store, holder, member, Deepest, cancellation);
                    if (!given.IsSeen) return default;
                    if (KeptHandlers.IsNothing(given.Value)) continue;
                    if (KeptHandlers.MadeBy(store, given.Value, Deepest, cancellation) is not { } part) return default;
                    found.Add(part);
                }

                return found.ToImmutable();
            default: return default;
        }
    }

    private static ImmutableArray<IOperation> Into(BodyStore store, IParameterSymbol parameter, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<IOperation>();
        var seen = new HashSet<IParameterSymbol>(SymbolEqualityComparer.Default) { parameter.OriginalDefinition };
        var pending = new Queue<IParameterSymbol>(seen);
        while (pending.Count > 0)
        {
            var next = pending.Dequeue();
            if (next is not { RefKind: RefKind.None, IsParams: false, ContainingSymbol: IMethodSymbol method } || !DelegateWriters.HasSeenCallers(method) || IsCalledUnnamed(method)) return default;
            foreach (var argument in ArgumentsFor(store, next, method, cancellation))
            {
                var given = KeptHandlers.Plain(argument);
                if (given is ILocalReferenceOperation { Local: var local }) given = StartOf(store, local, cancellation);
                if (given is null) return default;
                if (KeptHandlers.IsNothing(given)) continue;
                if (given is IParameterReferenceOperation { Parameter: var handed })
                {
                    if (ConstructorStores.Targets(given.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>()!, handed.Name).Count > 0) return default;
                    if (seen.Add(handed.OriginalDefinition)) pending.Enqueue(handed.OriginalDefinition);
                }
                else if (KeptHandlers.MadeBy(store, given, Deepest, cancellation) is { } made) found.Add(made);
                else return default;
            }

            if (seen.Count + found.Count > Limit) return default;
        }

        return found.ToImmutable();
    }

    /// <summary>What visible calls pass; null for a use of the method that is no call.</summary>
    private static IEnumerable<IOperation?> ArgumentsFor(BodyStore store, IParameterSymbol parameter, IMethodSymbol method, CancellationToken cancellation)
    {
        foreach (var (node, model) in Mentions<SimpleNameSyntax>(store, method.Name, cancellation))
        {
            if (node.Identifier.ValueText != method.Name || !IsNamed(model.GetSymbolInfo(node, cancellation).Symbol, method)) continue;
            SyntaxNode called = node;
            while (called.Parent is MemberAccessExpressionSyntax access && access.Name == called || called.Parent is MemberBindingExpressionSyntax) called = called.Parent;
            if (called.Parent is not InvocationExpressionSyntax invocation || invocation.Expression != called)
            {
                if (!IsInNameOf(called)) yield return null;
                continue;
            }

            IOperation? passed = null;
            foreach (var argument in (model.GetOperation(invocation, cancellation) as IInvocationOperation)?.Arguments ?? ImmutableArray<IArgumentOperation>.Empty)
            {
                if (argument.Parameter?.Ordinal == parameter.Ordinal) passed = argument.Value;
            }

            yield return passed;
        }
    }

    // By collection initialisers, texts and queries.
    private static bool IsCalledUnnamed(IMethodSymbol method) => method.Name is "Add" or "AppendFormatted" or "Select" or "SelectMany" or "Where";

    private static bool IsNamed(ISymbol? symbol, IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals((symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol)?.OriginalDefinition, method);

    private static bool IsInNameOf(SyntaxNode name) => name.Parent is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } };

    /// <summary>All that is made of a class of which nobody sees more than this compilation, and of which nothing is derived.</summary>
    private static ImmutableArray<IOperation> OfType(BodyStore store, INamedTypeSymbol type, CancellationToken cancellation)
    {
        if (type is not { TypeKind: TypeKind.Class, IsGenericType: false, IsStatic: false } || DelegateWriters.IsSeenFromOutside(type)) return default;
        foreach (var _ in store.Implementations.DerivedFrom(type, cancellation)) return default;
        var found = ImmutableArray.CreateBuilder<IOperation>();
        var seen = new HashSet<SyntaxNode>();
        foreach (var (node, model) in Mentions<ObjectCreationExpressionSyntax>(store, type.Name, cancellation)) Take(node, model);
        foreach (var member in store.UnnamedCreations(cancellation))
        {
            var model = store.ModelOf(member.Member.SyntaxTree);
            foreach (var node in member.Member.DescendantNodes())
            {
                if (node is ImplicitObjectCreationExpressionSyntax creation) Take(creation, model);
            }
        }

        return found.Count <= Limit ? found.ToImmutable() : default;

        void Take(BaseObjectCreationExpressionSyntax node, SemanticModel model)
        {
            if (found.Count > Limit || !seen.Add(node)) return;
            if (!SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(node, cancellation).Type, type)) return;
            if (model.GetOperation(node, cancellation) is IObjectCreationOperation creation) found.Add(creation);
        }
    }

    private static IEnumerable<(T Node, SemanticModel Model)> Mentions<T>(BodyStore store, string name, CancellationToken cancellation)
        where T : SyntaxNode
    {
        foreach (var member in MentioningBodies.MembersOf(store, name, withTypes: false, cancellation))
        {
            foreach (var node in member.DescendantNodes())
            {
                if (node is T wanted) yield return (wanted, store.ModelOf(member.SyntaxTree));
            }
        }
    }

    /// <summary>What a local starts with and keeps; null where it may get something else.</summary>
    internal static IOperation? StartOf(BodyStore store, ILocalSymbol local, CancellationToken cancellation)
    {
        if (local.DeclaringSyntaxReferences is not { Length: 1 } declared || declared[0].GetSyntax(cancellation) is not VariableDeclaratorSyntax { Initializer.Value: var start } declarator) return null;
        if (declarator.FirstAncestorOrSelf<MemberDeclarationSyntax>() is not { } member || ConstructorStores.Targets(member, local.Name).Count > 0) return null;
        return KeptHandlers.Plain(store.ModelOf(start.SyntaxTree).GetOperation(start, cancellation));
    }
}
