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
/// Applies a fix to the marks of a source, without any analyzer: the marks are the diagnostics. What comes out must
/// compile.
/// </summary>
internal static class FixCase
{
    /// <summary>The text after the fix of the first mark.</summary>
    internal static async Task<string> FixFirstAsync(CodeFixProvider fix, string markup)
    {
        using var workspace = new AdhocWorkspace();
        var (document, diagnostics) = await OpenAsync(workspace, markup);
        var action = Assert.Single(await OfferedAsync(fix, document, diagnostics[0]));
        return await ApplyAsync(document, action);
    }

    /// <summary>The text after Fix All in the document.</summary>
    internal static async Task<string> FixAllAsync(CodeFixProvider fix, string markup)
    {
        using var workspace = new AdhocWorkspace();
        var (document, diagnostics) = await OpenAsync(workspace, markup);
        var single = Assert.Single(await OfferedAsync(fix, document, diagnostics[0]));

        var context = new FixAllContext(
            document, fix, FixAllScope.Document, single.EquivalenceKey!, diagnostics.Select(one => one.Id).Distinct(), new Marks(diagnostics), CancellationToken.None);
        var action = await fix.GetFixAllProvider()!.GetFixAsync(context);
        return await ApplyAsync(document, action!);
    }

    /// <summary>Whether a fix is offered for the first mark.</summary>
    internal static async Task<bool> IsOfferedAsync(CodeFixProvider fix, string markup, LanguageVersion version = LanguageVersion.Preview)
    {
        using var workspace = new AdhocWorkspace();
        var (document, diagnostics) = await OpenAsync(workspace, markup, version);
        return (await OfferedAsync(fix, document, diagnostics[0])).Count > 0;
    }

    private static async Task<(Document Document, ImmutableArray<Diagnostic> Diagnostics)> OpenAsync(
        AdhocWorkspace workspace, string markup, LanguageVersion version = LanguageVersion.Preview)
    {
        var source = TestSource.Parse("Case.cs", markup);
        var project = workspace.AddProject("Case", LanguageNames.CSharp)
            .WithMetadataReferences(TestCompilation.References)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable))
            .WithParseOptions(new CSharpParseOptions(version))
            .AddDocument("TestKernel.cs", TestCompilation.Resource("TestKernel.cs")).Project;
        var document = project.AddDocument("Case.cs", source.Text);

        var tree = (await document.GetSyntaxTreeAsync())!;
        return (document, [.. source.Expected.Select(expected => Report(expected, tree))]);
    }

    private static Diagnostic Report(ExpectedDiagnostic expected, SyntaxTree tree)
    {
        var rule = new DiagnosticDescriptor(expected.Id, expected.Id, expected.Id, "Tests", DiagnosticSeverity.Error, isEnabledByDefault: true);
        return Diagnostic.Create(rule, Location.Create(tree, expected.Span));
    }

    private static async Task<List<CodeAction>> OfferedAsync(CodeFixProvider fix, Document document, Diagnostic diagnostic)
    {
        var offered = new List<CodeAction>();
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offered.Add(action), CancellationToken.None));
        return offered;
    }

    private static async Task<string> ApplyAsync(Document document, CodeAction action)
    {
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;

        var compilation = (await changed.Project.GetCompilationAsync())!;
        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        return (await changed.GetTextAsync()).ToString();
    }

    private sealed class Marks(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(document.Name == "Case.cs" ? diagnostics : []);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
