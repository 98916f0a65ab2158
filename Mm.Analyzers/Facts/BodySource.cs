using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Finds the control-flow graphs behind a symbol: its body, and for a constructor the initialisers that run before it.</summary>
internal static class BodySource
{
    /// <summary>The graphs in the order in which they run; default where there is no body to see.</summary>
    public static ImmutableArray<ControlFlowGraph> GraphsOf(BodyStore store, ISymbol symbol, CancellationToken cancellation)
    {
        var roots = RootsOf(store, symbol, cancellation);
        if (roots.IsDefault) return default;
        var graphs = ImmutableArray.CreateBuilder<ControlFlowGraph>(roots.Length);
        foreach (var root in roots) graphs.Add(GraphOf(root, cancellation));
        return graphs.ToImmutable();
    }

    /// <summary>The operations from which the graphs are made, bound but not yet taken apart.</summary>
    public static ImmutableArray<IOperation> RootsOf(BodyStore store, ISymbol symbol, CancellationToken cancellation)
    {
        if (symbol is IFieldSymbol or IPropertySymbol or IEventSymbol) return InitializerOf(store, symbol, cancellation);
        if (symbol is not IMethodSymbol method) return default;
        if (!store.IsSource(method)) return default;
        if (method.IsAbstract || method.IsExtern) return default;
        if (method.MethodKind is MethodKind.Constructor or MethodKind.StaticConstructor) return ConstructorOf(store, method, cancellation);

        var body = (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences;
        if (body.IsEmpty) return IsTrivial(method) ? ImmutableArray<IOperation>.Empty : default;
        foreach (var reference in body)
        {
            var syntax = reference.GetSyntax(cancellation);

            // A member that the compiler writes for a record points at the record, and what stands there is the primary constructor.
            if (syntax is TypeDeclarationSyntax) break;
            if (RootOf(store, syntax, cancellation) is { } root) return ImmutableArray.Create(root);
        }

        return IsTrivial(method) ? ImmutableArray<IOperation>.Empty : default;
    }

    /// <summary>Whether a body yields, if only 'yield break', which leaves no trace in a graph.</summary>
    public static bool IsIterator(BodyKey key, CancellationToken cancellation)
    {
        if (key.Method is not { ReturnType: INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IEnumerator" or "IAsyncEnumerable" or "IAsyncEnumerator" } } method) return false;
        foreach (var reference in (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences)
        {
            var declaration = reference.GetSyntax(cancellation);
            foreach (var node in declaration.DescendantNodes(inner => inner == declaration || inner is not (LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax or ExpressionSyntax)))
            {
                if (node is YieldStatementSyntax) return true;
            }
        }

        return false;
    }

    /// <summary>Initialisers of fields and properties that run before a constructor, or before first use of the type.</summary>
    public static bool HasStaticInitialization(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.StaticConstructor }) return true;
        }

        return false;
    }

    /// <summary>The constructor that is declared with its type; null where there is none.</summary>
    public static IMethodSymbol? PrimaryConstructor(INamedTypeSymbol type)
    {
        foreach (var constructor in type.InstanceConstructors)
        {
            if (IsPrimary(constructor)) return constructor;
        }

        return null;
    }

    /// <summary>It is declared with its type and may have no body of its own: its initialisers are.</summary>
    public static bool IsPrimary(IMethodSymbol constructor) => constructor is { MethodKind: MethodKind.Constructor, DeclaringSyntaxReferences: { Length: 1 } own }
        && constructor.ContainingType.DeclaringSyntaxReferences.Any(type => type.SyntaxTree == own[0].SyntaxTree && type.Span == own[0].Span);

    // Accessors of auto-properties, members of records, implicit members: they exist and do nothing of interest.
    private static bool IsTrivial(IMethodSymbol method) =>
        method.IsImplicitlyDeclared
        || method.MethodKind is MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove
            && method.ContainingType.TypeKind != TypeKind.Interface;

    /// <summary>A constructor that calls another one of its type runs no initialisers.</summary>
    public static bool HandsOver(IMethodSymbol constructor, CancellationToken cancellation) => IsHandingOver(DeclarationOf(constructor, cancellation));

    private static bool IsHandingOver(SyntaxNode? declaration) =>
        declaration is ConstructorDeclarationSyntax { Initializer.ThisOrBaseKeyword.RawKind: (int)SyntaxKind.ThisKeyword };

    private static SyntaxNode? DeclarationOf(IMethodSymbol constructor, CancellationToken cancellation) =>
        (constructor.PartialImplementationPart ?? constructor).DeclaringSyntaxReferences is { IsEmpty: false } references ? references[0].GetSyntax(cancellation) : null;

    private static ImmutableArray<IOperation> ConstructorOf(BodyStore store, IMethodSymbol constructor, CancellationToken cancellation)
    {
        var roots = ImmutableArray.CreateBuilder<IOperation>();
        var declaration = DeclarationOf(constructor, cancellation);

        // What nobody declares for a structure is its default, which runs nothing.
        if (constructor is { IsImplicitlyDeclared: true, IsStatic: false, Parameters.IsEmpty: true, ContainingType.TypeKind: TypeKind.Struct }) return ImmutableArray<IOperation>.Empty;
        if (!IsHandingOver(declaration))
        {
            foreach (var member in constructor.ContainingType.GetMembers())
            {
                if (member.IsStatic != constructor.IsStatic) continue;
                var initializer = InitializerOf(store, member, cancellation);
                if (!initializer.IsDefault) roots.AddRange(initializer);
            }
        }

        if (declaration is not null && RootOf(store, declaration, cancellation) is { } body) roots.Add(body);
        return roots.ToImmutable();
    }

    private static ImmutableArray<IOperation> InitializerOf(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        foreach (var reference in member.DeclaringSyntaxReferences)
        {
            EqualsValueClauseSyntax? initializer = reference.GetSyntax(cancellation) switch
            {
                VariableDeclaratorSyntax variable => variable.Initializer,
                PropertyDeclarationSyntax property => property.Initializer,
                _ => null,
            };
            if (initializer is not null && member is not IFieldSymbol { IsConst: true }
                && RootOf(store, initializer, cancellation) is { } root)
            {
                return ImmutableArray.Create(root);
            }
        }

        return default;
    }

    private static IOperation? RootOf(BodyStore store, SyntaxNode syntax, CancellationToken cancellation)
    {
        var operation = store.ModelOf(syntax.SyntaxTree).GetOperation(syntax, cancellation);
        return operation is { Parent: null } and (IMethodBodyOperation or IConstructorBodyOperation or IBlockOperation or IFieldInitializerOperation or IPropertyInitializerOperation)
            ? operation
            : null;
    }

    private static ControlFlowGraph GraphOf(IOperation root, CancellationToken cancellation) => root switch
    {
        IMethodBodyOperation body => ControlFlowGraph.Create(body, cancellation),
        IConstructorBodyOperation body => ControlFlowGraph.Create(body, cancellation),
        IFieldInitializerOperation field => ControlFlowGraph.Create(field, cancellation),
        IPropertyInitializerOperation property => ControlFlowGraph.Create(property, cancellation),
        _ => ControlFlowGraph.Create((IBlockOperation)root, cancellation),
    };
}
