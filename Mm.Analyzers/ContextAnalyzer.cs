using System;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Reporting;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers;

/// <summary>Reports calls that their execution context forbids. What speaks of one body comes while typing; only MM2006, MM2007 and MM2010 wait for the whole assembly.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContextAnalyzer : DiagnosticAnalyzer
{
    // Judges the bodies too that the filter by names would skip. The tests compare; nobody else should see a difference.
    private const string EveryBody = "mm_judge_every_body";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => AllRules.Descriptors;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext start)
    {
        // Whoever does not use the vocabulary pays for this look-up and nothing else.
        if (start.Compilation.GetTypesByMetadataName(WellKnown.Namespace + ".IContext").IsEmpty) return;
        var regions = RegionRules.Of(start.Compilation, start.Options.AnalyzerConfigOptionsProvider, start.CancellationToken);
        if (regions.Faults.Count > 0)
        {
            start.RegisterCompilationEndAction(end =>
            {
                foreach (var violation in AllRules.Options.Judge(regions.Faults)) end.ReportDiagnostic(Report.Of(violation));
            });
        }

        if (!regions.IsAny && !Catalogue.HasFiles(start.Options.AdditionalFiles) && !NameIndex.CanMatter(start.Compilation, start.CancellationToken)) return;
        var contexts = new ContextTable(start.Compilation, regions);
        var annotations = new AnnotationTable(contexts, Catalogue.Of(start.Options.AdditionalFiles, regions, start.CancellationToken));
        var names = new NameIndex(start.Compilation, annotations);
        var compilation = start.Compilation;
        var isOptedIn = new Lazy<bool>(() => OptIn.IsAnywhere(compilation));
        var session = new Session(
            compilation,
            new Contracts(contexts, annotations),
            topic => NameIndex.Speaks(compilation, annotations, topic) || isOptedIn.Value || (topic == Topic.Allocation ? regions.Forbid(EffectKind.Allocate) : topic != Topic.Interrupts && regions.IsAny));
        var ledger = new LockLedger(session);
        start.RegisterOperationBlockAction(block =>
        {
            // The compiler announces a partial method once for each part; the body is one.
            if (block.OwningSymbol is IMethodSymbol { PartialImplementationPart: not null }) return;
            var tree = block.OperationBlocks[0].Syntax.SyntaxTree;
            var options = block.Options.AnalyzerConfigOptionsProvider.GetOptions(tree);
            var optIn = OptIn.RulesFor(tree, block.Compilation.Options, block.CancellationToken);
            bool isEvery = !optIn.IsEmpty || options.TryGetValue(EveryBody, out string? every) && every == "true";
            if (!isEvery && !names.Matters(block.OwningSymbol, block.CancellationToken)) return;
            if ((isEvery || names.HasLockValues(block.CancellationToken)) && (block.OwningSymbol is not IMethodSymbol owner || !session.Contracts.Of(owner).IsTrusted))
            {
                var copies = LockCopies.InBody(session.Contracts.Locks, block.OwningSymbol, block.OperationBlocks, block.CancellationToken);
                foreach (var violation in AllRules.Copies.Judge(session.Contracts.Locks, copies)) block.ReportDiagnostic(Report.Of(violation));
            }

            options.TryGetValue(RegionRules.UnknownCallees, out string? unknown);
            var inspection = new Inspection(session, unknown ?? "", ledger, block.CancellationToken) { OptIn = optIn, SkipsHarmless = !isEvery };
            foreach (var violation in inspection.Inspect(block.OwningSymbol)) block.ReportDiagnostic(Report.Of(violation));
        });
        start.RegisterAdditionalFileAction(file =>
        {
            foreach (var violation in AllRules.AnnotationFiles.Judge(contexts, file.Compilation, file.AdditionalFile, file.CancellationToken)) file.ReportDiagnostic(Report.Of(violation));
        });
        start.RegisterSymbolAction(
            symbol =>
            {
                if (symbol.Symbol is IMethodSymbol method && AllRules.Overrides.JudgeDeclaration(session.Contracts, method) is { } weakened)
                {
                    symbol.ReportDiagnostic(Report.Of(weakened));
                }

                if (symbol.Symbol is INamedTypeSymbol type)
                {
                    foreach (var violation in AllRules.Overrides.JudgeInherited(session, type, symbol.CancellationToken)) symbol.ReportDiagnostic(Report.Of(violation));
                }

                foreach (var violation in AllRules.Copies.Judge(session.Contracts.Locks, LockCopies.InDeclaration(session.Contracts.Locks, symbol.Symbol))) symbol.ReportDiagnostic(Report.Of(violation));
                foreach (var rule in AllRules.Declarations)
                {
                    foreach (var violation in rule.Judge(session.Contracts, symbol.Symbol)) symbol.ReportDiagnostic(Report.Of(violation));
                }
            },
            SymbolKind.Method, SymbolKind.Property, SymbolKind.NamedType, SymbolKind.Field, SymbolKind.Event);
        start.RegisterCompilationEndAction(end =>
        {
            foreach (var violation in WholeAssembly.Judge(ledger)) end.ReportDiagnostic(Report.Of(violation));
        });
    }
}
