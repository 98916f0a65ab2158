using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Readonly fields, and properties that only a constructor sets, whose initialiser is a constant that no constructor replaces.</summary>
internal static class ReadOnlyValues
{
    public static Constant? Of(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        field = field.OriginalDefinition;
        return field.IsReadOnly ? Of(store, field, field.Type, cancellation) : null;
    }

    /// <summary>Of a property without a setter or a body.</summary>
    public static Constant? Of(BodyStore store, IPropertySymbol property, CancellationToken cancellation) =>
        Of(store, property.OriginalDefinition, property.Type, cancellation);

    /// <summary>Whether the field or property keeps for ever what a constructor gave it: by its declaration, or because nothing else writes it.</summary>
    public static bool IsFixed(BodyStore store, object? member, CancellationToken cancellation) => member switch
    {
        IFieldSymbol { IsReadOnly: true } => true,
        IPropertySymbol property => property.SetMethod is null,
        IFieldSymbol { DeclaredAccessibility: Accessibility.Private, IsStatic: false, ContainingType.TypeKind: TypeKind.Class } field =>
            store.FixedFields.GetOrAdd(field.OriginalDefinition, _ => !IsWrittenLater(field.OriginalDefinition, cancellation)),
        _ => false,
    };

    /// <summary>Whether a readonly field holds a new object from the start, which no constructor replaces.</summary>
    public static bool IsMade(BodyStore store, IFieldSymbol field, CancellationToken cancellation)
    {
        if (!field.IsReadOnly || !field.Type.IsReferenceType || field.DeclaringSyntaxReferences.IsEmpty) return false;
        if (field is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct }) return false;
        field = field.OriginalDefinition;
        return store.MadeFields.GetOrAdd(field, _ => ReadMade(field, cancellation));
    }

    /// <summary>Whether each object has one of its own there, for good: a struct, or what its initialiser made.</summary>
    public static bool IsOwn(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        if (member is not (IFieldSymbol or IPropertySymbol) || member.IsStatic || member.ContainingType is not { TypeKind: TypeKind.Class }) return false;
        if (member is IFieldSymbol { Type.IsValueType: true }) return true;
        member = member.OriginalDefinition;
        if (member.DeclaringSyntaxReferences.IsEmpty || !IsFixed(store, member, cancellation)) return false;
        return store.MadeFields.GetOrAdd(member, _ => ReadMade(member, cancellation));
    }

    /// <summary>The flags that an object keeps for ever which a readonly field or get-only property was started with: 'new Pool(Flags.Wait)'.</summary>
    public static Constant? OfMade(BodyStore store, ISymbol holder, ISymbol member, CancellationToken cancellation)
    {
        if (holder is not (IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null }) || holder.DeclaringSyntaxReferences.IsEmpty) return null;
        if (holder is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct }) return null;
        var (kept, held) = (holder.OriginalDefinition, member.OriginalDefinition);
        return store.MadeFlags.GetOrAdd((kept, held), _ => ReadMadeFlags(store, kept, held, cancellation));
    }

    private static Constant? ReadMadeFlags(BodyStore store, ISymbol holder, ISymbol member, CancellationToken cancellation)
    {
        if (CreationOf(holder, cancellation) is not { } written || store.ModelOf(written.SyntaxTree).GetOperation(written, cancellation) is not IObjectCreationOperation { Constructor: { } constructor } creation) return null;
        if (member is IParameterSymbol captured) return SymbolEqualityComparer.Default.Equals(captured.ContainingSymbol, constructor.OriginalDefinition) && !IsWritten(captured, cancellation) ? Passed(creation, captured.Ordinal) : null;
        foreach (var assigned in creation.Initializer?.Initializers ?? ImmutableArray<IOperation>.Empty)
        {
            if (assigned is ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: var target }, Value.ConstantValue: var given } && SymbolEqualityComparer.Default.Equals(target.OriginalDefinition, member))
            {
                return given.HasValue ? Constant.Of(given.Value) : null;
            }
        }

        if (!store.IsSource(constructor)) return null;
        if (ConstructorStores.Of(store, constructor, cancellation).FirstOrDefault(known => SymbolEqualityComparer.Default.Equals(known.Member, member)) is not { } stored) return null;
        return stored.Value ?? Passed(creation, stored.Parameter);
    }

    private static Constant? Passed(IObjectCreationOperation creation, int parameter) =>
        creation.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == parameter)?.Value.ConstantValue is { HasValue: true, Value: var constant } ? Constant.Of(constant) : null;

    private static BaseObjectCreationExpressionSyntax? CreationOf(ISymbol holder, CancellationToken cancellation) => WrittenTo(holder, cancellation) as BaseObjectCreationExpressionSyntax;

    /// <summary>What a member starts with, by its initialiser or by the only statement of the only constructor that writes it.</summary>
    public static ExpressionSyntax? WrittenTo(ISymbol holder, CancellationToken cancellation)
    {
        if (holder.DeclaringSyntaxReferences.IsEmpty) return null;
        if (InitializerOf(holder, cancellation) is { } initializer) return IsAssigned(holder, cancellation) ? null : initializer.Value;
        if (holder.IsStatic || holder.ContainingType.InstanceConstructors is not { Length: 1 } constructors || constructors[0].DeclaringSyntaxReferences is not { Length: 1 } declared) return null;
        if (declared[0].GetSyntax(cancellation) is not ConstructorDeclarationSyntax constructor || ConstructorStores.Targets(constructor, holder.Name) is not { Count: 1 } targets) return null;
        return targets[0].Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Right: var made, Parent: ExpressionStatementSyntax statement }
            && statement.Parent == constructor.Body ? made : null;
    }

    // A parameter that the members of its type have captured.
    private static bool IsWritten(IParameterSymbol captured, CancellationToken cancellation) =>
        captured.ContainingType.DeclaringSyntaxReferences.Any(part => ConstructorStores.Targets(part.GetSyntax(cancellation), captured.Name).Count > 0);

    internal static EqualsValueClauseSyntax? InitializerOf(ISymbol member, CancellationToken cancellation) => member.DeclaringSyntaxReferences[0].GetSyntax(cancellation) switch
    {
        VariableDeclaratorSyntax variable => variable.Initializer,
        PropertyDeclarationSyntax property => property.Initializer,
        _ => null,
    };

    private static bool ReadMade(ISymbol member, CancellationToken cancellation)
    {
        return InitializerOf(member, cancellation)?.Value is BaseObjectCreationExpressionSyntax or ArrayCreationExpressionSyntax or ImplicitArrayCreationExpressionSyntax or InitializerExpressionSyntax or LambdaExpressionSyntax
            && !IsAssigned(member, cancellation);
    }

    private static bool IsAssigned(ISymbol field, CancellationToken cancellation)
    {
        foreach (var constructor in field.IsStatic ? field.ContainingType.StaticConstructors : field.ContainingType.InstanceConstructors)
        {
            foreach (var reference in constructor.DeclaringSyntaxReferences)
            {
                if (Assigns(reference.GetSyntax(cancellation), field.Name)) return true;
            }
        }

        return false;
    }

    // By name, in all parts of the type: whatever else is called so may only make a field look written.
    private static bool IsWrittenLater(IFieldSymbol field, CancellationToken cancellation)
    {
        foreach (var part in field.ContainingType.DeclaringSyntaxReferences)
        {
            foreach (var node in part.GetSyntax(cancellation).DescendantNodes(static node => node is not ConstructorDeclarationSyntax))
            {
                if (node is IdentifierNameSyntax identifier && identifier.Identifier.ValueText == field.Name && IsTarget(identifier)) return true;
            }
        }

        return false;
    }

    private static bool IsTarget(IdentifierNameSyntax identifier)
    {
        SyntaxNode target = identifier.Parent is MemberAccessExpressionSyntax member && member.Name == identifier ? member : identifier;
        while (target.Parent is ParenthesizedExpressionSyntax or TupleExpressionSyntax
            || target.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax }) target = target.Parent;
        return target.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == target,
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None),
            PrefixUnaryExpressionSyntax prefix => prefix.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression or SyntaxKind.AddressOfExpression,
            PostfixUnaryExpressionSyntax postfix => postfix.Kind() is not SyntaxKind.SuppressNullableWarningExpression,
            RefExpressionSyntax => true,
            _ => false,
        };
    }

    private static Constant? Of(BodyStore store, ISymbol member, ITypeSymbol type, CancellationToken cancellation)
    {
        if (type.TypeKind != TypeKind.Enum && type.SpecialType is < SpecialType.System_Boolean or > SpecialType.System_UInt64 && !ZeroDurations.IsDuration(type)) return null;
        if (member.DeclaringSyntaxReferences.IsEmpty) return null;

        // The default of a struct runs no initialiser.
        if (member is { IsStatic: false, ContainingType.TypeKind: TypeKind.Struct }) return null;
        return store.ReadOnlyValues.GetOrAdd(member, _ => Read(store, member, cancellation));
    }

    private static Constant? Read(BodyStore store, ISymbol member, CancellationToken cancellation) =>
        OfInitializer(store, member, cancellation)
        ?? (member is IFieldSymbol { IsStatic: false, Type.TypeKind: TypeKind.Enum } or IPropertySymbol { IsStatic: false, Type.TypeKind: TypeKind.Enum }
            ? ConstructorStores.CommonConstant(store, member, cancellation)
            : null);

    private static Constant? OfInitializer(BodyStore store, ISymbol field, CancellationToken cancellation)
    {
        if (InitializerOf(field, cancellation) is not { Value: var initializer }) return null;
        var model = store.ModelOf(initializer.SyntaxTree);
        var constant = model.GetConstantValue(initializer, cancellation);
        bool isZero = !constant.HasValue && model.GetOperation(initializer, cancellation) is { } made && ZeroDurations.Is(made);
        if (!constant.HasValue && !isZero || IsAssigned(field, cancellation)) return null;
        return isZero ? Constant.Zero : Constant.Of(constant.Value);
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
