using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What an inherited member calls on 'this' is run by the override of whatever class the object is. Its summary keeps, with each effect,
/// which overrides lead to it; the caller, who knows more of the object, leaves aside those that its class does not run.
/// </summary>
internal sealed partial class CalleeEffects
{
    // Overrides that call overridden members: beyond this many, the rest counts for every object.
    private const int DispatchLimit = 3;

    private static bool IsChoice(CallStep call, Resolution resolution, Site site) =>
        call is { IsVirtual: true, ConstrainedTo: null } && resolution.Bodies.Length > 1 && Equals(site.Receiver, Symbol.This);

    private static void NoteDispatch(CallStep call, BodyKey body, ImmutableArray<AppliedEffect>.Builder found, int from)
    {
        if (body.Method is not { } method) return;
        var dispatch = new Dispatch(call.Target.OriginalDefinition, ImmutableArray.Create(method));
        for (int i = from; i < found.Count; i++)
        {
            var entry = found[i].Entry;
            if (entry.OnThis.Length >= DispatchLimit || entry.OnThis.Contains(dispatch)) continue;
            found[i] = found[i] with { Entry = entry with { OnThis = entry.OnThis.Add(dispatch) } };
        }
    }

    /// <summary>A lambda or local function of the member that is running: its 'this' is the same.</summary>
    private bool IsWithin(BodyKey body, Site site) => body.IsNested && site.Receiver is null && SymbolEqualityComparer.Default.Equals(MemberAround(body.Symbol), MemberAround(_body.Symbol));

    private static ISymbol MemberAround(ISymbol body)
    {
        while (body is IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.LambdaMethod }) body = body.ContainingSymbol;
        return body;
    }

    /// <summary>The one type that the object can have: it was made here, or is a part that another object was made with; or a test has said that it is of a type that nobody derives from.</summary>
    private INamedTypeSymbol? ExactType(Value receiver, FactSet facts, IMethodSymbol? called = null)
    {
        if (receiver is Symbol { Role: SymbolRole.Instance, Key: INamedTypeSymbol made }) return made;
        bool isOfDotNet = called is not null && WellKnown.IsFramework(called.ContainingAssembly);
        if (receiver is Symbol { Role: SymbolRole.Field } place && (isOfDotNet || place.Parent is Symbol { Role: SymbolRole.Field }) && MadeTypes.In(_session.Bodies, place, _cancellation) is { } kept) return kept;
        if (MadeResults.ClassesIn(facts, receiver, called) is { Length: 1 } returned) return returned[0];
        foreach (var fact in facts.All)
        {
            if (fact.Value.Truth == true && fact.Key is Operation { Kind: Operator.IsType, Right: Constant { Item: INamedTypeSymbol { IsSealed: true, TypeKind: TypeKind.Class or TypeKind.Struct } tested } } test
                && test.Left.Equals(receiver)) return tested;
        }

        return null;
    }

    /// <summary>Whether the object that the callee is called on may run the overrides that lead to the effect.</summary>
    private bool MayGetThere(EffectEntry entry, Site site)
    {
        if (ClassOf(site.Receiver, site.ReceiverType, site, out bool isExact) is not { } receiver) return true;
        foreach (var dispatch in entry.OnThis)
        {
            if (!_session.Resolver.MayRun(dispatch, receiver, isExact, _cancellation)) return false;
        }

        return true;
    }

    /// <summary>Whether the object of which a way of the callee speaks is of the kind; null where nothing tells.</summary>
    private bool? IsOfKind(Symbol kind, Site site)
    {
        if (kind is not { Key: ReceiverKind covered, Parent: { } spoken }) return null;
        bool isReceiver = Equals(spoken, Symbol.This);
        var value = isReceiver ? site.Receiver : spoken.Substitute(symbol => Replace(symbol, site));
        return ClassOf(value, isReceiver ? site.ReceiverType : null, site, out bool isExact) is { } type ? covered.Covers(type, isExact) : null;
    }

    /// <summary>The class of an object, as this body knows it.</summary>
    private INamedTypeSymbol? ClassOf(Value? value, ITypeSymbol? declared, Site site, out bool isExact)
    {
        isExact = false;
        if (value is not null && ExactType(value, site.Alternative.Facts) is { TypeKind: TypeKind.Class } exact)
        {
            isExact = true;
            return exact;
        }

        var type = Equals(value, Symbol.This) ? _body.Symbol.ContainingType : declared;
        return type is INamedTypeSymbol { TypeKind: TypeKind.Class } named ? named : null;
    }
}
