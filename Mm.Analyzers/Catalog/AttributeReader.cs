using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>Reads the vocabulary's attributes. What is malformed is left out: other diagnostics speak of it.</summary>
internal sealed class AttributeReader
{
    private readonly ContextTable _contexts;

    public AttributeReader(ContextTable contexts) => _contexts = contexts;

    /// <summary>The attributes of a method (with those of its result and parameters), accessor, lambda or local function.</summary>
    public Contract ReadMethod(IMethodSymbol method)
    {
        var contract = Read(method.GetAttributes(), method.Parameters);
        var returns = method.GetReturnTypeAttributes();
        if (!returns.IsEmpty)
        {
            var transitions = contract.Transitions;
            foreach (var attribute in returns)
            {
                if (ReadTransition(attribute) is { } transition)
                {
                    transitions = transitions.Add(WithOutcome(transition, attribute, method.ReturnType));
                }
            }

            var result = Read(returns, OfDelegate(method.ReturnType)) with { Transitions = ImmutableArray<Transition>.Empty };
            contract = contract with { Transitions = transitions, Result = result.IsNone ? null : result };
        }

        foreach (var parameter in method.Parameters)
        {
            var attributes = parameter.GetAttributes();
            if (attributes.IsEmpty) continue;
            var place = Read(attributes, OfDelegate(parameter.Type));
            foreach (var transition in place.Transitions)
            {
                contract = contract with
                {
                    Transitions = contract.Transitions.Add(
                        transition with { Outcome = OutcomeKind.Parameter, Parameter = parameter.Ordinal }),
                };
            }

            contract = WithPlace(contract, parameter.Ordinal, place);
        }

        if (ExtensionBlocks.ReceiverOf(method) is { } receiver) contract = WithPlace(contract, Symbol.Extended.Index, Read(receiver));
        return contract.IsNone ? Contract.None : contract;
    }

    private static Contract WithPlace(Contract contract, int ordinal, Contract place)
    {
        place = place with { Transitions = ImmutableArray<Transition>.Empty };
        return place.IsNone ? contract : contract with { Parameters = contract.Parameters.SetItem(ordinal, place) };
    }

    /// <summary>The attributes of a type, an assembly, a delegate type, or a place that holds a delegate.</summary>
    public Contract Read(ISymbol symbol)
    {
        var attributes = symbol.GetAttributes();
        if (attributes.IsEmpty) return Contract.None;
        return Read(attributes, OfDelegate(symbol switch
        {
            INamedTypeSymbol type => type,
            IParameterSymbol parameter => parameter.Type,
            IFieldSymbol field => field.Type,
            IPropertySymbol property => property.Type,
            IEventSymbol @event => @event.Type,
            _ => null,
        }));
    }

    // What a condition on a delegate speaks of is what the delegate is invoked with.
    private static ImmutableArray<IParameterSymbol> OfDelegate(ITypeSymbol? type) =>
        (type as INamedTypeSymbol)?.DelegateInvokeMethod?.Parameters ?? ImmutableArray<IParameterSymbol>.Empty;

