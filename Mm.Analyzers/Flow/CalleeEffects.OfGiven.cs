using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What is called on an object that the caller has given is run by the class of that object. The effects of each implementation hang on
/// the object being of its class; a caller who hands over something else leaves them aside.
/// </summary>
internal sealed partial class CalleeEffects
{
    // Who would have to tell more classes apart gets no more than "one of them".
    private const int ClassLimit = 4;

    // Of parts of objects, most callers know nothing: of more classes, each counts for all.
    private const int PartLimit = 6;

    private bool IsChoiceOfGiven(CallStep call, Resolution resolution, Site site) =>
        call is { IsVirtual: true, ConstrainedTo: null } && resolution.Bodies.Length > 1
        && (Judgement.IsVariableOfCaller(site.Receiver) || resolution.Bodies.Length <= PartLimit && site.Receiver is Symbol { Role: SymbolRole.Field } part && IsKeptPart(part));

    // 'readonly ISink _sink': what a constructor was given, and nothing replaces.
    private bool IsKeptPart(Symbol part)
    {
        if (part is not { Parent: { } holder, Key: IFieldSymbol { IsReadOnly: true } or IPropertySymbol { SetMethod: null or { IsInitOnly: true }, IsVirtual: false, IsAbstract: false, IsOverride: false } or IParameterSymbol }) return false;
        if (!KeptMembers.IsKept(_session.Bodies, (ISymbol)part.Key, _cancellation)) return false;
        return holder switch
        {
            Symbol { Role: SymbolRole.Parameter, Parent: null, Index: var ordinal } => ordinal >= 0 || Judgement.HasReceiver(_body),
            Symbol { Role: SymbolRole.Field } outer => IsKeptPart(outer),
            _ => false,
        };
    }

    /// <summary>The call where it runs this body; null where the object is known to be of another class.</summary>
    private Site? ChosenBy(Site site, BodyKey body, Resolution resolution)
    {
        if (site.Receiver is Symbol { Role: SymbolRole.Field } part)
        {
            if (body.Symbol.ContainingType is not { TypeKind: TypeKind.Class or TypeKind.Struct } holder || HandlerCondition.OfPart(part, holder, Judgement.HasReceiver(_body)) is not { } isOfIt) return site;
            return site.Alternative.Facts.Learn(isOfIt, Known.Exactly(true)) is { } told ? site with { Alternative = site.Alternative with { Facts = told } } : null;
        }

        if (body.Symbol.ContainingType is not { IsGenericType: false } type) return site;
        var facts = site.Alternative.Facts;
        if (type.TypeKind != TypeKind.Interface) facts = facts.Learn(IsOf(site, type), Known.Exactly(true));
        if (resolution.Bodies.Length <= ClassLimit)
        {
            // The body of a base class, or that an interface has itself, is run by those only who have none of their own.
            foreach (var other in resolution.Bodies)
            {
                if (other.Symbol.ContainingType is not { TypeKind: TypeKind.Class or TypeKind.Struct, IsGenericType: false } hiding) continue;
                if (type.TypeKind == TypeKind.Interface || !SymbolEqualityComparer.Default.Equals(hiding, type) && CallResolver.IsA(hiding, type)) facts = facts?.Learn(IsOf(site, hiding), Known.Exactly(false));
            }
        }

        return facts is null ? null : site with { Alternative = site.Alternative with { Facts = facts } };
    }

    private static Value IsOf(Site site, INamedTypeSymbol type) => Fold.Make(Operator.IsType, site.Receiver!, Constant.Of(type));

    /// <summary>Whether a condition asks of an object that is known here to be of a type that it is not.</summary>
    private bool IsOfOtherType(Value condition, Known asked, FactSet facts)
    {
        if (condition is not Operation { Kind: Operator.IsType, Left: { } value, Right: Constant { Item: INamedTypeSymbol tested } } || asked.Truth is not { } isIt) return false;
        if (ExactType(value, facts) is { } exact && !(tested.IsGenericType && !isIt)) return CallResolver.IsA(exact, tested) != isIt;
        return isIt && IsConcrete(tested) && DeclaredTypeOf(value) is { } declared && IsConcrete(declared) && !CallResolver.IsA(declared, tested) && !CallResolver.IsA(tested, declared);
    }

    // Of an interface, a class that somebody derives may have it, too.
    private static bool IsConcrete(INamedTypeSymbol type) => type.TypeKind is TypeKind.Class or TypeKind.Struct;
}
