using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>What calls tell beside their result: contexts that a test knows of, arguments that are not null, and whether they return at all.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>Notes what a branch on the result of the call will learn.</summary>
    private void NoteTellings(CallStep call, Resolution resolution, Value? receiver, ImmutableArray<Value> arguments, Alternative before)
    {
        var tellings = ImmutableArray<Telling>.Empty;
        var result = Symbol.Result(call.Id);
        if (resolution.Contract.Tests is { } tested)
        {
            object expected = resolution.Contract.TestsFor;
            var isTrue = expected is true ? result : Fold.Equal(result, Constant.Of(expected));
            tellings = OfTest(isTrue, tested);
        }
        else if (call.Target.ReturnType.SpecialType == SpecialType.System_Boolean)
        {
            foreach (var (truth, context) in _effects.TestsOf(resolution)) tellings = tellings.Add(new Telling(result, truth) { Context = context });
            for (int i = 0; i < arguments.Length && i < call.Target.Parameters.Length; i++)
            {
                var parameter = call.Target.Parameters[i];
                if (parameter.Type.IsValueType || OperationLowering.AttributeArgument(parameter, "NotNullWhenAttribute") is not { } truth) continue;
                var value = i < call.References.Length && call.References[i] is { } place ? new Symbol(SymbolRole.Result, call.Id, place) : arguments[i];
                tellings = tellings.Add(new Telling(result, truth) { NotNull = value });
            }
        }

        AddTellings(call.Id, tellings);
    }

    /// <summary>A lambda or a method in a variable may ask, too: 'Func&lt;bool&gt; may = () =&gt; !InAtomic(); if (may())'.</summary>
    private Alternative Asked(InvokeStep invoke, Value function, Alternative after)
    {
        if (!IsTruth(invoke) || function is not Symbol { Role: SymbolRole.Function, Key: BodyKey key }) return after;
        var result = Symbol.Result(invoke.Id);
        if (DeclaredOfGroup(key) is { } declared)
        {
            if (declared.Tests is { } tested && declared.TestsFor is true) AddTellings(invoke.Id, OfTest(result, tested));
            return _result.Answers.Given(invoke.Id, after);
        }

        var tests = _effects.TestsOf(key);
        foreach (var (truth, context) in tests) AddTellings(invoke.Id, ImmutableArray.Create(new Telling(result, truth) { Context = context }));
        return Answered(tests, result, _result.Answers.Given(invoke.Id, after));
    }

    private static ImmutableArray<Telling> OfTest(Value isTrue, ContextKind tested) => ImmutableArray.Create(
        new Telling(isTrue, true) { Context = new TestedContext(tested, true) },
        new Telling(isTrue, false) { Context = new TestedContext(tested, false) });

    private void AddTellings(int step, ImmutableArray<Telling> tellings)
    {
        if (tellings.IsEmpty) return;
        foreach (var telling in tellings)
        {
            if (telling.Context is not null) _result.Answers.Add(step, telling);
        }

        if (_result.Tellings.TryGetValue(step, out var known))
        {
            foreach (var telling in known)
            {
                if (!tellings.Contains(telling)) tellings = tellings.Add(telling);
            }
        }

        _result.Tellings[step] = tellings;
    }

    private Alternative Refine(Alternative alternative, Value condition)
    {
        foreach (var pair in _result.Tellings)
        {
            var result = Symbol.Result(pair.Key);
            if (condition.Mentions(symbol => symbol.Equals(result))) alternative = Learned(alternative, pair.Value);
        }

        return alternative;
    }

    private static Alternative Learned(Alternative alternative, ImmutableArray<Telling> tellings)
    {
        foreach (var telling in tellings)
        {
            if (alternative.Facts.Truth(telling.Condition) != telling.Truth) continue;
            if (telling.Context is { IsIn: false } tested) alternative = WithTested(alternative, tested);
            if (telling.NotNull is { } value && alternative.Facts.Learn(value, Known.NotNull) is { } facts) alternative = alternative with { Facts = facts };
        }

        return alternative;
    }

    // What was entered here holds until it is left, whatever was asked in between.
    private static bool IsOldNews(Alternative alternative, TestedContext tested) => tested.IsIn && alternative.Depths.IsIn(tested.Context);

    /// <summary>The state behind a call, or null where its arguments say that it never comes back.</summary>
    private Alternative? Returning(CallStep call, ImmutableArray<Value> arguments, Alternative after)
    {
        for (int i = 0; i < arguments.Length && i < call.Target.Parameters.Length; i++)
        {
            var parameter = call.Target.Parameters[i];
            if (call.Target.ReturnsVoid && arguments[i] is Symbol && IsCheckedForNull(parameter))
            {
                if (after.Facts.Learn(arguments[i], Known.NotNull) is not { } facts) return null;
                after = after with { Facts = facts };
            }

            if (OperationLowering.FatalArgument(parameter) is not { } fatal) continue;
            if (Assumed(after, arguments[i], !fatal) is not { } assumed) return null;
            after = assumed;
        }

        return after;
    }

    private Alternative? Assumed(Alternative alternative, Value condition, bool holds)
    {
        if (alternative.Assume(condition, holds) is not { } assumed) return null;
        _hasAsserted = true;
        return Refine(assumed, condition);
    }

    // 'ThrowIfNull': whoever comes back from it was given something.
    private static bool IsCheckedForNull(IParameterSymbol parameter)
    {
        if (parameter is not { RefKind: RefKind.None, Type.IsValueType: false }) return false;
        foreach (var attribute in parameter.OriginalDefinition.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "NotNullAttribute", ContainingNamespace.Name: "CodeAnalysis" }) return true;
        }

        return false;
    }

    private static bool DoesNotReturn(IMethodSymbol method)
    {
        foreach (var attribute in method.OriginalDefinition.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "DoesNotReturnAttribute" }) return true;
        }

        return false;
    }

    /// <summary>A guard that is kept in an object, disposed of by a member that is declared to leave its contexts.</summary>
    private bool IsGivenUp(ImmutableArray<ContextKind> scope, Value guard)
    {
        if (guard is not Symbol { Role: SymbolRole.Field }) return false;
        foreach (var context in scope)
        {
            bool isDeclared = false;
            foreach (var transition in _result.Contract.Transitions) isDeclared |= transition.By < 0 && transition.Context.Equals(context);
            if (!isDeclared) return false;
        }

        return true;
    }
}
