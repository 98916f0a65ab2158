using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// Handlers in a table of operations: what a delegate of one object holds for good, where it is seen how that object was made. Two tables
/// of one class are two tables.
/// </summary>
internal static class KeptHandlers
{
    // Objects in objects, and methods that make them: beyond that, nothing is known.
    private const int Deepest = 8;

    /// <summary>What the delegate in the place invokes, or null where it was given none; nothing where that is not seen.</summary>
    public static Value? Of(BodyStore store, Symbol place, CancellationToken cancellation)
    {
        if (place is not { Role: SymbolRole.Field, Parent: Symbol { Role: SymbolRole.Field } holder }) return null;
        if (place.Key is TupleElement part) return store.KeptHandlers.TryGetValue(place, out var found) ? found : store.KeptHandlers.GetOrAdd(place, OfPart(store, holder, part, cancellation));
        if (place.Key is not ISymbol member || holder.Key is not ISymbol || KeptMembers.TypeOf(member)?.TypeKind != TypeKind.Delegate) return null;
        return store.KeptHandlers.TryGetValue(place, out var known) ? known : store.KeptHandlers.GetOrAdd(place, Find(store, place, member, cancellation));
    }

    // Of a tuple, or of what else is nothing but its parts.
    private static Value? OfPart(BodyStore store, Symbol holder, TupleElement part, CancellationToken cancellation)
    {
        if (holder.Key is not ISymbol member || Bundles.PartsOf(KeptMembers.TypeOf(member)) is not { IsEmpty: false } types) return null;
        if (part.Ordinal >= types.Length || types[part.Ordinal].TypeKind != TypeKind.Delegate || !KeptMembers.IsKept(store, member, cancellation)) return null;
        IOperation? made = null;
        if (ReadOnlyValues.IsFixed(store, member, cancellation) && ReadOnlyValues.WrittenTo(member, cancellation) is { } written) made = OperationOf(store, written, cancellation);
        else if (holder.Parent is Symbol around && MadeIn(store, around, Deepest, cancellation) is { } outer) made = KeptMembers.GivenTo(store, outer, member, Deepest, cancellation).Value;
        return Bundles.PartOf(Plain(made), part.Ordinal) is { } given ? FunctionOf(store, given, Symbol.This.Equals(holder.Parent), cancellation) : null;
    }

    private static Value? Find(BodyStore store, Symbol place, ISymbol member, CancellationToken cancellation)
    {
        var holder = (Symbol)place.Parent!;
        if (MadeIn(store, holder, Deepest, cancellation) is { } made) return HandlerIn(store, made, member, Symbol.This.Equals(holder.Parent), cancellation) ?? GivenAround(store, made, member, holder, cancellation);
        return HoldsNothing(store, holder, Deepest, cancellation) ? Constant.Null : null;
    }

    // 'new Inner(act)', in a constructor that was given 'act': how the object around it was made tells.
    private static Value? GivenAround(BodyStore store, IOperation made, ISymbol member, Symbol holder, CancellationToken cancellation)
    {
        if (!KeptMembers.IsKept(store, member, cancellation)) return null;
        var given = Plain(KeptMembers.GivenTo(store, made, member, Deepest, cancellation).Value);
        for (var around = holder.Parent as Symbol; around is { Role: SymbolRole.Field } && given is IParameterReferenceOperation { Parameter: { ContainingSymbol: IMethodSymbol constructor } parameter }; around = around.Parent as Symbol)
        {
            if (MadeIn(store, around, Deepest, cancellation) is not IObjectCreationOperation { Constructor: { } called } creation || !SymbolEqualityComparer.Default.Equals(called.OriginalDefinition, constructor)) continue;
            if (ConstructorStores.IsWrittenIn(constructor, parameter, cancellation)) return null;
            foreach (var argument in creation.Arguments)
            {
                if (argument.Parameter?.Ordinal == parameter.Ordinal) given = Plain(argument.Value);
            }
        }

        return given is null or IParameterReferenceOperation ? null : FunctionOf(store, given, isOwn: false, Deepest, cancellation);
    }

