using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>Durations that are certainly none: the number 0 stands for them, so that a timeout of type TimeSpan is judged as one in milliseconds.</summary>
internal static class ZeroDurations
{
    public static bool IsDuration(ITypeSymbol? type) => type is { Name: "TimeSpan", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>'TimeSpan.Zero', 'new TimeSpan(0, 0, 0)', 'TimeSpan.FromSeconds(0)'; a default is known by its type.</summary>
    public static bool Is(IOperation operation) => operation switch
    {
        IFieldReferenceOperation { Field: { IsStatic: true, Name: "Zero", ContainingType: var type } } => IsDuration(type),
        IObjectCreationOperation creation => IsDuration(creation.Type) && AreZero(creation.Arguments),
        IInvocationOperation { TargetMethod: { IsStatic: true, ContainingType: var type } made } call =>
            IsDuration(type) && made.Name.StartsWith("From", StringComparison.Ordinal) && AreZero(call.Arguments),
        _ => false,
    };

    private static bool AreZero(ImmutableArray<IArgumentOperation> arguments) =>
        arguments.All(static argument => argument.Value.ConstantValue is { HasValue: true, Value: IConvertible number } && number.ToDouble(CultureInfo.InvariantCulture) == 0);
}
