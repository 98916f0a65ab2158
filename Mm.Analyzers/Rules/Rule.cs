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

/// <summary>Judges a declaration by its attributes alone.</summary>
internal abstract class DeclarationRule(DiagnosticDescriptor descriptor) : Rule(descriptor)
{
    public abstract IEnumerable<Violation> Judge(Contracts contracts, ISymbol symbol);
}