    /// <summary>The contexts of a [Scope] type.</summary>
    public ImmutableArray<ContextKind> ReadScope(ITypeSymbol type)
    {
        var scopes = ImmutableArray<ContextKind>.Empty;
        foreach (var attribute in type.GetAttributes())
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) == "Scope" && WellKnown.Subject(attribute) is { } marker)
            {
                scopes = scopes.Add(_contexts.Of(marker));
            }
        }

        return scopes;
    }

    private static Transition WithOutcome(Transition transition, AttributeData attribute, ITypeSymbol returnType)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == "On" && argument.Value.Kind != TypedConstantKind.Array)
            {
                return transition with { Outcome = OutcomeKind.Result, On = Constant.Normalize(argument.Value.Value) };
            }
        }

        return returnType.SpecialType == SpecialType.System_Boolean
            ? transition with { Outcome = OutcomeKind.Result, On = true }
            : transition with { Outcome = OutcomeKind.ResultNotNull };
    }

    private Contract Read(ImmutableArray<AttributeData> attributes, ImmutableArray<IParameterSymbol> parameters)
    {
        var contract = Contract.None;
        foreach (var attribute in attributes)
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) is not { } name) continue;
            var subject = WellKnown.Subject(attribute);
            contract = name switch
            {
                "Trusted" => contract with { IsTrusted = true },
                "Deferred" => contract with { IsDeferred = true },
                "MustCheck" => contract with { IsResultChecked = true },
                _ when subject is null => contract,
                "Might" => contract with { Might = contract.Might.AddRange(ReadMight(attribute, subject, parameters)) },
                "Never" => contract with { Never = contract.Never.Add(Effect(subject)) },
                "RunsIn" => contract with { RunsIn = contract.RunsIn.Add(_contexts.Of(subject)) },
                "Requires" => contract with { Requires = contract.Requires.Add(_contexts.Of(subject)) },
                "ForbiddenIn" => contract with { ForbiddenIn = contract.ForbiddenIn.Add(_contexts.Of(subject)) },
                "OwnedBy" => contract with { Family = Family.Of(MarkerNames.Of(subject)).With(contract.Family) },
                "Tests" => contract with { Tests = _contexts.Of(subject) },
                "Enters" or "Leaves" => contract with { Transitions = contract.Transitions.Add(ReadTransition(attribute)!) },
                _ => contract,
            };
        }

        return contract;
    }

    private Transition? ReadTransition(AttributeData attribute) =>
        WellKnown.VocabularyName(attribute.AttributeClass) is ("Enters" or "Leaves") and var name
            && WellKnown.Subject(attribute) is { } subject
            ? new Transition(_contexts.Of(subject), name == "Enters" ? 1 : -1)
            : null;

    private static EffectKind Effect(INamedTypeSymbol marker) => EffectKind.Named(MarkerNames.Of(marker));

    private static ImmutableArray<EffectClause> ReadMight(
        AttributeData attribute, INamedTypeSymbol subject, ImmutableArray<IParameterSymbol> parameters)
    {
        string? when = null;
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == "When") when = argument.Value.Value as string;
        }

        var effect = Effect(subject);
        if (when is null) return ImmutableArray.Create(new EffectClause(effect, null));
        int ordinal = -1;
        foreach (var parameter in parameters)
        {
            if (parameter.Name == when) ordinal = parameter.Ordinal;
        }

        // MM3004 reports a name that no parameter has; the effect then counts unconditionally.
        if (ordinal < 0) return ImmutableArray.Create(new EffectClause(effect, null));
        var condition = ReadCondition(attribute, Symbol.Parameter(ordinal), when);
        return ImmutableArray.Create(new EffectClause(effect, condition));
    }

    /// <summary>All conditions of one attribute hold together.</summary>
    private static Condition? ReadCondition(AttributeData attribute, Value parameter, string name)
    {
        Value? holds = null;
        bool isFlags = false;
        string text = "";
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Value.Kind == TypedConstantKind.Array) continue;
            object? constant = Constant.Normalize(argument.Value.Value);
            Value? part = argument.Key switch
            {
                "Has" when constant is long mask => Fold.HasAny(parameter, mask),
                "HasNot" when constant is long mask => Fold.Not(Fold.HasAny(parameter, mask)),
                "Is" => Fold.Equal(parameter, Constant.Of(constant)),
                "IsNot" => Fold.Not(Fold.Equal(parameter, Constant.Of(constant))),
                _ => null,
            };
            if (part is null) continue;
            isFlags |= argument.Key is "Has" or "HasNot";
            text += (text.Length == 0 ? "" : " and ") + ConditionText.Of(argument.Key, name, ConditionText.Operand(argument.Value));
            holds = holds is null ? part : Fold.Make(Operator.And, holds, part);
        }

        return holds is null ? null : new Condition(holds, isFlags) { Text = text };
    }
}
