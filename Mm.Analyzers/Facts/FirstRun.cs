using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>A delegate that a body invokes once, whatever happens.</summary>
/// <param name="Function">A parameter, or a delegate in the object that is called.</param>
/// <param name="IsSpent">Run again, the body does not invoke it again.</param>
internal readonly record struct InvokedOnce(Symbol Function, bool IsSpent);

/// <summary>
/// The one way through a body that is run for the first time, if there is one: its branches ask for nothing but whether there is a delegate
/// to invoke, and for latches, which nobody has set yet ('if (_isDone) return; _isDone = true; _act();').
/// </summary>
internal sealed class FirstRun
{
    private readonly Dictionary<Symbol, Value> _held = new();
    private readonly List<Symbol> _invoked = new();
    private readonly HashSet<Symbol> _cleared = new();
    private readonly HashSet<Value> _swapped = new();
    private readonly Body _body;
    private bool _isLatched;

    private FirstRun(Body body) => _body = body;

    public static ImmutableArray<InvokedOnce> Of(Body body)
    {
        if (body.IsAsync || body.IsIterator || body.Blocks.Any(static block => block.IsInLoop || block.GuardedEntry >= 0)) return ImmutableArray<InvokedOnce>.Empty;
        if (!body.Blocks.Any(static block => block.Steps.Any(static step => step is InvokeStep))) return ImmutableArray<InvokedOnce>.Empty;
        var run = new FirstRun(body);
        if (!run.Walk()) return ImmutableArray<InvokedOnce>.Empty;
        return run._invoked.GroupBy(static function => function).Where(static group => group.Count() == 1)
            .Select(group => new InvokedOnce(group.Key, run._isLatched || run._cleared.Contains(group.Key))).ToImmutableArray();
    }

    private bool Walk()
    {
        int at = 0;
        for (int left = _body.Blocks.Length; left > 0; left--)
        {
            var block = _body.Blocks[at];
            foreach (var step in block.Steps) Take(step);
            switch (block.End.Kind)
            {
                case TerminatorKind.Return: return true;
                case TerminatorKind.Goto: at = block.End.Target; break;
                case TerminatorKind.Branch when Answer(block.End.Value) is { } answer: at = answer ? block.End.Target : block.End.WhenFalse; break;
                default: return false;
            }
        }

        return false;
    }

    private void Take(Step step)
    {
        switch (step)
        {
            case AssignStep assign:
                var value = Written(assign.Value);
                if (assign.Place.Role == SymbolRole.Field && value.Equals(Constant.Null)) _cleared.Add(assign.Place);
                else _held[assign.Place] = value;
                break;
            case CallStep { Target: { IsStatic: true, Name: "Exchange" or "CompareExchange", ContainingType: { Name: "Interlocked", ContainingNamespace.Name: "Threading" } }, References: { IsEmpty: false } references, Result: { } result } call
                when references[0] is { } place && IsUnset(place) && call.Arguments.Length > 1 && call.Arguments[1] is Constant { Item: long and not 0 }:
                _swapped.Add(result);
                _held[place] = call.Arguments[1];
                break;
            case InvokeStep invoke when Written(invoke.Function) is Symbol function && IsGiven(function):
                _invoked.Add(function);
                break;
        }
    }

    private Value Written(Value value)
    {
        while (value is Symbol { Role: SymbolRole.Temporary or SymbolRole.Local } place && _held.TryGetValue(place, out var held)) value = held;
        return value;
    }

    private static bool IsGiven(Symbol function) =>
        function is { Role: SymbolRole.Parameter, Index: not -1, Parent: null } || function.Role == SymbolRole.Field && Symbol.This.Equals(function.Parent);

    private bool? Answer(Value? condition)
    {
        switch (condition)
        {
            case Operation { Kind: Operator.Not, Left: var inner }:
                return !Answer(inner);
            case Operation { Kind: Operator.Equal, Left: var left, Right: Constant { Item: null } } when Written(left) is Symbol function && IsGiven(function):
                return false;
            case Symbol latch when IsLatch(Written(latch)):
                _isLatched = true;
                return false;
            case Operation { Kind: Operator.Equal, Left: var left, Right: Constant { Item: long asked } } when _swapped.Contains(Written(left)):
                _isLatched = true;
                return asked == 0;
            default: return null;
        }
    }

    /// <summary>A yes or no of the object that starts as no, and that this body sets.</summary>
    private bool IsLatch(Value value) =>
        value is Symbol { Key: IFieldSymbol { Type.SpecialType: SpecialType.System_Boolean } } place && IsUnset(place)
        && _body.Blocks.Any(block => block.Steps.Any(step => step is AssignStep assign && place.Equals(assign.Place) && assign.Value.Equals(Constant.True)));

    private bool IsUnset(Symbol place) =>
        place is { Role: SymbolRole.Field, Key: IFieldSymbol { IsStatic: false, IsReadOnly: false, DeclaredAccessibility: Accessibility.Private } field }
        && Symbol.This.Equals(place.Parent) && !_held.ContainsKey(place) && ReadOnlyValues.InitializerOf(field, default) is null;
}
