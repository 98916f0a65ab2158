using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.Facts;

/// <summary>Which bodies may give something to a place that holds a delegate.</summary>
internal sealed class DelegateWriters
{
    private readonly BodyStore _bodies;

    public DelegateWriters(BodyStore bodies) => _bodies = bodies;

    /// <summary>The parameter that a positional property of a record, or the field behind a primary constructor's parameter, starts with.</summary>
    public static IParameterSymbol? ParameterBehind(ISymbol place)
    {
        if (place is not IPropertySymbol { DeclaringSyntaxReferences: { IsEmpty: false } declared, ContainingType: { } type }) return null;
        if (declared[0].GetSyntax() is not ParameterSyntax) return null;
        foreach (var constructor in type.InstanceConstructors)
        {
            foreach (var parameter in constructor.Parameters)
            {
                if (parameter.Name == place.Name && parameter.DeclaringSyntaxReferences is { IsEmpty: false } own && own[0].Span == declared[0].Span) return parameter;
            }
        }

        return null;
    }

    /// <summary>The place itself, or an event that it overrides or implements; of what an accessor is given or gives, what the accessor belongs to.</summary>
    public static bool IsPlace(ISymbol target, ISymbol place)
    {
        if (SymbolEqualityComparer.Default.Equals(target, place)) return true;
        if (place is IParameterSymbol { ContainingSymbol: IMethodSymbol { AssociatedSymbol: { } accessed } }) return IsPlace(target, accessed);
        if (place is IMethodSymbol { AssociatedSymbol: { } read }) return IsPlace(target, read);
        if (place is not IEventSymbol @event || target is not IEventSymbol || target.Name != place.Name) return false;
        for (var overridden = @event.OverriddenEvent; overridden is not null; overridden = overridden.OverriddenEvent)
        {
            if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, target)) return true;
        }

        foreach (var implemented in place.ContainingType.AllInterfaces)
        {
            foreach (var member in implemented.GetMembers(target.Name))
            {
                if (SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, target)
                    && SymbolEqualityComparer.Default.Equals(place.ContainingType.FindImplementationForInterfaceMember(member)?.OriginalDefinition, place)) return true;
            }
        }

        return false;
    }

    /// <summary>All bodies that may write the place, or the elements of the array in it; null where they cannot be told.</summary>
    /// <param name="place">The place.</param>
    /// <param name="isElement">Its elements are meant.</param>
    /// <param name="isOpen">Others than these may write it, too: users of the compiled assembly.</param>
    /// <param name="cancellation">Ends it.</param>
    public IEnumerable<BodyKey>? Of(ISymbol place, bool isElement, out bool isOpen, CancellationToken cancellation)
    {
        isOpen = false;
        if (place.ContainingType is not { } type) return null;
        if (!_bodies.IsSource(type)) return null;
        bool isPrivate = place.DeclaredAccessibility == Accessibility.Private;
        switch (place)
        {
            case IFieldSymbol when isElement: return isPrivate && IsKeptInside(place, type.DeclaringSyntaxReferences, cancellation) ? BodiesOf(type, onlyConstructors: false) : null;
            case IPropertySymbol list when isElement: return isPrivate && IsStored(list) && IsKeptInside(place, type.DeclaringSyntaxReferences, cancellation) ? BodiesOf(type, onlyConstructors: false) : null;
            case ILocalSymbol:
                var around = place.ContainingSymbol;
                while (around is IMethodSymbol { MethodKind: MethodKind.LambdaMethod or MethodKind.LocalFunction }) around = around.ContainingSymbol;
                if (around is null || place is ILocalSymbol { RefKind: not RefKind.None }) return null;
                return !isElement || IsKeptInside(place, around.DeclaringSyntaxReferences, cancellation) ? new[] { BodyKey.Of(around) } : null;
            case IFieldSymbol { IsReadOnly: true }: return BodiesOf(type, onlyConstructors: true);
            case IPropertySymbol property when !IsStored(property): return null;
            case IPropertySymbol { SetMethod: null }: return BodiesOf(type, onlyConstructors: true);
            case IFieldSymbol or IPropertySymbol or IEventSymbol when isPrivate: return BodiesOf(type, onlyConstructors: false);

            // Whoever sees an event may subscribe, and whoever sees a field may write it: all is known where all who see it are.
            case IFieldSymbol or IPropertySymbol or IEventSymbol:
                isOpen = IsSeenFromOutside(place);
                return BodiesOf(type, onlyConstructors: true).Concat(MentioningBodies.Of(_bodies, NameIndex.SimpleName(place), cancellation));
            // What a method of ours gives back, it gives itself. Of a generic one, the type arguments of the call decide what that does.
            case IMethodSymbol factory: return _bodies.Contracts.OfPlaceOnly(place).IsNone && IsPlain(factory) ? new[] { BodyKey.Of(factory) } : null;
            case IParameterSymbol { RefKind: RefKind.Out, ContainingSymbol: IMethodSymbol factory }:
                return _bodies.Contracts.OfPlaceOnly(place).IsNone && IsPlain(factory) ? new[] { BodyKey.Of(factory) } : null;

            // What goes to a parameter with a contract is judged on its way there.
            case IParameterSymbol { RefKind: RefKind.None, IsParams: false, ContainingSymbol: IMethodSymbol method }:
                isOpen = IsSeenFromOutside(method);
                return _bodies.Contracts.OfPlaceOnly(place).IsNone ? CallersOf(method, cancellation) : null;
            default: return null;
        }
    }

    internal static bool IsPlain(IMethodSymbol method) => method is
        { MethodKind: MethodKind.Ordinary or MethodKind.LocalFunction or MethodKind.PropertyGet, Arity: 0, ContainingType.IsGenericType: false, IsAsync: false, IsExtern: false, IsAbstract: false };

    private IEnumerable<BodyKey>? CallersOf(IMethodSymbol method, CancellationToken cancellation)
    {
        switch (method.MethodKind)
        {
            case MethodKind.Ordinary when IsCalledByName(method):
                return new[] { BodyKey.Of(method) }.Concat(MentioningBodies.Of(_bodies, method.Name, cancellation));
            case MethodKind.EventAdd when method.AssociatedSymbol is { } @event:
                return MentioningBodies.Of(_bodies, NameIndex.SimpleName(@event), cancellation);
            case MethodKind.PropertySet when method is { IsVirtual: false, IsAbstract: false, IsOverride: false, Parameters.Length: 1, AssociatedSymbol: { } property } && !IsImplementing(property):
                return MentioningBodies.Of(_bodies, property.Name, cancellation);
            case MethodKind.Constructor:
                // The primary constructor's own type may write what it captured.
                return MentioningBodies.Of(_bodies, method.ContainingType.Name, cancellation)
                    .Concat(BodiesOf(method.ContainingType, onlyConstructors: false))
                    .Concat(_bodies.Implementations.DerivedFrom(method.ContainingType, cancellation).SelectMany(static type => type.InstanceConstructors).Select(static constructor => BodyKey.Of(constructor)))
                    .Concat(MentioningBodies.Creating(_bodies, method.Parameters.Length, cancellation));
            default: return null;
        }
    }

    /// <summary>Whether all who call a method name it, in this compilation.</summary>
    internal static bool HasSeenCallers(IMethodSymbol method) =>
        IsCalledByName(method) && !IsSeenFromOutside(method);

    private static bool IsCalledByName(IMethodSymbol method) =>
        method is { MethodKind: MethodKind.Ordinary, IsVirtual: false, IsAbstract: false, IsOverride: false } && !IsImplementing(method);

    internal static bool IsSeenFromOutside(ISymbol symbol)
    {
        for (var at = symbol; at is not null and not INamespaceSymbol; at = at.ContainingSymbol)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal) return false;
        }

        return true;
    }

    private static bool IsStored(IPropertySymbol property)
    {
        if (property.IsVirtual || property.IsAbstract || property.IsOverride || property.IsIndexer || IsImplementing(property)) return false;
        foreach (var member in property.ContainingType.GetMembers())
        {
            if (member is IFieldSymbol { AssociatedSymbol: { } associated } && SymbolEqualityComparer.Default.Equals(associated, property)) return true;
        }

        return false;
    }

    private static bool IsImplementing(ISymbol member)
    {
        foreach (var implemented in member.ContainingType.AllInterfaces)
        {
            foreach (var declared in implemented.GetMembers())
            {
                if (SymbolEqualityComparer.Default.Equals(member.ContainingType.FindImplementationForInterfaceMember(declared), member)) return true;
            }
        }

        return false;
    }

    // By name, in all parts of what can see it: a container that goes anywhere but to its own members may be written there.
    private static bool IsKeptInside(ISymbol container, ImmutableArray<SyntaxReference> parts, CancellationToken cancellation)
    {
        bool isNested = OperationLowering.IsNested((container as ILocalSymbol)?.Type ?? KeptMembers.TypeOf(container));
        foreach (var part in parts)
        {
            foreach (var node in part.GetSyntax(cancellation).DescendantNodes())
            {
                if (node is not IdentifierNameSyntax identifier || identifier.Identifier.ValueText != container.Name) continue;
                SyntaxNode mention = identifier.Parent is MemberAccessExpressionSyntax member && member.Name == identifier ? member : identifier;
                while (mention.Parent is ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression }) mention = mention.Parent;
                bool isInside = mention.Parent switch
                {
                    ElementAccessExpressionSyntax access => access.Expression == mention && access.Parent is not (ArgumentSyntax { RefKindKeyword.RawKind: not 0 } or RefExpressionSyntax)
                        && !(isNested && (access.Parent is ArgumentSyntax handedOn ? !IsLookedInto(handedOn) : access.Parent is ReturnStatementSyntax or ArrowExpressionClauseSyntax)),
                    MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } access => access.Expression == mention,
                    MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Length" or "Count" or "IsEmpty" or "Keys" or "Values" } access => access.Expression == mention,
                    ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax } } access => access.Expression == mention,
                    LockStatementSyntax or IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax or UnaryPatternSyntax } or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } => true,
                    CommonForEachStatementSyntax loop => loop.Expression == mention,
                    AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax or ArrowExpressionClauseSyntax { Parent: MethodDeclarationSyntax { ReturnType: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword } } } } assignment =>
                        assignment.Left == mention || assignment.Left is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } || assignment.Left is ElementAccessExpressionSyntax && container is ILocalSymbol,

                    // 'table[key] = list = new List<Action>()'.
                    AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: AssignmentExpressionSyntax around } assignment => container is ILocalSymbol && assignment.Left == mention && around.Right == assignment,
                    AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ArgumentSyntax handed } assignment => container is ILocalSymbol && assignment.Left == mention && IsHandedIn(handed),
                    EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax } } => true,
                    ArgumentSyntax argument => IsLookedInto(argument) || container is ILocalSymbol && IsHandedIn(argument),
                    SpreadElementSyntax => true,

                    // Whoever gets it sees it when nobody here does any more.
                    ReturnStatementSyntax => container is ILocalSymbol,
                    _ => false,
                };
                if (!isInside) return false;
            }
        }

        return true;
    }

    // Taken out of a collection, or put into one: 'table.TryGetValue(key, out list)', 'table.Add(key, list)'.
    private static bool IsHandedIn(ArgumentSyntax argument) => argument.RefKindKeyword.IsKind(SyntaxKind.OutKeyword)
        || argument.Parent?.Parent is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" or "TryAdd" or "Enqueue" or "Push" or "Insert" or "AddLast" or "AddFirst" } };

    // By members of .NET that copy it, or only go over it.
    private static bool IsLookedInto(ArgumentSyntax argument) => argument.Parent?.Parent switch
    {
        ObjectCreationExpressionSyntax { Type: GenericNameSyntax { Identifier.ValueText: "List" or "Queue" or "Stack" or "HashSet" or "LinkedList" or "Dictionary" or "ConcurrentQueue" or "ConcurrentBag" or "ConcurrentStack" } } => true,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "AddRange" or "Concat" } } => true,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ForEach" or "IndexOf" or "Clear" or "Copy", Expression: IdentifierNameSyntax { Identifier.ValueText: "Array" } } } => true,
        _ => false,
    };

    private static IEnumerable<BodyKey> BodiesOf(INamedTypeSymbol type, bool onlyConstructors)
    {
        foreach (var member in type.GetMembers())
        {
            switch (member)
            {
                case IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor:
                    yield return BodyKey.Of(constructor);
                    break;
                case IMethodSymbol method when !onlyConstructors && !method.IsAbstract:
                    yield return BodyKey.Of(method);
                    break;
                case IFieldSymbol or IPropertySymbol or IEventSymbol when !member.DeclaringSyntaxReferences.IsEmpty:
                    yield return BodyKey.Of(member);
                    break;
                case INamedTypeSymbol nested when !onlyConstructors:
                    foreach (var key in BodiesOf(nested, false)) yield return key;
                    break;
            }
        }
    }
}
