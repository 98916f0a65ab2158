using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>
/// A project in an editor: texts change one at a time, each change makes a new compilation,
/// and only the open file is asked for its diagnostics.
/// </summary>
public sealed class LiveCompilation
{
    private CSharpCompilation _compilation;

    public LiveCompilation(params (string Path, string Text)[] files) =>
        _compilation = TestCompilation.Start(Kernel.Source)
            .AddSyntaxTrees(files.Select(file => TestCompilation.Parse(file.Path, file.Text)));

    public Dictionary<string, string> Options { get; init; } = [];

    /// <summary>Types a new text into a file.</summary>
    public void Edit(string path, string text)
    {
        var before = Tree(path);
        _compilation = _compilation.ReplaceSyntaxTree(before, TestCompilation.Parse(path, text));
    }

    /// <summary>The squiggles of the open file, each as its id and the text under it, in the order of the file.</summary>
    public async Task<string[]> SquigglesAsync(string path)
    {
        var tree = Tree(path);
        var diagnostics = await DiagnosticsAsync(path);
        var text = await tree.GetTextAsync();
        return
        [
            .. diagnostics
                .OrderBy(d => d.Location.SourceSpan.Start)
                .ThenBy(d => d.Id)
                .Select(d => $"{d.Id} {text.ToString(d.Location.SourceSpan)}"),
        ];
    }

    public Task<ImmutableArray<Diagnostic>> DiagnosticsAsync(string path) =>
        new AnalyzerRun(_compilation, Options).OpenFileAsync(Tree(path));

    private SyntaxTree Tree(string path) => _compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
}
