using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>An option whose value is none of those that it has.</summary>
internal sealed class OptionWithoutMeaning : Rule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3008",
        "Option has a value that says nothing",
        "Option {0} is '{1}', expected {2}",
        Category.Contracts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "An option in an .editorconfig or a global analyzer config has a value that it does not know. It counts as not set.",
        Documentation + "MM3008.md",
        WellKnownDiagnosticTags.CompilationEnd);

    public OptionWithoutMeaning()
        : base(s_descriptor)
    {
    }

    public IEnumerable<Violation> Judge(IEnumerable<OptionFault> faults)
    {
        foreach (var fault in faults) yield return new Violation(this, Location.None) { Subject = fault.Option, Declared = fault.Value, Detail = fault.Expected };
    }
}
