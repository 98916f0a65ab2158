using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Mm.Analyzers.Facts;

/// <summary>What lambdas and local functions take from the bodies around them.</summary>
internal static class Capturing
{
    /// <summary>Whether a lambda needs a closure or its receiver, so that making it allocates each time.</summary>
    public static bool IsCapturing(BodyStore store, BodyKey lambda, CancellationToken cancellation)
    {
        if (lambda.Method is not { DeclaringSyntaxReferences: { IsEmpty: false } references } || lambda.Method.IsStatic) return false;
        var syntax = references[0].GetSyntax(cancellation);
        if (store.ModelOf(syntax.SyntaxTree).GetOperation(syntax, cancellation) is not { } operation) return false;
        foreach (var inner in operation.DescendantsAndSelf())
        {
            switch (inner)
            {
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }: return true;
                case ILocalReferenceOperation { Local: { IsConst: false } local } when IsOutside(local, syntax, cancellation): return true;
                case IParameterReferenceOperation { Parameter: var parameter } when IsOutside(parameter, syntax, cancellation): return true;
                case IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction, IsStatic: false } called } when IsOutside(called, syntax, cancellation): return true;
            }
        }

        return false;
    }

    /// <summary>Adds the variables of enclosing bodies that the function writes.</summary>
    public static ImmutableHashSet<ISymbol> AddWritten(
        ImmutableHashSet<ISymbol> written, BodyStore store, SyntaxNode syntax, CancellationToken cancellation)
    {
        if (store.ModelOf(syntax.SyntaxTree).GetOperation(syntax, cancellation) is not { } operation) return written;
        foreach (var inner in operation.DescendantsAndSelf())
        {
            var target = inner switch
            {
                IAssignmentOperation assignment => assignment.Target,
                IIncrementOrDecrementOperation increment => increment.Target,
                IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
                _ => null,
            };
            while (target is IFieldReferenceOperation { Instance: { Type.IsValueType: true } owner }) target = owner;
            ISymbol? variable = target switch
            {
                ILocalReferenceOperation local => local.Local,
                IParameterReferenceOperation parameter => parameter.Parameter,
                _ => null,
            };
            if (variable is not null && IsOutside(variable, syntax, cancellation)) written = written.Add(variable);
        }

        return written;
    }

    private static bool IsOutside(ISymbol variable, SyntaxNode function, CancellationToken cancellation)
    {
        foreach (var reference in variable.DeclaringSyntaxReferences)
        {
            if (function.Span.Contains(reference.GetSyntax(cancellation).Span)) return false;
        }

        return true;
    }
}