    // 'new Driver(null)' has no table, and so no handler: 'driver.Ops?.Suspend?.Invoke()'.
    private static bool HoldsNothing(BodyStore store, Symbol place, int depth, CancellationToken cancellation)
    {
        if (depth == 0 || place is not { Role: SymbolRole.Field, Key: ISymbol member, Parent: Symbol holder } || !KeptMembers.IsKept(store, member, cancellation)) return false;
        if (MadeIn(store, holder, depth - 1, cancellation) is not { } around) return HoldsNothing(store, holder, depth - 1, cancellation);
        var given = KeptMembers.GivenTo(store, around, member, depth, cancellation);
        return given.IsSeen && IsNothing(given.Value);
    }

    /// <summary>The flags, or the yes or no, that an object keeps which another one was made with; null where that is not seen.</summary>
    public static Constant? FlagsIn(BodyStore store, Symbol place, CancellationToken cancellation)
    {
        if (place is not { Role: SymbolRole.Field, Key: ISymbol member, Parent: Symbol { Role: SymbolRole.Field } holder }) return null;
        if (holder.Key is not (IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } or IParameterSymbol)) return null;
        if (store.KeptHandlers.TryGetValue(place, out var known)) return known as Constant;
        Constant? found = null;
        if (KeptMembers.IsKept(store, member, cancellation) && MadeIn(store, holder, Deepest, cancellation) is { } made)
        {
            var given = KeptMembers.GivenTo(store, made, member, Deepest, cancellation);
            if (given.Value is { ConstantValue: { HasValue: true, Value: var constant } }) found = Constant.Of(constant);
        }

