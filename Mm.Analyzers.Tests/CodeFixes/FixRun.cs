using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

/// <summary>
/// A fix and the analyzers together: they report, it repairs, and what comes out must compile and say what is expected. The source is
/// without marks; what is repaired is every diagnostic of one rule.
/// </summary>
internal sealed class FixRun(CodeFixProvider fix, string id)
{
    /// <summary>Which of several fixes, by its key; null for the only one.</summary>
    public string? Key { get; init; }

    public LanguageVersion Version { get; init; } = LanguageVersion.Preview;

    /// <summary>Whether the test kernel's global usings are to be missing, so that the file has to import the vocabulary itself.</summary>
    public bool WithoutKernel { get; init; }

    /// <summary>The text after the fix of the first diagnostic, which must then be gone.</summary>
    public async Task<string> FirstAsync(string source)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        var diagnostics = await DiagnosticsAsync(document);
        Assert.NotEmpty(diagnostics);
        var action = Chosen(await OfferedAsync(document, diagnostics[0]));
        Assert.NotNull(action);
        return await ApplyAsync(document, action, diagnostics.Length - 1);
    }

    /// <summary>The text after Fix All, after which no diagnostic of the rule must be left but as many as are said to be.</summary>
    public async Task<string> AllAsync(string source, int left = 0, FixAllScope scope = FixAllScope.Document)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        var diagnostics = await DiagnosticsAsync(document);
        CodeAction? single = null;
        foreach (var diagnostic in diagnostics) single ??= Chosen(await OfferedAsync(document, diagnostic));
        Assert.NotNull(single);
        var context = new FixAllContext(document, fix, scope, single.EquivalenceKey!, [id], new Found(document, diagnostics), CancellationToken.None);
        var action = await fix.GetFixAllProvider()!.GetFixAsync(context);
        return await ApplyAsync(document, action!, left);
    }

    /// <summary>The keys of what is offered for the first diagnostic of the rule, of which there must be one.</summary>
    public async Task<string[]> OffersAsync(string source)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        var diagnostics = await DiagnosticsAsync(document);
        Assert.NotEmpty(diagnostics);
        return [.. (await OfferedAsync(document, diagnostics[0])).Select(action => action.EquivalenceKey!)];
    }

    private Document Open(AdhocWorkspace workspace, string source)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)
            .WithSpecificDiagnosticOptions([new(id, ReportDiagnostic.Warn)]);
        var project = workspace.AddProject("Case", LanguageNames.CSharp)
            .WithMetadataReferences(TestCompilation.References)
            .WithCompilationOptions(options)
            .WithParseOptions(new CSharpParseOptions(Version));
        if (!WithoutKernel) project = project.AddDocument("TestKernel.cs", TestCompilation.Resource("TestKernel.cs")).Project;
        return project.AddDocument("Case.cs", source);
    }

    private async Task<ImmutableArray<Diagnostic>> DiagnosticsAsync(Document document)
    {
        var compilation = (await document.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        var found = await new AnalyzerRun(compilation).WholeCompilationAsync();
        return [.. found.Where(one => one.Id == id).OrderBy(one => one.Location.SourceSpan.Start)];
    }

    private async Task<List<CodeAction>> OfferedAsync(Document document, Diagnostic diagnostic)
    {
        var offered = new List<CodeAction>();
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offered.Add(action), CancellationToken.None));
        return offered;
    }

    private CodeAction? Chosen(List<CodeAction> offered) => Key is null ? offered.SingleOrDefault() : offered.SingleOrDefault(action => action.EquivalenceKey == Key);

    private async Task<string> ApplyAsync(Document document, CodeAction action, int left)
    {
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        Assert.Equal(left, (await DiagnosticsAsync(changed)).Length);
        return (await changed.GetTextAsync()).ToString();
    }

    private sealed class Found(Document document, ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document asked, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(asked.Id == document.Id ? diagnostics : []);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
