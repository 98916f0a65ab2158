using System;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>
/// What the Value of a Lazy&lt;T&gt; or ThreadLocal&lt;T&gt; in a readonly place or a variable runs: its factory, and a lock unless its mode says
/// otherwise. No factory: it was made with its value.
/// </summary>
internal sealed record LazyCreation(Value? Factory, ITypeSymbol FactoryType, bool IsLocked)
{
    private const long NoLock = 0, PublicationOnly = 1;

    /// <summary>The creation behind 'field.Value' or 'local.Value'; null where it is not visible.</summary>
    public static LazyCreation? Of(BodyStore store, IPropertyReferenceOperation property, BodyKey reader, CancellationToken cancellation)
    {
        if (!IsOne(property)) return null;
        switch (property.Instance)
        {
            case IFieldReferenceOperation { Field: { IsReadOnly: true } field } place: return Of(store, property.Property.ContainingType, field.OriginalDefinition, place.Instance, reader, cancellation);
            case IPropertyReferenceOperation { Property: { SetMethod: null, IsVirtual: false, IsAbstract: false, IsOverride: false } kept } place:
                return Of(store, property.Property.ContainingType, kept.OriginalDefinition, place.Instance, reader, cancellation);
            case ILocalReferenceOperation { Local: var local } when MadeObjects.StartOf(store, local, cancellation) is IObjectCreationOperation creation:
                return Read(store, creation, isOwn: true, isHere: true, cancellation);
            default: return null;
        }
    }

    private static LazyCreation? Of(BodyStore store, INamedTypeSymbol lazy, ISymbol member, IOperation? holder, BodyKey reader, CancellationToken cancellation)
    {
        if (store.Get(BodyKey.Of(member), cancellation) is not { } initializer)
        {
            // A constructor that reads one would ask for itself.
            if (IsOfConstructor(reader.Symbol) || !SymbolEqualityComparer.Default.Equals(reader.Symbol.ContainingType?.OriginalDefinition, member.ContainingType)) return null;
            return ReadOnlyValues.WrittenTo(member, cancellation) is BaseObjectCreationExpressionSyntax made && store.ModelOf(made.SyntaxTree).GetOperation(made, cancellation) is IObjectCreationOperation creation
                ? Read(store, creation, holder is null or IInstanceReferenceOperation, isHere: false, cancellation) : null;
        }

        foreach (var block in initializer.Blocks)
        {
            foreach (var step in block.Steps)
            {
                if (step is CallStep { Target: { MethodKind: MethodKind.Constructor } constructor } call
                    && SymbolEqualityComparer.Default.Equals(constructor.ContainingType.OriginalDefinition, lazy.OriginalDefinition))
                {
                    return Read(constructor, ordinal => call.Arguments[ordinal]);
                }
            }
        }

        return null;
    }

    private static bool IsOfConstructor(ISymbol reader)
    {
        while (reader is IMethodSymbol { MethodKind: MethodKind.LambdaMethod or MethodKind.LocalFunction }) reader = reader.ContainingSymbol;
        return reader is not IMethodSymbol { MethodKind: not (MethodKind.Constructor or MethodKind.StaticConstructor) };
    }

    /// <summary>Whether reading the property may run a factory.</summary>
    public static bool IsOne(IPropertyReferenceOperation property) =>
        property.Property is { Name: "Value", ContainingType: { Name: "Lazy" or "ThreadLocal", Arity: 1 } lazy } && WellKnown.IsFramework(lazy.ContainingAssembly);

    private static LazyCreation? Read(BodyStore store, IObjectCreationOperation creation, bool isOwn, bool isHere, CancellationToken cancellation)
    {
        if (creation.Constructor is not { } constructor || !WellKnown.IsFramework(constructor.ContainingAssembly)) return null;
        var values = new Value[constructor.Parameters.Length];
        foreach (var argument in creation.Arguments)
        {
            if (argument.Parameter is { } parameter) values[parameter.Ordinal] = ValueOf(store, argument.Value, isOwn, isHere, cancellation);
        }

        return Read(constructor, ordinal => values[ordinal]);
    }

    private static Value ValueOf(BodyStore store, IOperation argument, bool isOwn, bool isHere, CancellationToken cancellation)
    {
        if (argument.ConstantValue is { HasValue: true, Value: var constant }) return Constant.Of(constant);
        var written = KeptHandlers.Plain(argument);
        if (written is IParameterReferenceOperation { Parameter: var given } && !isHere) return new Symbol(SymbolRole.Captured, 0, given);

        // A lambda of the body that reads it has just been seen there.
        if (isHere && written is IDelegateCreationOperation { Target: IAnonymousFunctionOperation lambda }) return new Symbol(SymbolRole.Function, 0, BodyKey.Of(lambda.Symbol));
        return KeptHandlers.FunctionOf(store, argument, isOwn, cancellation) ?? new Symbol(SymbolRole.Fresh, -5, argument.Syntax);
    }

    private static LazyCreation? Read(IMethodSymbol constructor, Func<int, Value> argumentAt)
    {
        Value? factory = null;
        ITypeSymbol? type = null;
        bool isLocked = true;
        foreach (var parameter in constructor.Parameters)
        {
            if (parameter.OriginalDefinition.Type is ITypeParameterSymbol) return new LazyCreation(null, parameter.Type, IsLocked: false);
            var argument = argumentAt(parameter.Ordinal);
            switch (parameter.Type)
            {
                case { TypeKind: TypeKind.Delegate }:
                    factory = argument;
                    type = parameter.Type;
                    break;
                case { TypeKind: TypeKind.Enum }:
                    isLocked = argument is not Constant { Item: NoLock or PublicationOnly };
                    break;
                case { SpecialType: SpecialType.System_Boolean } when constructor.ContainingType.Name == "Lazy":
                    isLocked = argument is not Constant { Item: false };
                    break;
            }
        }

        return factory is null ? null : new LazyCreation(factory, type!, isLocked);
    }
}