        return store.KeptHandlers.GetOrAdd(place, found) as Constant;
    }

    /// <summary>What the delegate of an object invokes, by how it was made.</summary>
    /// <param name="store">The bodies.</param>
    /// <param name="made">The creation of the object.</param>
    /// <param name="member">The delegate in it.</param>
    /// <param name="isOwn">It belongs to the object whose member invokes it.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Value? HandlerIn(BodyStore store, IOperation made, ISymbol member, bool isOwn, CancellationToken cancellation)
    {
        if (!KeptMembers.IsKept(store, member, cancellation)) return null;
        var given = KeptMembers.GivenTo(store, made, member, Deepest, cancellation);
        return !given.IsSeen ? null : given.Value is null ? Constant.Null : FunctionOf(store, given.Value, isOwn, Deepest, cancellation);
    }

    /// <summary>How the object was made that a place holds for good; null where that is not seen.</summary>
    public static IOperation? MadeIn(BodyStore store, Symbol place, int depth, CancellationToken cancellation)
    {
        if (depth == 0 || place is not { Role: SymbolRole.Field, Key: ISymbol member } || !KeptMembers.IsKept(store, member, cancellation)) return null;

        // What an object initialiser may write is known by the creation around it alone.
        if (ReadOnlyValues.IsFixed(store, member, cancellation) && ReadOnlyValues.WrittenTo(member, cancellation) is { } written
            && MadeBy(store, OperationOf(store, written, cancellation), depth - 1, cancellation) is { } made) return made;
        return place.Parent is Symbol holder && MadeIn(store, holder, depth - 1, cancellation) is { } around
            && KeptMembers.GivenTo(store, around, member, depth, cancellation) is { Value: { } given } ? MadeBy(store, given, depth - 1, cancellation) : null;
    }

    /// <summary>The class of what was made.</summary>
    public static INamedTypeSymbol? ClassOf(BodyStore store, IOperation? made, CancellationToken cancellation) => made switch
    {
        IObjectCreationOperation creation => creation.Type as INamedTypeSymbol,
        IWithOperation copy => ClassOf(store, MadeBy(store, copy.Operand, Deepest, cancellation), cancellation),
        _ => null,
    };

    /// <summary>A creation, a copy of what is seen being made, or what leads to one: a place that keeps it, a method that does no more than making it.</summary>
    public static IOperation? MadeBy(BodyStore store, IOperation? operation, int depth, CancellationToken cancellation)
    {
        operation = Plain(operation);
        if (depth == 0) return null;
        switch (operation)
        {
            case IObjectCreationOperation { Constructor: not null, Type.TypeKind: TypeKind.Class or TypeKind.Struct } creation:
                return creation;
            case IWithOperation { Type: INamedTypeSymbol type } copy when OperationLowering.WrittenCopyOf(type) is null:
                return MadeBy(store, copy.Operand, depth - 1, cancellation) is null ? null : copy;
            case IFieldReferenceOperation field:
                return MadeIn(store, new Symbol(SymbolRole.Field, 0, field.Field.OriginalDefinition), depth, cancellation);
            case IPropertyReferenceOperation { Arguments.IsEmpty: true } property:
                return MadeIn(store, new Symbol(SymbolRole.Field, 0, property.Property.OriginalDefinition), depth, cancellation);
            case IInvocationOperation { IsVirtual: false, TargetMethod: { IsGenericMethod: false, DeclaringSyntaxReferences: { Length: 1 } declared } target } when store.IsSource(target):
                return ResultOf(declared[0].GetSyntax(cancellation)) is { } result ? MadeBy(store, OperationOf(store, result, cancellation), depth - 1, cancellation) : null;
            default: return null;
        }
    }

    private static ExpressionSyntax? ResultOf(SyntaxNode declaration) => declaration switch
    {
        MethodDeclarationSyntax { ExpressionBody.Expression: var expression } => expression,
        MethodDeclarationSyntax { Body.Statements: { Count: 1 } statements } => (statements[0] as ReturnStatementSyntax)?.Expression,
        _ => null,
    };

    public static Value? FunctionOf(BodyStore store, IOperation given, bool isOwn, CancellationToken cancellation) => FunctionOf(store, given, isOwn, Deepest, cancellation);

    private static Value? FunctionOf(BodyStore store, IOperation given, bool isOwn, int depth, CancellationToken cancellation)
    {
        var operation = Plain(given);
        if (operation is IDelegateCreationOperation creation) operation = Plain(creation.Target);
        switch (operation)
        {
            case { ConstantValue: { HasValue: true, Value: null } } or IDefaultValueOperation:
                return Constant.Null;
            case IAnonymousFunctionOperation lambda:
                // It is known once the body around it is.
                if (BodyAround(store, lambda.Syntax, cancellation) is not { } around || store.Get(around, cancellation) is null) return null;
                return new Symbol(SymbolRole.Function, 0, BodyKey.Of(lambda.Symbol), isOwn ? null : Foreign(BodyKey.Of(lambda.Symbol)));
            case IMethodReferenceOperation { Method: { MethodKind: MethodKind.Ordinary, IsGenericMethod: false, ContainingType.IsGenericType: false } method, IsVirtual: false } reference:
                var key = BodyKey.Of(method);
                return new Symbol(SymbolRole.Function, 0, key, reference.Instance switch
                {
                    null => null,
                    IInstanceReferenceOperation when isOwn => Symbol.This,
                    _ => Foreign(key),
                });
            case IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true } field } when depth > 0 && ReadOnlyValues.WrittenTo(field, cancellation) is { } written:
                return OperationOf(store, written, cancellation) is { } value ? FunctionOf(store, value, isOwn: false, depth - 1, cancellation) : null;
            default: return null;
        }
    }

    // The object behind it is not the one of the body that invokes it.
    private static Symbol Foreign(BodyKey key) => new(SymbolRole.Fresh, -2, key);

    private static BodyKey? BodyAround(BodyStore store, SyntaxNode syntax, CancellationToken cancellation)
    {
        for (var node = syntax.Parent; node is not null; node = node.Parent)
        {
            bool isMember = node is VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } or BaseMethodDeclarationSyntax or PropertyDeclarationSyntax;
            if (isMember) return store.ModelOf(node.SyntaxTree).GetDeclaredSymbol(node, cancellation) is { } member ? BodyKey.Of(member) : null;
            if (node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax) return null;
        }

        return null;
    }

    private static IOperation? OperationOf(BodyStore store, ExpressionSyntax expression, CancellationToken cancellation) =>
        store.ModelOf(expression.SyntaxTree).GetOperation(expression, cancellation);

    /// <summary>Whether what is given is null, or nothing is.</summary>
    internal static bool IsNothing(IOperation? given) => Plain(given) is null or { ConstantValue: { HasValue: true, Value: null } } or IDefaultValueOperation;

    internal static IOperation? Plain(IOperation? operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion: operation = conversion.Operand; break;
                case IParenthesizedOperation parenthesized: operation = parenthesized.Operand; break;
                default: return operation;
            }
        }
    }
}
