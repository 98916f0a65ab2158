using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Delegates that are read, written and taken out of their place by members of Interlocked and Volatile: what the operators do, done at once.</summary>
internal sealed partial class OperationLowering
{
    private Value? LowerAtomic(IInvocationOperation call)
    {
        var target = call.TargetMethod;
        if (!IsAtomic(target) || !IsFunction(call.Arguments[0].Value.Type) || ReferencePlace(call.Arguments[0].Value) is not { Key: ISymbol variable } place) return null;
        var at = call.Syntax.GetLocation();
        var before = new Symbol(SymbolRole.Temporary, 0, _next);
        Add(new AssignStep(_next++, at, before, place, null));
        if (target.Name == "Read") return before;
        var value = Lower(call.Arguments[1].Value);
        Flow(call.Arguments[1].Value, value, variable);
        if (target.Name == "CompareExchange")
        {
            // Another thread may have been faster: then what was there is there still, and is no longer what was compared.
            Lower(call.Arguments[2].Value);
            value = CombinedValue.Either(place, value, areDelegates: true) ?? Fresh();
            Add(new AssignStep(_next++, at, place, value, variable));
            return CombinedValue.Either(before, Constant.Null, areDelegates: true)!;
        }

        Add(new AssignStep(_next++, at, place, value, variable));
        return before;
    }

    private static bool IsAtomic(IMethodSymbol target) =>
        target is { IsStatic: true, ContainingType: { ContainingNamespace.Name: "Threading", Name: var type }, Name: var name }
        && (type, name, target.Parameters.Length) is ("Interlocked", "Exchange", 2) or ("Interlocked", "CompareExchange", 3) or ("Volatile", "Read", 1) or ("Volatile", "Write", 2);
}
