using System;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
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
        if (effect.IsElsewhere) alternative = new Alternative { Depths = effect.At, Facts = alternative.Facts };
        switch (entry.Effect.Role)
        {
            case EffectRole.ForbiddenIn:
                return alternative.PossiblyIn(entry.Effect.Context!, effect.At) is { } held
                    ? new(Verdict.Violates, held, alternative.HolderOf(held) ?? entry.HolderWithin(held))
                    : new(Verdict.Free);
            case EffectRole.Requires:
                if (IsHeld(result, alternative, effect, entry.Effect.Context!)) return new(Verdict.Void);
                return TravelsFrom(result) && !alternative.HasLostContext ? new(Verdict.Free) : new(Verdict.Violates, entry.Effect.Context);
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
    private static bool TravelsFrom(FlowResult result) => result.Body.Key.IsNested && (!result.Contract.SaysAnything || result.Contract is { IsEnumerated: true, SpeaksOfEffects: false, SpeaksOfContexts: false, IsTrusted: false });

    private static bool IsHeld(FlowResult result, Alternative alternative, AppliedEffect effect, ContextKind context)
    {
        if (!alternative.HasLostContext) return alternative.IsIn(context, effect.At);

        // Behind ConfigureAwait(false) only what was entered in this body still holds.
        return alternative.IsIn(context, effect.At.Since(result.Start));
    }

    private static Judgement OfEffect(FlowResult result, Alternative alternative, AppliedEffect effect)
    {
        var entry = effect.Entry;
        bool hangsOnFlags = entry.IsFlags && !effect.IsDecided && HangsOn(alternative, effect, static _ => true);
        if (hangsOnFlags && HangsOn(alternative, effect, key => IsState(result, key))) return new(Verdict.Void);
        bool awaitsFlags = hangsOnFlags && !HangsOn(alternative, effect, key => key.Mentions(symbol => IsOpen(result, symbol)));
        if (entry.Own is { } own)
        {
            if (!hangsOnFlags) return new(Verdict.Violates, own.Contexts[0], own);
            return awaitsFlags ? new(Verdict.AwaitsFlags, own.Contexts[0], own) : new(Verdict.Void);
        }

        if (alternative.Forbidding(entry.Effect, effect.At) is not { } context) return new(Verdict.Free);
        return new(awaitsFlags ? Verdict.AwaitsFlags : Verdict.Violates, context, alternative.HolderOf(context) ?? entry.HolderWithin(context));
    }

    /// <summary>Whether bits of flags are open about the effect. Other conditions are paths of the body, and reported in it.</summary>
    private static bool HangsOn(Alternative alternative, AppliedEffect effect, Func<Value, bool> concerns)
    {
        foreach (var fact in effect.Facts.All)
        {
            if (IsOnBits(fact.Key, fact.Value) && !alternative.Facts.Of(fact.Key).Equals(fact.Value) && concerns(fact.Key)) return true;
        }

        return false;
    }

    public static bool IsOnBits(Value key, Known value) =>
        value is { IsExact: false } && (value.Ones != 0 || value.Zeros != 0)
        || key is Operation { Kind: Operator.And, Right: Constant } && value.Excluded.Contains(0L);

    /// <summary>
    /// Flags kept in an object: in a field that this body has not written, or behind a property, or in an array. What was put there
    /// cannot be said yet, so nothing is said of it, nor of what the body makes of it: 'allocation |= Zeroed'.
    /// </summary>
    private static bool IsState(FlowResult result, Value key) => key.Mentions(symbol =>
        symbol is { Role: SymbolRole.Field, Key: ISymbol } && !IsGivenFlags(result, symbol) || symbol is { Role: SymbolRole.Merge, Index: < 0, Key: Symbol { Role: SymbolRole.Field, Key: ISymbol } }
        || symbol is { Role: SymbolRole.Fresh, Key: OperationLowering.Element }
        || symbol is { Role: SymbolRole.Result, Key: null } && result.Body.IsRead(symbol.Index)
        || symbol is { Role: SymbolRole.Result, Key: Symbol } && result.Body.IsLookup(symbol.Index));

    // Flags that came in as a parameter are for the caller to tell, also where a path takes some away.
    private static bool IsOpen(FlowResult result, Symbol symbol) => symbol.Role is not (SymbolRole.Parameter or SymbolRole.Captured) && !IsGivenFlags(result, symbol) && symbol is not { Role: SymbolRole.Merge, Key: BitMask };

    /// <summary>
    /// What an object that came in as a parameter, or was captured, keeps for ever, or a struct held as it came in, and the flags that an object was made
    /// with on which this is called: whoever has made it may know.
    /// </summary>
    public static bool IsGiven(FlowResult result, Symbol symbol) => symbol switch
    {
        { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true, IsStatic: false } or IPropertySymbol { SetMethod: null or { IsInitOnly: true } } or IParameterSymbol } when IsVariableOfCaller(symbol.Parent) => true,
        { Role: SymbolRole.Field } when IsKeptFlags(symbol) => IsGivenObject(result, symbol.Parent),
        { Role: SymbolRole.Field, Index: 0, Key: ISymbol { IsStatic: false, ContainingType.IsValueType: true } } => IsVariableOfCaller(symbol.Parent) || symbol.Parent is Symbol around && IsGiven(result, around),
        _ => false,
    };

    /// <summary>The same, the objects in which they are, and flags that can be set of an object which a caller has given or called, where the body has not set them before: whoever has set them may know.</summary>
    public static bool IsGivenFlags(FlowResult result, Symbol symbol) => IsGiven(result, symbol) || symbol.Role == SymbolRole.Field && !IsFlagsOrTruth(symbol) && IsGivenObject(result, symbol)
        || symbol is { Role: SymbolRole.Field, Index: 0, Key: ISymbol { IsStatic: false } member } && KeptMembers.TypeOf(member) is { TypeKind: TypeKind.Enum } && IsGivenObject(result, symbol.Parent);

    /// <summary>Flags, or a yes or no, that a constructor leaves in its object, or was given and its object has captured.</summary>
    public static bool IsKeptFlags(Symbol symbol) => symbol.Key switch
    {
        IFieldSymbol { IsReadOnly: true } field => IsFlagsOrTruth(field.Type),
        IPropertySymbol { SetMethod: null or { IsInitOnly: true } } property => IsFlagsOrTruth(property.Type),
        IParameterSymbol parameter => IsFlagsOrTruth(parameter.Type),
        _ => false,
    };

    /// <summary>Flags, or a yes or no, in a field, behind a property, or captured of a constructor.</summary>
    public static bool IsFlagsOrTruth(Symbol symbol) => symbol.Role == SymbolRole.Field && KeptMembers.TypeOf(symbol.Key as ISymbol) is { } type && IsFlagsOrTruth(type);

    private static bool IsFlagsOrTruth(ITypeSymbol type) => type.TypeKind == TypeKind.Enum || type.SpecialType == SpecialType.System_Boolean;

    /// <summary>Whether callers know 'this': a constructor is called on nothing yet, and what 'this' is in a lambda its caller cannot say.</summary>
    public static bool HasReceiver(FlowResult result) => HasReceiver(result.Body.Key);

    public static bool HasReceiver(BodyKey body) => !body.IsNested && body.Method is { MethodKind: not MethodKind.Constructor };

    // 'this', a parameter, or what one of them keeps for ever.
    public static bool IsGivenObject(FlowResult result, Value? value) => value switch
    {
        Symbol { Role: SymbolRole.Field, Key: IFieldSymbol { IsReadOnly: true, IsStatic: false } or IPropertySymbol { IsStatic: false, SetMethod: null or { IsInitOnly: true } } or IParameterSymbol, Parent: var around } => IsGivenObject(result, around),
        _ => IsVariableOfCaller(value) || Symbol.This.Equals(value) && HasReceiver(result),
    };

    /// <summary>A parameter, or a variable of a body around this one.</summary>
    public static bool IsVariableOfCaller(Value? value) => IsParameter(value) || value is Symbol { Role: SymbolRole.Captured, Parent: null };

    public static bool IsParameter(Value? value) => value is Symbol { Role: SymbolRole.Parameter, Index: >= 0, Parent: null };
}
