using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Objects that are nothing but their parts: what went into one comes out.</summary>
internal sealed partial class OperationLowering
{
    // The object comes last: two with the same parts are two.
    private Value Bundled(IOperation creation, ImmutableArray<Value> parts) =>
        creation.Type is { IsReferenceType: true } type ? new TupleValue(parts.Add(Allocate(creation, "new " + Describe(type)))) : new TupleValue(parts);

    private Value LowerAnonymous(IAnonymousObjectCreationOperation creation)
    {
        var parts = ImmutableArray.CreateBuilder<Value>(creation.Initializers.Length + 1);
        foreach (var initializer in creation.Initializers)
        {
            if (initializer is not ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property: var property }, Value: var given })
            {
                parts.Add(Lower(initializer));
                continue;
            }

            var part = Lower(given);
            Flow(given, part, property);
            parts.Add(Keep(given, part));
        }

        parts.Add(Allocate(creation, "an anonymous object"));
        return new TupleValue(parts.ToImmutable());
    }

    /// <summary>The delegates of a tuple, or the elements of a container, go into the container with it.</summary>
    private void FlowParts(IOperation source, Value value, ISymbol? container)
    {
        if (container is null) return;
        if (IsContainer(source.Type))
        {
            Add(new AssignStep(_next, source.Syntax.GetLocation(), new Symbol(SymbolRole.Temporary, 0, _next++), value, container) { ElementsOf = SourcesOf(source) });
            return;
        }

        if (Bundles.PartsOf(source.Type) is not { IsEmpty: false } types) return;
        var written = Written(source);
        for (int i = 0; i < types.Length; i++)
        {
            if (!IsFunction(types[i])) continue;
            var part = TupleValue.Element(value, new TupleElement(i, types.Length));
            var outer = _elementsOf;
            _elementsOf = container;
            if (Bundles.PartOf(written, i) is { } given && IsFunction(given.Type)) Flow(given, part, types[i]);
            else Add(new ConvertStep(_next++, source.Syntax.GetLocation(), part, types[i]) { Place = types[i], Elements = container, OriginType = types[i] });
            _elementsOf = outer;
        }
    }

    /// <summary>What the parts hold that something takes apart: known where the compiler wrote what does it.</summary>
    private ImmutableArray<Symbol?> TakeOutParts(IOperation at, IMethodSymbol deconstruct, Value value, ImmutableArray<Symbol?> places)
    {
        bool isExtension = deconstruct.IsStatic;
        if (Bundles.IsTakingApart(deconstruct))
        {
            if (!isExtension && ValueOfPair(at, deconstruct) is { } taken && places.Length == 2) return ImmutableArray.Create(places[0], taken);
            int first = isExtension ? 1 : 0;
            for (int i = first; i < places.Length; i++) PutPart(at, places[i], TupleValue.Element(value, new TupleElement(i - first, places.Length - first)));
        }
        else if (deconstruct is { IsImplicitlyDeclared: true, ContainingType: { IsRecord: true } record })
        {
            for (int i = 0; i < places.Length; i++)
            {
                if (PropertyOf(record, deconstruct.Parameters[i].Name) is { GetMethod: { } getter } part && IsStored(part) && !SaysMore(getter)) PutPart(at, places[i], new Symbol(SymbolRole.Field, 0, part.OriginalDefinition, value));
            }
        }

        return places;
    }

    private void PutPart(IOperation at, Symbol? place, Value part)
    {
        if (place is not null) Add(new AssignStep(_next++, at.Syntax.GetLocation(), place, part, null));
    }

    // What stands in a dictionary, where a loop takes its pairs apart.
    private Symbol? ValueOfPair(IOperation at, IMethodSymbol deconstruct) =>
        deconstruct.ContainingType is { Name: "KeyValuePair" } pair && HoldsFunction(pair.TypeArguments[1]) && at.Syntax.Parent is ForEachVariableStatementSyntax loop
            ? ValueNamed(_store.ModelOf(loop.SyntaxTree), CopiedFrom(loop.Expression))
            : null;
}
