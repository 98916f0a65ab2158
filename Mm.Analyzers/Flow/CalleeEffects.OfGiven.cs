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
    private static bool IsChoiceOfGiven(CallStep call, Resolution resolution, Site site) =>
        call is { IsVirtual: true, ConstrainedTo: null } && resolution.Bodies.Length > 1 && site.Receiver is Symbol { Role: SymbolRole.Parameter, Index: >= 0, Parent: null };

    /// <summary>The call where it runs this body; null where the object is known to be of another class.</summary>
    private static Site? ChosenBy(Site site, BodyKey body)
    {
        if (body.Symbol.ContainingType is not { TypeKind: TypeKind.Class or TypeKind.Struct, IsGenericType: false } type) return site;
        var test = Fold.Make(Operator.IsType, site.Receiver!, Constant.Of(type));
        return site.Alternative.Facts.Learn(test, Known.Exactly(true)) is { } facts ? site with { Alternative = site.Alternative with { Facts = facts } } : null;
    }

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
