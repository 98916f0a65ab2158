using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

internal enum Verdict
{
    /// <summary>Nothing here forbids it: it travels to the callers.</summary>
    Free,

    /// <summary>It is forbidden here.</summary>
    Violates,

    /// <summary>It is forbidden here if the caller passes flags that allow it: the caller decides, whatever its own context.</summary>
    AwaitsFlags,

    /// <summary>It concerns neither this body nor its callers.</summary>
    Void,
}

/// <summary>Decides what an effect at a point means. Rules report what violates; the summary keeps what travels.</summary>
internal readonly record struct Judgement(Verdict Verdict, ContextKind? Context = null, Held? Holder = null)
{
    public static Judgement Of(FlowResult result, Alternative alternative, AppliedEffect effect)
    {
        var entry = effect.Entry;
        if (effect.IsDormant) return new(Verdict.Free);
        switch (entry.Effect.Role)
        {
            case EffectRole.ForbiddenIn:
                return alternative.PossiblyIn(entry.Effect.Context!, effect.At) is { } held
                    ? new(Verdict.Violates, held, alternative.HolderOf(held))
                    : new(Verdict.Free);
            case EffectRole.Requires:
                if (IsHeld(result, alternative, effect, entry.Effect.Context!)) return new(Verdict.Void);
                return TravelsFrom(result) ? new(Verdict.Free) : new(Verdict.Violates, entry.Effect.Context);
            case EffectRole.Effect:
                return OfEffect(result, alternative, effect);
            case EffectRole.Acquire when entry.Acquired is { IsTry: false }:
                return alternative.Forbidding(EffectKind.SecondSpinLock, effect.At) is { } region
                    ? new(Verdict.Violates, region, alternative.HolderOf(region))
                    : new(Verdict.Free);
            default:
                return new(Verdict.Free);
        }
    }

    /// <summary>What an un-annotated lambda or local function requires is required where it is invoked.</summary>
    private static bool TravelsFrom(FlowResult result) => result.Body.Key.IsNested && !result.Contract.SaysAnything;

    private static bool IsHeld(FlowResult result, Alternative alternative, AppliedEffect effect, ContextKind context)
    {
        if (!alternative.HasLostContext) return alternative.IsIn(context, effect.At);

        // Behind ConfigureAwait(false) only what was entered in this body still holds.
        return alternative.IsIn(context, effect.At.Since(result.Start));
    }

    private static Judgement OfEffect(FlowResult result, Alternative alternative, AppliedEffect effect)
    {
        var entry = effect.Entry;
        bool hangsOnFlags = entry.IsFlags && !effect.IsDecided;
        if (hangsOnFlags && HangsOnState(result, alternative, effect)) return new(Verdict.Void);
        if (entry.Own is { } own)
        {
            if (effect.IsDecided) return new(Verdict.Violates, own.Contexts[0], own);
            return HangsOnParameters(alternative, effect) ? new(Verdict.AwaitsFlags, own.Contexts[0], own) : new(Verdict.Void);
        }

        if (alternative.Forbidding(entry.Effect, effect.At) is not { } context) return new(Verdict.Free);
        var holder = alternative.HolderOf(context);
        return hangsOnFlags && HangsOnParameters(alternative, effect)
            ? new(Verdict.AwaitsFlags, context, holder)
            : new(Verdict.Violates, context, holder);
    }

    /// <summary>
    /// Whether what is open about the effect is flags kept in an object: in a field that this body has not written, or behind a
    /// property, or in an array. What was put there cannot be said yet, so nothing is said of it.
    /// </summary>
    private static bool HangsOnState(FlowResult result, Alternative alternative, AppliedEffect effect)
    {
        foreach (var fact in effect.Facts.All)
        {
            if (alternative.Facts.Of(fact.Key).Equals(fact.Value)) continue;
            if (fact.Key.Mentions(symbol => symbol is { Role: SymbolRole.Field, Key: ISymbol } or { Role: SymbolRole.Fresh, Key: Facts.OperationLowering.Element } 
                || symbol is { Role: SymbolRole.Result, Key: null } && result.Body.IsRead(symbol.Index)
                || symbol is { Role: SymbolRole.Result, Key: Symbol } && result.Body.IsLookup(symbol.Index))) return true;
        }

        return false;
    }

    /// <summary>Whether all that is open about the effect is flags that came in as parameters.</summary>
    private static bool HangsOnParameters(Alternative alternative, AppliedEffect effect)
    {
        bool any = false;
        foreach (var fact in effect.Facts.All)
        {
            if (alternative.Facts.Of(fact.Key).Equals(fact.Value)) continue;
            if (fact.Key.Mentions(static symbol => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured))) return false;
            any = true;
        }

        return any;
    }
}
