using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>The contexts of one compilation: marker types with everything that they imply and forbid.</summary>
internal sealed class ContextTable
{
    private readonly Compilation _compilation;
    private readonly ConcurrentDictionary<string, ContextKind> _contexts = new();

    public ContextTable(Compilation compilation, RegionRules? regions = null)
    {
        _compilation = compilation;
        Regions = regions ?? RegionRules.None;
        foreach (var region in Regions.Contexts) _contexts.TryAdd(region.Name, region);
    }

    /// <summary>The regions of .NET that options have made contexts.</summary>
    public RegionRules Regions { get; }

    public ContextKind Of(INamedTypeSymbol marker) =>
        _contexts.GetOrAdd(MarkerNames.Of(marker), name => Read(name, marker));

    /// <summary>A context by the name that catalogue and annotation files use: short for the built-in ones; null if unknown.</summary>
    public ContextKind? Named(string name)
    {
        if (name.IndexOf('.') < 0 && BuiltIn.Contexts.TryGetValue(name, out var builtIn))
        {
            return _contexts.GetOrAdd(builtIn.Name, builtIn);
        }

        if (name.StartsWith(ContextKind.RegionPrefix, System.StringComparison.Ordinal)) return _contexts.TryGetValue(name, out var region) ? region : null;
        return Marker(name) is { } marker ? Of(marker) : null;
    }

    public EffectKind? Effect(string name)
    {
        if (BuiltIn.Effects.Contains(name)) return EffectKind.Named(WellKnown.Namespace + "." + name);
        return Marker(name) is { } marker ? EffectKind.Named(MarkerNames.Of(marker)) : null;
    }

    /// <summary>A type by its full name; a nested one stands behind a dot, as in documentation ids, or behind a plus.</summary>
    public INamedTypeSymbol? Marker(string name) => MarkerNames.Find(name, Type);

    private INamedTypeSymbol? Type(string name)
    {
        if (_compilation.GetTypeByMetadataName(name) is { } marker) return marker;
        if (name.IndexOf('.') < 0) return null;
        foreach (var symbol in DocumentationCommentId.GetSymbolsForDeclarationId("T:" + name, _compilation))
        {
            if (symbol is INamedTypeSymbol type) return type;
        }

        return null;
    }

    /// <summary>The documentation ids of all symbols whose names have the form of a key.</summary>
    public IEnumerable<string> IdsOf(string pattern)
    {
        foreach (var symbol in AnnotatedSymbols.Of(pattern, _compilation))
        {
            if (symbol.GetDocumentationCommentId() is { } id) yield return id;
        }
    }

    private static ContextKind Read(string name, INamedTypeSymbol marker)
    {
        var closure = ImmutableHashSet.CreateBuilder<string>();
        var forbids = ImmutableHashSet.CreateBuilder<EffectKind>();
        var pending = new Stack<INamedTypeSymbol>();
        pending.Push(marker);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (!closure.Add(MarkerNames.Of(next))) continue;
            foreach (var attribute in next.GetAttributes())
            {
                switch (WellKnown.VocabularyName(attribute.AttributeClass))
                {
                    case "Implies" when WellKnown.Subject(attribute) is { } implied:
                        pending.Push(implied);
                        break;
                    case "Forbids" when WellKnown.Subject(attribute) is { } effect:
                        forbids.Add(EffectKind.Named(MarkerNames.Of(effect)));
                        break;
                }
            }
        }

        return new ContextKind(name, closure.ToImmutable(), forbids.ToImmutable());
    }

    /// <summary>
    /// The built-in vocabulary as data, for projects that take their contexts from the catalogue and do not reference Mm.Contexts.
    /// A test compares it with the attributes on the marker types.
    /// </summary>
    internal static class BuiltIn
    {
        public static readonly ImmutableHashSet<string> Effects =
            ImmutableHashSet.Create("Sleep", "Fault", "Allocate", "CrossCall", "SpinOnLock", "SleepOnRt");

        public static readonly ImmutableDictionary<string, ContextKind> Contexts = Build();

        private static ImmutableDictionary<string, ContextKind> Build()
        {
            var table = ImmutableDictionary.CreateBuilder<string, ContextKind>();
            void Define(string name, string[] forbids, params string[] implies)
            {
                var closure = ImmutableHashSet.Create(WellKnown.Namespace + "." + name);
                var forbidden = ImmutableHashSet<EffectKind>.Empty;
                foreach (string effect in forbids) forbidden = forbidden.Add(EffectKind.Named(WellKnown.Namespace + "." + effect));
                foreach (string implied in implies)
                {
                    closure = closure.Union(table[implied].Closure);
                    forbidden = forbidden.Union(table[implied].Forbids);
                }

                table.Add(name, new ContextKind(WellKnown.Namespace + "." + name, closure, forbidden));
            }

            Define("PreemptOff", ["Sleep", "Fault"]);
            Define("SpinLockHeld", [], "PreemptOff");
            Define("RawSpinLockHeld", ["SleepOnRt"], "PreemptOff");
            Define("SoftIrq", [], "PreemptOff");
            Define("IrqOff", ["CrossCall"], "PreemptOff");
            Define("HardIrq", [], "IrqOff");
            Define("Nmi", ["SpinOnLock"], "HardIrq");
            Define("FaultsOff", ["Fault"]);
            Define("RcuRead", ["Sleep"]);
            Define("NoGc", ["Allocate"]);
            return table.ToImmutable();
        }
    }
}
