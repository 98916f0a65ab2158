using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

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

    /// <summary>What a callee may have set in an object that was made here and handed to it is not known afterwards; a constructor keeps what it is given.</summary>
    private Alternative WithoutSet(CallStep call, Resolution resolution, ImmutableArray<Value> arguments, Alternative before)
    {
        if (resolution.Bodies.IsEmpty || call.Target.MethodKind == MethodKind.Constructor) return before;
        List<Symbol>? gone = null;
        foreach (var argument in arguments)
        {
            if (argument is not Symbol { Role: SymbolRole.Instance or SymbolRole.Result }) continue;
            foreach (var pair in before.Environment)
            {
                if (pair.Key is { Role: SymbolRole.Field, Key: ISymbol member } && argument.Equals(pair.Key.Parent)
                    && SettableMembers.IsSetByCallees(_session.Bodies, member, _cancellation)) (gone ??= new List<Symbol>()).Add(pair.Key);
            }
        }

        return gone is null ? before : before with { Environment = before.Environment.RemoveRange(gone) };
    }
}
