using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Assertions that are compiled out: what they say of a context holds in every build, or the verdict would hang on the configuration.</summary>
internal sealed partial class OperationLowering
{
    /// <summary>With which argument a call never comes back: what [DoesNotReturnIf] says.</summary>
    internal static bool? FatalArgument(IParameterSymbol parameter) =>
        parameter.Type.SpecialType == SpecialType.System_Boolean ? AttributeArgument(parameter, "DoesNotReturnIfAttribute") : null;

    /// <summary>The one argument of an attribute on a parameter that says for which answer it speaks.</summary>
    internal static bool? AttributeArgument(IParameterSymbol parameter, string name)
    {
        foreach (var attribute in parameter.OriginalDefinition.GetAttributes())
        {
            if (attribute.AttributeClass?.Name == name && attribute.ConstructorArguments is { Length: 1 } given && given[0].Value is bool truth) return truth;
        }

        return null;
    }

    private void LowerOmitted(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is not { } parameter || FatalArgument(parameter) is not { } fatal || !IsTestOfContext(argument.Value)) continue;
            Add(new AssumeStep(_next++, call.Syntax.GetLocation(), Lower(argument.Value), !fatal));
        }
    }

    // Nothing else is asked: it does not run.
    private bool IsTestOfContext(IOperation operation)
    {
        while (operation is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }) operation = inner;
        var (test, instance) = operation switch
        {
            IPropertyReferenceOperation { Arguments.IsEmpty: true } property => (property.Property.GetMethod, property.Instance),
            IInvocationOperation { Arguments.IsEmpty: true } call => (call.TargetMethod, call.Instance),
            _ => (null, null),
        };
        return test is not null && instance is null or IInstanceReferenceOperation or IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } or ILocalReferenceOperation or IParameterReferenceOperation
            && _store.Contracts.Of(test).Tests is not null;
    }
}
