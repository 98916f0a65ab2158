using System.Collections.Concurrent;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Decides by names alone whether a body can matter to any rule, so that most bodies are never lowered. A body matters if its member or
/// type carries the vocabulary or may inherit it, or if it mentions a name that does, directly or through what it calls. Names stand for
/// whatever is called so: the filter lets too much through, and must never hold anything back that a rule would report.
/// </summary>
internal sealed class NameIndex
{
    private static readonly string[] s_hints = { "Mm.Contexts", "SpinLock", "NoGCRegion" };

    private readonly Compilation _compilation;
    private readonly AnnotationTable _annotations;
    private readonly object _gate = new();
    private readonly ConcurrentDictionary<ISymbol, bool> _initializers = new(SymbolEqualityComparer.Default);
    private Interests? _interests;

    public NameIndex(Compilation compilation, AnnotationTable annotations)
    {
        _compilation = compilation;
        _annotations = annotations;
    }

    /// <summary>Whether anything in the compilation or around it speaks of contexts. Cheap: it looks for a few words in the texts.</summary>
    public static bool CanMatter(Compilation compilation, CancellationToken cancellation)
    {
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellation.ThrowIfCancellationRequested();

            // What the build has recorded names contexts, and says nothing of this project.
            if (!tree.FilePath.EndsWith(RecordedAssembly.FileName, System.StringComparison.Ordinal) && TreeNames.Hints(tree, s_hints)) return true;
        }

        return AssemblyNames.Annotated(compilation).Exists(static assembly => assembly.Name != WellKnown.Namespace);
    }

    /// <summary>Whether anything in the compilation or around it speaks of a topic; what nobody speaks of need not be found out.</summary>
    public static bool Speaks(Compilation compilation, AnnotationTable annotations, Topic topic)
    {
        foreach (var line in annotations.Lines)
        {
            if (!line.IsBuiltIn && topic.IsNamed(line.Subject)) return true;
        }

        foreach (var tree in compilation.SyntaxTrees)
        {
            if (topic.IsIn(tree)) return true;
        }

        return AssemblyNames.Annotated(compilation).Exists(static assembly => assembly.Name != WellKnown.Namespace);
    }

    /// <summary>Whether the body of a member is worth being lowered and judged.</summary>
    public bool Matters(ISymbol member, CancellationToken cancellation)
    {
        var interests = Get(cancellation);
        if (interests.IsEverything) return true;
        member = (member as IMethodSymbol)?.AssociatedSymbol ?? member;
        if (interests.Binds(Words.Hash(SimpleName(member))) || member.ContainingType is { } around && interests.BindsType(Words.Hash(around.Name))) return true;
        foreach (var reference in member.DeclaringSyntaxReferences)
        {
            if (Mentions(interests, reference)) return true;
        }

        if (member is IMethodSymbol { PartialImplementationPart: { } part })
        {
            foreach (var reference in part.DeclaringSyntaxReferences)
            {
                if (Mentions(interests, reference)) return true;
            }
        }

        // Initialisers run as a part of every constructor.
        return member is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor, ContainingType: { } type }
            && _initializers.GetOrAdd(type, found => InitializersMatter(interests, (INamedTypeSymbol)found));
    }

    /// <summary>Whether anybody has a lock or guard that a copy would be another one of.</summary>
    public bool HasLockValues(CancellationToken cancellation) => Get(cancellation) is { IsEverything: true } or { HasLockValues: true };

    /// <summary>The name by which callers mention a symbol: without an explicit interface in front.</summary>
    public static string SimpleName(ISymbol symbol) => symbol switch
    {
        IPropertySymbol { IsIndexer: true } => "this",
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion or MethodKind.Destructor } => "operator",
        IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } => symbol.ContainingType.Name,
        _ => symbol.Name.Substring(symbol.Name.LastIndexOf('.') + 1),
    };

    private static bool InitializersMatter(Interests interests, INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
        {
            if (member is not (IFieldSymbol or IPropertySymbol or IEventSymbol)) continue;
            foreach (var reference in member.DeclaringSyntaxReferences)
            {
                if (Mentions(interests, reference)) return true;
            }
        }

        return false;
    }

    private static bool Mentions(Interests interests, SyntaxReference reference)
    {
        // Top-level statements and primary constructors have no declaration of their own.
        if (TreeNames.Of(reference.SyntaxTree).At(reference.Span.Start) is not { Kind: DeclarationKind.Method or DeclarationKind.Place } declared
            || !declared.Span.Contains(reference.Span)) return true;
        return interests.Mentions(declared.Head) || interests.Mentions(declared.Body);
    }

    private Interests Get(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _interests) is { } known) return known;
        lock (_gate)
        {
            return _interests ??= Interests.Of(_compilation, _annotations, cancellation);
        }
    }
}
