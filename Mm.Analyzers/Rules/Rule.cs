using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Flow;

namespace Mm.Analyzers.Rules;

/// <summary>One rule: its descriptor. How it judges is said by the kinds below.</summary>
internal abstract class Rule(DiagnosticDescriptor descriptor)
{
    /// <summary>Where the page of each rule stands.</summary>
    protected const string Documentation = "https://github.com/mm-contexts/mm/blob/main/docs/rules/";

    public DiagnosticDescriptor Descriptor { get; } = descriptor;

    /// <summary>Whether anybody wants to hear of it: a rule that is off by default costs nothing until it is asked for.</summary>
    public bool IsWanted(Compilation compilation, ISymbol body)
    {
        if (Descriptor.IsEnabledByDefault) return true;
        if (compilation.Options.SpecificDiagnosticOptions.TryGetValue(Descriptor.Id, out var set)) return IsOn(set);
        if (compilation.Options.SyntaxTreeOptionsProvider is not { } provider) return false;
        foreach (var declared in body.DeclaringSyntaxReferences)
        {
            if (provider.TryGetDiagnosticValue(declared.SyntaxTree, Descriptor.Id, default, out set)) return IsOn(set);
        }

        return provider.TryGetGlobalDiagnosticValue(Descriptor.Id, default, out set) && IsOn(set);
    }

    private static bool IsOn(ReportDiagnostic severity) => severity is not (ReportDiagnostic.Suppress or ReportDiagnostic.Default);
}

/// <summary>Judges one step of a body. Of several rules that find fault with a step, the first speaks.</summary>
internal abstract class StepRule(DiagnosticDescriptor descriptor) : Rule(descriptor)
{
    public abstract Violation? Judge(StepFindings findings);
}

/// <summary>Judges a body as a whole.</summary>
internal abstract class BodyRule(DiagnosticDescriptor descriptor) : Rule(descriptor)
{
    public abstract IEnumerable<Violation> Judge(Session session, FlowResult result);
}

/// <summary>Judges what was noted of all bodies, when the compilation ends.</summary>
internal abstract class AssemblyRule(DiagnosticDescriptor descriptor) : Rule(descriptor)
{
    public abstract IEnumerable<Violation> Judge(LockLedger ledger);

    /// <summary>The name of a lock where more than one type may have one of that name.</summary>
    protected static string NameOf(ISymbol @lock) => @lock.ContainingType is { } type ? $"{type.Name}.{@lock.Name}" : @lock.Name;
}

/// <summary>Judges a declaration by its attributes alone.</summary>
internal abstract class DeclarationRule(DiagnosticDescriptor descriptor) : Rule(descriptor)
{
    public abstract IEnumerable<Violation> Judge(Contracts contracts, ISymbol symbol);
}
