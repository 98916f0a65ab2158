using System;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>The bodies of one compilation, each lowered once and on demand.</summary>
internal sealed class BodyStore
{
    private readonly ConcurrentDictionary<BodyKey, Body?> _bodies = new();
    private readonly ConcurrentDictionary<BodyKey, Sketch> _sketches = new();
    private readonly ConcurrentDictionary<BodyKey, ControlFlowGraph> _nested = new();

    // Weakly: a model keeps all that was ever bound with it. The compiler shares one while it is at a tree.
    private readonly ConcurrentDictionary<SyntaxTree, WeakReference<SemanticModel>> _models = new();
    private readonly object _gate = new();
    private ImmutableArray<(MemberDeclarationSyntax Member, int Arguments)> _unnamedCreations;
    private int _failures;

    public BodyStore(Compilation compilation, Contracts contracts)
    {
        Compilation = compilation;
        Contracts = contracts;
        Implementations = new Implementations(compilation);
    }

    public Compilation Compilation { get; }

    /// <summary>Whether nothing but a constructor writes the field.</summary>
    internal ConcurrentDictionary<ISymbol, bool> FixedFields { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether every constructor leaves a new object in the field.</summary>
    internal ConcurrentDictionary<ISymbol, bool> MadeFields { get; } = new(SymbolEqualityComparer.Default);

    internal ConcurrentDictionary<ISymbol, Lattice.Constant?> ReadOnlyValues { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>By constructor, the flags that it puts into its object.</summary>
    internal ConcurrentDictionary<ISymbol, ImmutableArray<ConstructorStore>> ConstructorStores { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>By field, the elements of an array that nobody writes to.</summary>
    internal ConcurrentDictionary<(ISymbol Holder, ISymbol Member), Lattice.Constant?> MadeFlags { get; } = new();

    internal ConcurrentDictionary<ISymbol, ImmutableArray<Lattice.Constant?>> ConstantArrays { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether nothing writes the member but constructors and object initialisers.</summary>
    internal ConcurrentDictionary<ISymbol, bool> KeptMembers { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether delegates or flags are put into their object by others alone.</summary>
    internal ConcurrentDictionary<ISymbol, bool> SettableMembers { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Which of these a method sets in an object that it is given.</summary>
    internal ConcurrentDictionary<ISymbol, bool> MembersSetByCallees { get; } = new(SymbolEqualityComparer.Default);

    internal ConcurrentDictionary<ISymbol, bool> ReplacedMembers { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>By place, the handler that the object in it was made with.</summary>
    internal ConcurrentDictionary<Lattice.Value, Lattice.Value?> KeptHandlers { get; } = new();

    /// <summary>By place, the class of the object that it holds for good.</summary>
    internal ConcurrentDictionary<Lattice.Value, INamedTypeSymbol?> MadeTypes { get; } = new();

    internal ConcurrentDictionary<ISymbol, ImmutableArray<TableEntry>> HandlerTables { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>By place, and the member that invokes what is in it, the handlers of all objects that come there.</summary>
    internal ConcurrentDictionary<(Lattice.Value Place, ISymbol Around), ImmutableArray<BodyKey>> TableHandlers { get; } = new();

    public Contracts Contracts { get; }

    public Implementations Implementations { get; }

    /// <summary>Whether the type or member is declared in this compilation.</summary>
    public bool IsSource(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, Compilation.Assembly);

    /// <summary>Bodies that could not be lowered; nothing is known of them. A test reads this.</summary>
    public int Failures => _failures;

    /// <summary>The body, or null where there is none to see: abstract, extern, another assembly.</summary>
    public Body? Get(BodyKey key, CancellationToken cancellation)
    {
        if (_bodies.TryGetValue(key, out var known)) return known;
        Body? body;
        try
        {
            body = Lower(key, cancellation);
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            // Half-typed code and operations of a newer compiler: nothing is known, and the compiler goes on.
            Interlocked.Increment(ref _failures);
            body = null;
        }

        body = _bodies.GetOrAdd(key, body);
        if (body is not null) LowerNested(body, cancellation);
        return body;
    }

    // At once, while its graph is at hand: a graph that is kept keeps the model of its tree, and all that was bound with it.
    private void LowerNested(Body body, CancellationToken cancellation)
    {
        foreach (var function in body.Functions)
        {
            _ = Get(function.Key, cancellation);
            _nested.TryRemove(function.Key, out _);
        }
    }

    /// <summary>What a body shows at a glance; a body that cannot be read is unclear.</summary>
    public Sketch SketchOf(BodyKey key, CancellationToken cancellation)
    {
        if (key.IsNested) return Sketch.Unclear;
        if (_sketches.TryGetValue(key, out var known)) return known;
        Sketch sketch;
        try
        {
            sketch = SketchReader.Of(this, key.Symbol, cancellation);
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            // The graph may know better; if it does not, the failure is counted there.
            sketch = Sketch.Unclear;
        }

        return _sketches.GetOrAdd(key, sketch);
    }

    public SemanticModel ModelOf(SyntaxTree tree)
    {
#pragma warning disable RS1030 // Callees in other trees are bound on demand, once each; inside a callback the tree's own model is shared.
        if (_models.TryGetValue(tree, out var kept) && kept.TryGetTarget(out var known)) return known;
        var model = Compilation.GetSemanticModel(tree);
        _models[tree] = new WeakReference<SemanticModel>(model);
        return model;
#pragma warning restore RS1030
    }

    /// <summary>Members with a creation that does not name its type. Looked for once, when first asked.</summary>
    internal ImmutableArray<(MemberDeclarationSyntax Member, int Arguments)> UnnamedCreations(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_unnamedCreations.IsDefault) _unnamedCreations = MentioningBodies.FindUnnamedCreations(Compilation, cancellation);
            return _unnamedCreations;
        }
    }

    internal void AddNested(BodyKey key, ControlFlowGraph graph) => _nested.TryAdd(key, graph);

    private Body? Lower(BodyKey key, CancellationToken cancellation)
    {
        if (key.IsNested)
        {
            return _nested.TryGetValue(key, out var graph)
                ? new GraphLowering(this, key, cancellation).Lower(ImmutableArray.Create(graph), EndLocations.Of(key))
                : null;
        }

        var graphs = BodySource.GraphsOf(this, key.Symbol, cancellation);
        return graphs.IsDefault ? null : new GraphLowering(this, key, cancellation).Lower(graphs, EndLocations.Of(key));
    }
}
