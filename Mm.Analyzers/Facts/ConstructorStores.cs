using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>What a constructor leaves in a member of its object: a constant, or what it was given as a parameter.</summary>
internal sealed record ConstructorStore(ISymbol Member, int Parameter, Constant? Value)
{
    /// <summary>An object that the constructor makes for it.</summary>
    public MadePart? Made { get; init; }

    /// <summary>A lambda or a static method that an initialiser names.</summary>
    public ExpressionSyntax? Function { get; init; }
}

/// <summary>An object that a constructor makes: with constants, with what it was given itself, or with such objects again. The members are the parameters.</summary>
internal sealed record MadePart(INamedTypeSymbol Type, IMethodSymbol Constructor, ImmutableArray<ConstructorStore> Arguments);

/// <summary>
/// The flags, truths and delegates that a constructor puts into its object, read off its syntax: an assignment that is a statement of its own and always run, an initialiser,
/// a positional parameter, and what the constructor to which it delegates does. Whatever is written otherwise is not known.
/// </summary>
internal static class ConstructorStores
{
    // Constructors that delegate to constructors: beyond that, nothing is known.
    private const int DeepestChain = 4;

    public static ImmutableArray<ConstructorStore> Of(BodyStore store, IMethodSymbol constructor, CancellationToken cancellation) =>
        Of(store, constructor.OriginalDefinition, DeepestChain, cancellation);

    /// <summary>The constant that all constructors leave in the member; null where they leave none, or not the same.</summary>
    public static Constant? CommonConstant(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        Constant? common = null;
        foreach (var constructor in member.ContainingType.InstanceConstructors)
        {
            if (IsCopying(constructor)) continue;
            if (Of(store, constructor, cancellation).FirstOrDefault(known => SymbolEqualityComparer.Default.Equals(known.Member, member))?.Value is not { } value) return null;
            if (common is not null && !common.Equals(value)) return null;
            common = value;
        }

        return common;
    }

