using System.Collections.Generic;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>Objects that a body makes and that its lambdas and local functions change: what they set there, they may have set at any time.</summary>
internal sealed partial class StepTransfer
{
    private HashSet<object>? _setInside;

    private bool IsSetInside(Symbol field)
    {
        if (_result.Body.Functions.IsEmpty || field is not { Key: { } member, Parent: Symbol { Role: SymbolRole.Instance } }) return false;
        if (_setInside is null) NoteSet(_result.Body, _setInside = new HashSet<object>());
        return _setInside.Contains(member);
    }

    private void NoteSet(Body around, HashSet<object> members)
    {
        foreach (var function in around.Functions)
        {
            if (_session.Bodies.Get(function.Key, _cancellation) is not { } body) continue;
            foreach (var block in body.Blocks)
            {
                foreach (var step in block.Steps)
                {
                    if (step is AssignStep { Place: { Role: SymbolRole.Field, Key: { } member, Parent: Symbol { Role: SymbolRole.Captured } } }) members.Add(member);
                }
            }

            NoteSet(body, members);
        }
    }
}
