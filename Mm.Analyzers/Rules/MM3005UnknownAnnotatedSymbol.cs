using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Rules;

/// <summary>A line of an annotation file that cannot be read, or names something that is not there.</summary>
internal sealed class UnknownAnnotatedSymbol : Rule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM3005",
        "Line of an annotation file says nothing",
        "This line has no meaning here: {0}",
        Category.Contracts,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A line of a *.contexts.txt file that cannot be read, or that names a symbol, effect, context or parameter that is not there, annotates nothing.",
        Documentation + "MM3005.md");

    public UnknownAnnotatedSymbol()
        : base(s_descriptor)
    {
    }

    public IEnumerable<Violation> Judge(ContextTable contexts, Compilation compilation, AdditionalText file, CancellationToken cancellation)
    {
        if (!Catalogue.IsAnnotationFile(file) || file.GetText(cancellation) is not { } text) yield break;
        foreach (var row in text.Lines)
        {
            cancellation.ThrowIfCancellationRequested();
            var line = AnnotationLine.Parse(row.ToString(), out var fault);
            if (line is not null) fault = AnnotationCheck.FaultOf(line, contexts, compilation);
            if (fault is null) continue;
            var span = new TextSpan(row.Start + fault.At.Start, fault.At.Text.Length);
            yield return new Violation(this, Location.Create(file.Path, span, text.Lines.GetLinePositionSpan(span))) { Detail = fault.Text };
        }
    }
}
