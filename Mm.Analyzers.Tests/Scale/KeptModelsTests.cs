using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Mm.Analyzers.Tests.Scale;

/// <summary>A semantic model keeps all that was bound with it. An analysis that keeps models keeps a project's worth of bound code, and the collector goes over it again and again.</summary>
public class KeptModelsTests
{
    [Theory]
    [InlineData(0, "void M(int n) { var k = n + 1; if (k > 2) M(k); }")]
    [InlineData(1, "readonly Action _run = () => Console.WriteLine(1);")]
    [InlineData(2, "void Lambda(int n) { Action a = () => { Func<int> f = () => n; f(); }; a(); }")]
    [InlineData(2, "void Local() { Inner(1); int Inner(int n) => n == 0 ? 0 : Deeper(n - 1); int Deeper(int n) => Inner(n); }")]
    [InlineData(1, "async Task Async() { await Task.Run(() => Async()); }")]
    [InlineData(0, "IEnumerable<int> Iterator() { foreach (var i in new[] { 1, 2 }) yield return i; }")]
    public void BodiesOnceLowered_KeepNoModel_AndThoseWithinAreThere(int count, string members)
    {
        var (store, model, nested) = LowerAll("using System; using System.Collections.Generic; using System.Threading.Tasks; class C { " + members + " }");
        for (int i = 0; i < 3 && model.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(model.IsAlive, "The model of the tree is kept.");
        Assert.Equal(count, nested.Count);
        Assert.All(nested, key => Assert.NotNull(store.Get(key, CancellationToken.None)));
        Assert.Equal(0, store.Failures);
    }

    // A method of its own, so that no variable of it keeps the model.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (BodyStore Store, WeakReference Model, List<BodyKey> Nested) LowerAll(string source)
    {
        var compilation = TestCompilation.Start(Kernel.None).AddSyntaxTrees(TestCompilation.Parse("C.cs", source));
        var contexts = new ContextTable(compilation, RegionRules.None);
        var store = new BodyStore(compilation, new Contracts(contexts, new AnnotationTable(contexts, Mm.Analyzers.Catalog.Catalogue.Of([], RegionRules.None, CancellationToken.None))));
        var nested = new List<BodyKey>();
        foreach (var method in compilation.GetTypeByMetadataName("C")!.GetMembers().OfType<IMethodSymbol>())
        {
            if (store.Get(BodyKey.Of(method), CancellationToken.None) is { } body) AddNested(store, body, nested);
        }

        return (store, new WeakReference(store.ModelOf(compilation.SyntaxTrees.Single(static tree => tree.FilePath == "C.cs"))), nested);
    }

    private static void AddNested(BodyStore store, Body body, List<BodyKey> nested)
    {
        foreach (var function in body.Functions)
        {
            nested.Add(function.Key);
            AddNested(store, store.Get(function.Key, CancellationToken.None)!, nested);
        }
    }
}
