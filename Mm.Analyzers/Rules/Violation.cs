using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>What is wrong, where, and why; data until <c>Reporting</c> makes a diagnostic of it.</summary>
internal sealed record Violation(Rule Rule, Location Location)
{
    /// <summary>What is called, or the member at fault.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The effects, in the order in which they speak.</summary>
    public ImmutableArray<EffectKind> Effects { get; init; } = ImmutableArray<EffectKind>.Empty;

    /// <summary>The contexts it is about.</summary>
    public ImmutableArray<ContextKind> Contexts { get; init; } = ImmutableArray<ContextKind>.Empty;

    /// <summary>What entered the context; null where it is declared or tested.</summary>
    public Held? Holder { get; init; }

    /// <summary>The way to the primitive; null where there is none to show.</summary>
    public Witness? Path { get; init; }

    /// <summary>The declaration whose contract is at stake.</summary>
    public string Declared { get; init; } = "";

    /// <summary>The lock that is taken or released.</summary>
    public Value? Lock { get; init; }

    /// <summary>Other places that belong to it.</summary>
    public ImmutableArray<Location> Related { get; init; } = ImmutableArray<Location>.Empty;

    /// <summary>Anything else that a message of this rule needs.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What a code fix has to know: properties of the diagnostic.</summary>
    public ImmutableDictionary<string, string?> Repair { get; init; } = Repairs.None;

    /// <summary>The same, with locks that are parameters known by their names.</summary>
    public Violation In(IMethodSymbol? method)
    {
        if (method is null || !MentionsParameter(Lock) && !MentionsParameter(Holder?.Lock)) return this;
        return this with { Lock = Named(Lock, method), Holder = Holder is null ? null : Holder with { Lock = Named(Holder.Lock, method) } };
    }

    private static bool MentionsParameter(Value? @lock) => @lock?.Mentions(IsParameter) == true;

    private static bool IsParameter(Symbol symbol) => symbol is { Role: SymbolRole.Parameter, Index: >= 0, Key: null };

    private static Value? Named(Value? @lock, IMethodSymbol method) =>
        @lock?.Substitute(symbol => IsParameter(symbol) && symbol.Index < method.Parameters.Length ? new Symbol(SymbolRole.Parameter, symbol.Index, method.Parameters[symbol.Index]) : symbol);
}