    private static bool IsCopying(IMethodSymbol constructor) =>
        constructor is { IsImplicitlyDeclared: true, ContainingType.IsRecord: true, Parameters.Length: 1 }
        && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, constructor.ContainingType);

    private static ImmutableArray<ConstructorStore> Of(BodyStore store, IMethodSymbol constructor, int depth, CancellationToken cancellation)
    {
        if (depth == 0 || constructor.DeclaringSyntaxReferences.IsEmpty && !(constructor.IsImplicitlyDeclared && constructor.ContainingType.TypeKind == TypeKind.Class)) return ImmutableArray<ConstructorStore>.Empty;
        return store.ConstructorStores.TryGetValue(constructor, out var known)
            ? known
            : store.ConstructorStores.GetOrAdd(constructor, Read(store, constructor, depth, cancellation));
    }

    private static ImmutableArray<ConstructorStore> Read(BodyStore store, IMethodSymbol constructor, int depth, CancellationToken cancellation)
    {
        var stores = new List<ConstructorStore>();
        var declaration = DeclarationOf(constructor, cancellation);
        var written = declaration as ConstructorDeclarationSyntax;
        if (ChainedFrom(declaration) is { } chained)
        {
            Delegate(store, chained, constructor, depth, stores, cancellation);

            // What the base class has left may be replaced here.
            if (written is not null) stores.RemoveAll(known => Targets(written, known.Member.Name).Count > 0);
        }
        else if (depth > 1 && OperationLowering.ImpliedBase(constructor, cancellation) is { } implied)
        {
            foreach (var inner in Of(store, implied, depth - 1, cancellation))
            {
                if ((inner.Value is not null || inner.Function is not null) && (written is null || Targets(written, inner.Member.Name).Count == 0)) stores.Add(inner);
            }
        }

        if (declaration is TypeDeclarationSyntax && !constructor.ContainingType.IsRecord)
        {
            // Members use the parameters of a primary constructor as they use fields.
            foreach (var parameter in constructor.Parameters)
            {
                if (parameter.RefKind == RefKind.None && IsFollowed(parameter.Type) && KeptMembers.IsKept(store, parameter, cancellation)) stores.Add(new ConstructorStore(parameter, parameter.Ordinal, null));
            }
        }

        bool isFirst = written?.Initializer?.ThisOrBaseKeyword.IsKind(SyntaxKind.ThisKeyword) != true;
        foreach (var member in constructor.ContainingType.GetMembers())
        {
            if (!IsKept(store, member, cancellation)) continue;
            if (isFirst && Initial(store, constructor, member, cancellation) is { } initial) stores.Add(initial);
            if (written is null || Targets(written, member.Name) is not { Count: > 0 } targets) continue;
            stores.RemoveAll(known => SymbolEqualityComparer.Default.Equals(known.Member, member));
            if (targets.Count == 1 && Assigned(store, written, constructor, member, targets[0], cancellation) is { } assigned) stores.Add(assigned);
        }

        return stores.ToImmutableArray();
    }

    // What nothing writes later; those of a struct, which nobody else has, may be written again where that is seen, and so may delegates that others set.
    private static bool IsKept(BodyStore store, ISymbol member, CancellationToken cancellation)
    {
        if (member.IsStatic || member.IsImplicitlyDeclared && member is not IPropertySymbol) return false;
        bool isStruct = member.ContainingType.TypeKind == TypeKind.Struct;
        return member switch
        {
            IFieldSymbol field => IsFollowed(field.Type) && (isStruct || field.IsReadOnly || field.Type.TypeKind == TypeKind.Delegate && KeptMembers.IsKept(store, field, cancellation) || SettableMembers.Is(store, field, cancellation)),
            IPropertySymbol { IsIndexer: false } property => IsFollowed(property.Type) && (isStruct || property.SetMethod is null or { IsInitOnly: true } || SettableMembers.Is(store, property, cancellation)),
            _ => SettableMembers.Is(store, member, cancellation),
        };
    }

    // Of an object that is passed on, what it was made with.
    private static bool IsFollowed(ITypeSymbol type) => type.TypeKind is TypeKind.Enum or TypeKind.Delegate || type.SpecialType == SpecialType.System_Boolean
        || type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Interface, IsAnonymousType: false, DeclaringSyntaxReferences.IsEmpty: false };

    /// <summary>What an initialiser gives, or a positional parameter of a record.</summary>
    private static ConstructorStore? Initial(BodyStore store, IMethodSymbol constructor, ISymbol member, CancellationToken cancellation)
    {
        if (DelegateWriters.ParameterBehind(member) is { } behind)
        {
            return SymbolEqualityComparer.Default.Equals(behind.ContainingSymbol, constructor) ? new ConstructorStore(member, behind.Ordinal, null) : null;
        }

        if (member.DeclaringSyntaxReferences.IsEmpty) return null;
        if (ReadOnlyValues.InitializerOf(member, cancellation) is not { } initializer)
        {
            bool isStored = member.DeclaringSyntaxReferences[0].GetSyntax(cancellation) is VariableDeclaratorSyntax or PropertyDeclarationSyntax { AccessorList: not null };
            return isStored && constructor.ContainingType.TypeKind == TypeKind.Class ? new ConstructorStore(member, -1, DefaultOf(member)) : null;
        }

        if (IsFunction(store, member, initializer.Value, cancellation)) return new ConstructorStore(member, -1, null) { Function = initializer.Value };
        return Of(store, constructor, member, initializer.Value, isWhole: DeclarationOf(constructor, cancellation) is TypeDeclarationSyntax, cancellation);
    }

    // No object is there yet which it could have for its own.
    private static bool IsFunction(BodyStore store, ISymbol member, ExpressionSyntax value, CancellationToken cancellation) => KeptMembers.TypeOf(member)?.TypeKind == TypeKind.Delegate
        && (value is AnonymousFunctionExpressionSyntax || value is NameSyntax or MemberAccessExpressionSyntax && store.ModelOf(value.SyntaxTree).GetSymbolInfo(value, cancellation).Symbol is IMethodSymbol { IsStatic: true });

    private static Constant DefaultOf(ISymbol member) => ((member as IFieldSymbol)?.Type ?? (member as IPropertySymbol)?.Type) switch
    {
        { SpecialType: SpecialType.System_Boolean } => Constant.False,
        { TypeKind: TypeKind.Enum } => Constant.Zero,
        _ => Constant.Null,
    };

    // None where the compiler writes it; of a primary constructor, the type.
    private static SyntaxNode? DeclarationOf(IMethodSymbol constructor, CancellationToken cancellation) =>
        constructor.DeclaringSyntaxReferences.IsEmpty ? null : constructor.DeclaringSyntaxReferences[0].GetSyntax(cancellation);

    private static ConstructorStore? Assigned(
        BodyStore store, ConstructorDeclarationSyntax declaration, IMethodSymbol constructor, ISymbol member, ExpressionSyntax target, CancellationToken cancellation) =>
        ValueOf(declaration, constructor, member, target) is { } value ? Of(store, constructor, member, value, isWhole: true, cancellation) : null;

    /// <summary>What is assigned once and for all by a statement of its own; null where it is not known that this is the last word.</summary>
    internal static ExpressionSyntax? ValueOf(ConstructorDeclarationSyntax declaration, IMethodSymbol constructor, ISymbol member, ExpressionSyntax target)
    {
        if (AssignmentTo(target, out var value) is not { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment) return null;
        bool isStatement = assignment.Parent is ArrowExpressionClauseSyntax && assignment.Parent.Parent == declaration
            || assignment.Parent is ExpressionStatementSyntax statement && declaration.Body is { } whole && IsAlwaysRun(statement, whole);
        if (!isStatement || target is IdentifierNameSyntax && constructor.Parameters.Any(parameter => parameter.Name == member.Name)) return null;
        if (declaration.Body is { } body && body.DescendantNodes().Any(static node => node is ReturnStatementSyntax)) return null;
        return value;
    }

    // A statement of its own, perhaps in a block, or in a try that lets no exception get lost.
    private static bool IsAlwaysRun(StatementSyntax statement, BlockSyntax body)
    {
        SyntaxNode at = statement;
        while (at.Parent is BlockSyntax block)
        {
            if (block == body) return true;
            at = block.Parent switch
            {
                BlockSyntax => block,
                CheckedStatementSyntax or UnsafeStatementSyntax or LockStatementSyntax or UsingStatementSyntax or FixedStatementSyntax => block.Parent,
                TryStatementSyntax around when around.Catches.All(static clause => clause.Block.Statements.LastOrDefault() is ThrowStatementSyntax) => around,
                FinallyClauseSyntax { Parent: { } around } => around,
                _ => body,
            };
        }

        return false;
    }

    // Also '(_first, _second) = (first, second)'.
    private static AssignmentExpressionSyntax? AssignmentTo(ExpressionSyntax target, out ExpressionSyntax? value)
    {
        value = null;
        if (target.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Parent: AssignmentExpressionSyntax whole } targets } part)
        {
            if (whole.Left == targets && whole.Right is TupleExpressionSyntax values && values.Arguments.Count == targets.Arguments.Count) value = values.Arguments[targets.Arguments.IndexOf(part)].Expression;
            return value is null ? null : whole;
        }

        if (target.Parent is not AssignmentExpressionSyntax assignment || assignment.Left != target) return null;
        value = assignment.Right;
        return assignment;
    }

    // A parameter means something in the constructor's own text only, and only if that does not write it.
    private static ConstructorStore? Of(BodyStore store, IMethodSymbol constructor, ISymbol member, ExpressionSyntax value, bool isWhole, CancellationToken cancellation)
    {
        var constant = store.ModelOf(value.SyntaxTree).GetConstantValue(value, cancellation);
        if (constant.HasValue) return new ConstructorStore(member, -1, Constant.Of(constant.Value));
        if (value is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression, Left: IdentifierNameSyntax checkedFirst, Right: ThrowExpressionSyntax }) value = checkedFirst;
        if (isWhole && value is BaseObjectCreationExpressionSyntax { Initializer: null, ArgumentList.Arguments.Count: > 0 } && MadeBy(store, constructor, store.ModelOf(value.SyntaxTree).GetOperation(value, cancellation), DeepestChain, cancellation) is { } made) return new ConstructorStore(member, -1, null) { Made = made };
        if (!isWhole || value is not IdentifierNameSyntax { Identifier.ValueText: var name } || DeclarationOf(constructor, cancellation) is not { } declaration) return null;
        var parameter = constructor.Parameters.FirstOrDefault(candidate => candidate.Name == name && candidate.RefKind is RefKind.None or RefKind.In);
        if (parameter is null || Targets(declaration, name).Count > 0) return null;
        return new ConstructorStore(member, parameter.Ordinal, null);
    }

    private static MadePart? MadeBy(BodyStore store, IMethodSymbol constructor, IOperation? made, int depth, CancellationToken cancellation)
    {
        if (depth == 0 || made is not IObjectCreationOperation { Type: INamedTypeSymbol { TypeKind: TypeKind.Class, IsGenericType: false } type, Constructor: { } called } creation || !store.IsSource(called)) return null;
        var arguments = ImmutableArray.CreateBuilder<ConstructorStore>();
        bool isFollowed = false;
        foreach (var argument in creation.Arguments)
        {
            if (argument.Parameter is not { } parameter) continue;
            switch (KeptHandlers.Plain(argument.Value))
            {
                case { ConstantValue: { HasValue: true, Value: var constant } }:
                    arguments.Add(new ConstructorStore(parameter, -1, Constant.Of(constant)));
                    isFollowed |= parameter.Type.TypeKind == TypeKind.Enum;
                    break;
                case IParameterReferenceOperation { Parameter: { RefKind: RefKind.None or RefKind.In } given } when SymbolEqualityComparer.Default.Equals(given.ContainingSymbol, constructor) && !IsWrittenIn(constructor, given, cancellation):
                    arguments.Add(new ConstructorStore(parameter, given.Ordinal, null));
                    isFollowed |= IsFollowed(given.Type);
                    break;
                case var inner when MadeBy(store, constructor, inner, depth - 1, cancellation) is { } part:
                    arguments.Add(new ConstructorStore(parameter, -1, null) { Made = part });
                    isFollowed = true;
                    break;
            }
        }

        return isFollowed ? new MadePart(type, called, arguments.ToImmutable()) : null;
    }

    /// <summary>Whether the constructor gives the parameter another value.</summary>
    internal static bool IsWrittenIn(IMethodSymbol constructor, IParameterSymbol parameter, CancellationToken cancellation) =>
        DeclarationOf(constructor, cancellation) is not { } declaration || Targets(declaration, parameter.Name).Count > 0;

    private static SyntaxNode? ChainedFrom(SyntaxNode? declaration) => declaration switch
    {
        ConstructorDeclarationSyntax written => written.Initializer,
        TypeDeclarationSyntax { BaseList.Types: { Count: > 0 } types } => types[0] as PrimaryConstructorBaseTypeSyntax,
        _ => null,
    };

    private static void Delegate(
        BodyStore store, SyntaxNode chained, IMethodSymbol constructor, int depth, List<ConstructorStore> stores, CancellationToken cancellation)
    {
        if (store.ModelOf(chained.SyntaxTree).GetOperation(chained, cancellation) is not IInvocationOperation { TargetMethod: var target } call) return;
        foreach (var inner in Of(store, target.OriginalDefinition, depth - 1, cancellation))
        {
            if (inner.Value is not null || inner.Function is not null)
            {
                stores.Add(inner);
                continue;
            }

            if (inner.Made is not null) continue;
            var given = call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == inner.Parameter)?.Value;
            while (given is IConversionOperation { IsImplicit: true } conversion) given = conversion.Operand;
            if (given?.ConstantValue is { HasValue: true, Value: var constant }) stores.Add(new ConstructorStore(inner.Member, -1, Constant.Of(constant)));
            else if (given is IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } && SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol, constructor)) stores.Add(new ConstructorStore(inner.Member, parameter.Ordinal, null));
        }
    }

    /// <summary>All places of a text that may write to what is called so.</summary>
    internal static List<ExpressionSyntax> Targets(SyntaxNode text, string name)
    {
        var targets = new List<ExpressionSyntax>();
        foreach (var node in text.DescendantNodes())
        {
            if (node is not IdentifierNameSyntax identifier || identifier.Identifier.ValueText != name) continue;
            var target = identifier.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } member && member.Name == identifier ? member : (ExpressionSyntax)identifier;
            bool isWritten = target.Parent switch
            {
                AssignmentExpressionSyntax assignment => assignment.Left == target,
                ArgumentSyntax argument => argument.RefKindKeyword.RawKind != 0 || argument.Parent is TupleExpressionSyntax tuple && !IsRead(tuple),
                RefExpressionSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => true,
                _ => false,
            };
            if (isWritten) targets.Add(target);
        }

        return targets;
    }

    // '(_first, _second) = (first, second)' reads what is on the right; what else a tuple may be, it may write.
    private static bool IsRead(TupleExpressionSyntax tuple)
    {
        SyntaxNode whole = tuple;
        while (whole.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax around }) whole = around;
        return whole.Parent is AssignmentExpressionSyntax { Right: var right } && right == whole;
    }
}
