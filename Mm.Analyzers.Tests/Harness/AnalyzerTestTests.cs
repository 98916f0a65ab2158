using System;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Mm.Analyzers.Tests.Harness;

public class AnalyzerTestTests
{
    [Fact]
    public void TestKernel_AlsoAsReference_Compiles()
    {
        Assert.DoesNotContain(TestCompilation.Start(Kernel.Source).GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
        Assert.DoesNotContain(TestCompilation.Start(Kernel.Reference).GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
    }

    [Fact]
    public Task TestKernel_JudgedByTheRules_IsClean() => AnalyzerTest.CheckAsync("");

    [Fact]
    public async Task Source_ThatDoesNotCompile_FailsTheTest()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => AnalyzerTest.CheckAsync("class C : Missing;"));

        Assert.Contains("error CS0246 at Case.cs(1,11)-(1,18)", failure.Message);
    }

    [Fact]
    public async Task Source_ThatDoesNotCompileAndMayNot_IsJudged() =>
        await new AnalyzerTest("class C : Missing;") { AllowsCompileErrors = true }.CheckAsync();

    [Fact]
    public async Task Mark_WithoutDiagnostic_FailsWithTheLineAndTheSpan()
    {
        var failure = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => AnalyzerTest.CheckAsync(
            """
            class C
            {
                int M() => {|MM9999:1 + 1|};
            }
            """));

        Assert.Contains("Missing:\nMM9999 at Case.cs(3,16)-(3,21)\n    int M() => 1 + 1;\n               ^^^^^\n", failure.Message);
    }

    [Fact]
    public void Rendering_OfSeveral_HasMessageLocationAndPathInOrder()
    {
        var tree = TestCompilation.Parse("A.cs", "class A\n{\n    int f;\n}\n");
        var late = Diagnostic.Create(Rule("MM9002", DiagnosticSeverity.Warning), At(tree, "f"), [At(tree, "class A"), At(tree, "int")]);
        var early = Diagnostic.Create(Rule("MM9001", DiagnosticSeverity.Error), At(tree, "A"));

        Assert.Equal(
            """
            error MM9001 at A.cs(1,7)-(1,8): Says MM9001
                class A
            warning MM9002 at A.cs(3,9)-(3,10): Says MM9002
                int f;
              A.cs(1): class A
              A.cs(3): int f;
            """,
            Rendering.Of([late, early]));
    }

    [Fact]
    public void Rendering_OfNothing_SaysSo() => Assert.Equal("no diagnostics", Rendering.Of([]));

    private static Location At(SyntaxTree tree, string text) =>
        Location.Create(tree, new TextSpan(tree.ToString().IndexOf(text, StringComparison.Ordinal), text.Length));

    private static DiagnosticDescriptor Rule(string id, DiagnosticSeverity severity) =>
        new(id, "Title", "Says " + id, "Test", severity, isEnabledByDefault: true);
}
