using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Readonly fields whose initialiser is a constant that no constructor replaces.</summary>
internal static class ReadOnlyValues
{
    public static Constant? Of(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        field = field.OriginalDefinition;
        if (!field.IsReadOnly || field.Type.TypeKind != TypeKind.Enum && field.Type.SpecialType is < SpecialType.System_Boolean or > SpecialType.System_UInt64) return null;
        if (field.DeclaringSyntaxReferences.IsEmpty) return null;

        // The default of a struct runs no initialiser.
        if (field is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct }) return null;
        return store.ReadOnlyValues.GetOrAdd(field, _ => Read(store, field, cancellation));
    }

    private static Constant? Read(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        if (field.DeclaringSyntaxReferences[0].GetSyntax(cancellation) is not VariableDeclaratorSyntax { Initializer.Value: { } initializer }) return null;
        var constant = store.ModelOf(initializer.SyntaxTree).GetConstantValue(initializer, cancellation);
        if (!constant.HasValue) return null;
        foreach (var constructor in field.IsStatic ? field.ContainingType.StaticConstructors : field.ContainingType.InstanceConstructors)
        {
            foreach (var reference in constructor.DeclaringSyntaxReferences)
            {
                if (Assigns(reference.GetSyntax(cancellation), field.Name)) return null;
            }
        }

        return Constant.Of(constant.Value);
    }

    // By name: whatever else is called so keeps the field unknown, which is safe.
    private static bool Assigns(SyntaxNode constructor, string name)
    {
        if (constructor is not ConstructorDeclarationSyntax) return false;
        foreach (var node in constructor.DescendantNodes())
        {
            if (node is not IdentifierNameSyntax identifier || identifier.Identifier.ValueText != name) continue;
            var target = identifier.Parent is MemberAccessExpressionSyntax member && member.Name == identifier ? member : (ExpressionSyntax)identifier;
            if (target.Parent is AssignmentExpressionSyntax assignment && assignment.Left == target
                || target.Parent is ArgumentSyntax argument && argument.RefKindKeyword.RawKind != 0
                || target.Parent is RefExpressionSyntax or ArgumentSyntax { Parent: TupleExpressionSyntax { Parent: not EqualsValueClauseSyntax } }
                || target.Parent is PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax) return true;
        }

        return false;
    }
}
