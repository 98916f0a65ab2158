using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Guards that come back as parts of a tuple: 'var (guard, count) = Take();'.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>Enters what the guards in the tuple that a call returns hold, and names them.</summary>
    private void TakeParts(CallStep call, int first, List<Alternative> next)
    {
        if (call.ResultType is not INamedTypeSymbol { IsTupleType: true } tuple) return;
        for (int i = 0; i < tuple.TupleElements.Length; i++)
        {
            var type = tuple.TupleElements[i].Type;
            if (_session.Contracts.ScopeOf(type) is not { IsEmpty: false } scope) continue;
            var came = next.GetRange(first, next.Count - first);
            next.RemoveRange(first, next.Count - first);
            var part = new TupleElement(i, tuple.TupleElements.Length);
            foreach (var alternative in came)
            {
                var value = alternative.Evaluate(Symbol.Result(call.Id));
                if (TupleValue.Element(value, part) is Constant)
                {
                    next.Add(alternative);
                    continue;
                }

                var guard = new Symbol(SymbolRole.Result, call.Id, part);
                var held = new Held(scope, call.Location) { Guard = guard, Type = type, IsUncertain = true };
                EnterScope(held, type, alternative.Assign(Symbol.Result(call.Id), TupleValue.Exchange(value, part, guard)), next);
            }
        }
    }

    /// <summary>Guards that go where nobody sees them, alone or in a tuple.</summary>
    private static Alternative EscapeAll(Alternative alternative, Value value)
    {
        if (value is not TupleValue tuple) return value is Symbol ? Escape(alternative, value) : alternative;
        foreach (var item in tuple.Items) alternative = EscapeAll(alternative, item);
        return alternative;
    }
}
