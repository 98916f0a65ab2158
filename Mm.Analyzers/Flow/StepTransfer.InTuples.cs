using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Guards that come back as parts of a tuple: 'var (guard, count) = Take();'.</summary>
internal sealed partial class StepTransfer
{
    // Tuples in tuples: of deeper ones, nothing is known.
    private const int TupleDepth = 3;

    /// <summary>Enters what the guards in the tuple that a call returns hold, and names them.</summary>
    private void TakeParts(CallStep call, int first, List<Alternative> next)
    {
        if (call.ResultType is INamedTypeSymbol { IsTupleType: true } tuple) TakeParts(call, tuple, ImmutableArray<TupleElement>.Empty, first, next);
    }

    private void TakeParts(CallStep call, INamedTypeSymbol tuple, ImmutableArray<TupleElement> around, int first, List<Alternative> next)
    {
        for (int i = 0; i < tuple.TupleElements.Length; i++)
        {
            var type = tuple.TupleElements[i].Type;
            var path = around.Add(new TupleElement(i, tuple.TupleElements.Length));
            if (type is INamedTypeSymbol { IsTupleType: true } inner && path.Length < TupleDepth) TakeParts(call, inner, path, first, next);
            if (_session.Contracts.ScopeOf(type) is not { IsEmpty: false } scope) continue;
            var came = next.GetRange(first, next.Count - first);
            next.RemoveRange(first, next.Count - first);
            Symbol? name = null;
            foreach (var part in path) name = new Symbol(SymbolRole.Result, call.Id, part, name);
            foreach (var alternative in came)
            {
                var value = alternative.Evaluate(Symbol.Result(call.Id));
                if (At(value, path) is Constant)
                {
                    next.Add(alternative);
                    continue;
                }

                var held = new Held(scope, call.Location) { Guard = name, Type = type, IsUncertain = true };
                EnterScope(held, type, alternative.Assign(Symbol.Result(call.Id), Exchange(value, path, 0, name!)), next);
            }
        }
    }

    private static Value At(Value tuple, ImmutableArray<TupleElement> path)
    {
        foreach (var part in path) tuple = TupleValue.Element(tuple, part);
        return tuple;
    }

    private static Value Exchange(Value tuple, ImmutableArray<TupleElement> path, int at, Value item) =>
        at == path.Length ? item : TupleValue.Exchange(tuple, path[at], Exchange(TupleValue.Element(tuple, path[at]), path, at + 1, item));

    /// <summary>Guards that go where nobody sees them, alone or in a tuple.</summary>
    private static Alternative EscapeAll(Alternative alternative, Value value)
    {
        if (value is not TupleValue tuple) return value is Symbol ? Escape(alternative, value) : alternative;
        foreach (var item in tuple.Items) alternative = EscapeAll(alternative, item);
        return alternative;
    }
}
