using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Rules;

/// <summary>Which of the rules that are off by default somebody has switched on for a file: their work is not done for nothing.</summary>
internal static class OptIn
{
    public static ImmutableArray<BodyRule> RulesFor(SyntaxTree tree, CompilationOptions options, CancellationToken cancellation)
    {
        var on = ImmutableArray<BodyRule>.Empty;
        foreach (var rule in AllRules.OptIn)
        {
            if (IsOn(rule.Descriptor.Id, tree, options, cancellation)) on = on.Add(rule);
        }

        return on;
    }

    /// <summary>Whether one of them is on for any file.</summary>
    public static bool IsAnywhere(Compilation compilation)
    {
        foreach (var tree in compilation.SyntaxTrees)
        {
            if (!RulesFor(tree, compilation.Options, CancellationToken.None).IsEmpty) return true;
        }

        return false;
    }

    private static bool IsOn(string id, SyntaxTree tree, CompilationOptions options, CancellationToken cancellation)
    {
        if (options.SyntaxTreeOptionsProvider is { } provider
            && (provider.TryGetDiagnosticValue(tree, id, cancellation, out var severity) || provider.TryGetGlobalDiagnosticValue(id, cancellation, out severity)))
        {
            return severity is not (ReportDiagnostic.Suppress or ReportDiagnostic.Default);
        }

        return options.SpecificDiagnosticOptions.TryGetValue(id, out var specific) && specific is not (ReportDiagnostic.Suppress or ReportDiagnostic.Default);
    }
}
