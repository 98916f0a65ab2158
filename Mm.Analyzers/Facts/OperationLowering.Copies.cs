using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Copies of arrays and collections of delegates: '_handlers.ToArray()' has the elements that '_handlers' has.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>The containers whose elements a container has beside those that are seen going into it: none for a new one; default where that cannot be told.</summary>
    private ImmutableArray<ISymbol> SourcesOf(IOperation value)
    {
        var sources = ImmutableArray.CreateBuilder<ISymbol>(0);
        return AddSources(value, sources) ? sources.ToImmutable() : default;
    }

    private bool AddSources(IOperation value, ImmutableArray<ISymbol>.Builder sources)
    {
        value = KeptHandlers.Plain(value)!;
        switch (value)
        {
            case IArrayCreationOperation: return true;
            case ISimpleAssignmentOperation { IsRef: false, Target: var assigned }: return AddSources(assigned, sources);
            case IObjectCreationOperation { Type: INamedTypeSymbol type } when IsSpan(type): return false;
            case IObjectCreationOperation creation:
                foreach (var argument in creation.Arguments)
                {
                    if (IsContainer(Unconverted(argument.Value).Type) && !AddSources(argument.Value, sources)) return false;
                }

                return true;
            case IFlowCaptureReferenceOperation capture when _graph is not null:
                _captures ??= GraphCaptures.Of(_graph);
                return _captures.Sources.TryGetValue(capture.Id, out var source) && source is not IFlowCaptureReferenceOperation && AddSources(source, sources);
            case { Syntax: CollectionExpressionSyntax expression }:
                var model = _store.ModelOf(expression.SyntaxTree);
                foreach (var element in expression.Elements)
                {
                    if (element is SpreadElementSyntax spread && !(model.GetOperation(spread.Expression, _cancellation) is { } spreading && AddSources(spreading, sources))) return false;
                }

                return true;
            case IInvocationOperation { TargetMethod: { Name: "Empty", IsStatic: true, Parameters.IsEmpty: true } } or IFieldReferenceOperation { Field: { Name: "Empty", IsStatic: true } }: return true;
            case IInvocationOperation call when ContainerCalled(call) is { } copied && IsCopying(call.TargetMethod):
                foreach (var argument in call.Arguments)
                {
                    if (argument.Value != copied && IsContainer(Unconverted(argument.Value).Type) && !AddSources(argument.Value, sources)) return false;
                }

                return AddSources(copied, sources);
            case IPropertyReferenceOperation { Property.Name: "Values", Instance: { } map } when IsContainer(map.Type): return AddSources(map, sources);
            case IFieldReferenceOperation or ILocalReferenceOperation or IInvocationOperation or IPropertyReferenceOperation when ContainerOf(value) is { } same:
                sources.Add(same);
                return true;
            default: return IsParamsCollection(value);
        }
    }

    /// <summary>A container that is returned has the elements of what is returned: its method stands for it.</summary>
    public Value LowerReturned(IOperation value)
    {
        if (_key.IsNested || _key.Method is not { } method || !IsContainer(value.Type)) return Lower(value);
        _elementsOf = method;
        var result = Lower(value);
        _elementsOf = null;
        Add(new AssignStep(_next++, value.Syntax.GetLocation(), new Symbol(SymbolRole.Temporary, 0, method), result, method) { ElementsOf = SourcesOf(value) });
        return result;
    }

    /// <summary>The method or getter of ours that gives a container; null of all else.</summary>
    private IMethodSymbol? GiverOf(IMethodSymbol? target) => target is not null && _store.IsSource(target) && DelegateWriters.IsPlain(target) ? target.OriginalDefinition : null;

    /// <summary>The container that a call gives, by who has given it.</summary>
    private static Symbol GivenBy(IMethodSymbol giver, int call) => new(SymbolRole.Merge, call, giver);

    /// <summary>What a member of .NET is called on, also as an extension: '_handlers.GetValueOrDefault(key)'.</summary>
    private static IOperation? ContainerCalled(IInvocationOperation call)
    {
        if (!WellKnown.IsFramework(call.TargetMethod.ContainingAssembly)) return null;
        if (call.Instance is { } instance) return instance;
        bool isOfFirst = call.TargetMethod.IsExtensionMethod || call.TargetMethod is { Name: "ForEach", ContainingType.SpecialType: SpecialType.System_Array };
        return isOfFirst && call.Arguments.Length > 0 ? call.Arguments[0].Value : null;
    }

    // What is asked for a container in return gives one with the same elements, or fewer; a part of a query keeps its source.
    private static bool IsCopying(IMethodSymbol target) => target.Name is "ToArray" or "ToList" or "ToImmutableArray" or "ToImmutableList" or "ToHashSet" or "Clone" or "AsReadOnly"
        or "Where" or "Skip" or "Take" or "Reverse" or "Distinct" or "Append" or "Prepend" or "Concat" or "Except"
        or "Add" or "AddRange" or "Insert" or "Remove" or "RemoveAt" or "RemoveAll" or "SetItem" or "Replace";

    // 'foreach (var act in _handlers.ToArray())' goes over the elements of '_handlers'.
    private static ExpressionSyntax CopiedFrom(ExpressionSyntax expression)
    {
        while (true)
        {
            switch (expression)
            {
                case CastExpressionSyntax { Expression: var operand }: expression = operand; break;
                case ParenthesizedExpressionSyntax { Expression: var inner }: expression = inner; break;
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ToArray" or "ToList" or "Clone" or "Reverse" or "Where" or "Skip" or "Take", Expression: var copied } }: expression = copied; break;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Values", Expression: var map }: expression = map; break;
                default: return expression;
            }
        }
    }

    // '_handlers.ForEach(act => act())'.
    private static bool IsHandedElements(IMethodSymbol target)
    {
        foreach (var parameter in target.Parameters)
        {
            if (parameter.Type is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke }) continue;
            foreach (var given in invoke.Parameters)
            {
                if (HoldsFunction(given.Type)) return true;
            }
        }

        return false;
    }
}
