using System;

namespace Mm.Contexts;

/// <summary>Calling this may have the effect <typeparamref name="TEffect"/>, always or under a condition on one argument.</summary>
/// <remarks>
/// <para>
/// Goes on a method, constructor, accessor, lambda, local function or delegate type; and on a parameter, field,
/// property, event or return value of delegate type, where it speaks of calling that delegate. A property's own code is
/// annotated on its accessor.
/// </para>
/// <para>
/// Callers are judged by it: such a call in a context that forbids the effect is an error there. The effects of
/// ordinary code are inferred, so the attribute is needed on primitives, on code without a body (abstract, extern,
/// interface), on delegates, and where a contract shall be written down. On its own it does not hide other effects of
/// the body; <see cref="TrustedAttribute"/> does.
/// </para>
/// <para>
/// With <see cref="When"/> and one of <see cref="Has"/>, <see cref="HasNot"/>, <see cref="Is"/> and
/// <see cref="IsNot"/> the effect hangs on an argument: callers that pass another value do not have it, and callers
/// that pass on their own parameter have it under the same condition. The attribute may stand several times.
/// Generic attributes need C# 11; before that, write <see cref="MightAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TEffect">The effect that a call may have.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Might<Sleep>, Trusted("primitive")]
/// public void Acquire() { … }
///
/// [Might<Sleep>(When = nameof(flags), Has = GfpFlags.DirectReclaim)]
/// public Page? AllocatePages(GfpFlags flags, int order) { … }
///
/// [Might<Sleep>(When = nameof(timeout), IsNot = 0)]
/// public bool Wait(int timeout) { … }
/// ]]></code>
/// </example>
[AttributeUsage(EffectTargets.OfMight, AllowMultiple = true)]
public sealed class MightAttribute<TEffect> : Attribute
    where TEffect : IEffect
{
    /// <summary>
    /// The name of the parameter on which the effect hangs; write it with <c>nameof</c>. Without it the effect is
    /// unconditional. A name that is no parameter is reported as MM3004.
    /// </summary>
    public string? When { get; set; }

    /// <summary>Flag bits: the effect is there only if the argument has at least one of them.</summary>
    public object? Has { get; set; }

    /// <summary>Flag bits: the effect is there only if the argument has none of them.</summary>
    public object? HasNot { get; set; }

    /// <summary>A constant: the effect is there only if the argument equals it. <c>null</c> written out means a null argument.</summary>
    public object? Is { get; set; }

    /// <summary>A constant: the effect is there only if the argument differs from it. <c>null</c> written out means a null argument.</summary>
    public object? IsNot { get; set; }
}

/// <summary>The twin of <see cref="MightAttribute{TEffect}"/> for language versions before C# 11.</summary>
/// <example>
/// <code><![CDATA[
/// [Might(typeof(Sleep), When = nameof(flags), Has = GfpFlags.DirectReclaim)]
/// public Page AllocatePages(GfpFlags flags, int order) { … }
/// ]]></code>
/// </example>
[AttributeUsage(EffectTargets.OfMight, AllowMultiple = true)]
public sealed class MightAttribute : Attribute
{
    /// <summary>Says that a call may have an effect.</summary>
    /// <param name="effect">The effect, a type that implements <see cref="IEffect"/>.</param>
    public MightAttribute(Type effect) => Effect = effect;

    /// <summary>The effect that a call may have.</summary>
    public Type Effect { get; }

    /// <inheritdoc cref="MightAttribute{TEffect}.When"/>
    public string? When { get; set; }

    /// <inheritdoc cref="MightAttribute{TEffect}.Has"/>
    public object? Has { get; set; }

    /// <inheritdoc cref="MightAttribute{TEffect}.HasNot"/>
    public object? HasNot { get; set; }

    /// <inheritdoc cref="MightAttribute{TEffect}.Is"/>
    public object? Is { get; set; }

    /// <inheritdoc cref="MightAttribute{TEffect}.IsNot"/>
    public object? IsNot { get; set; }
}

/// <summary>Calling this never has the effect <typeparamref name="TEffect"/>.</summary>
/// <remarks>
/// <para>
/// Goes where <see cref="MightAttribute{TEffect}"/> goes, and on a type or an assembly, where it speaks of all members.
/// The nearer annotation wins: member over type over assembly.
/// </para>
/// <para>
/// The body is checked against the promise (MM3003), an override must keep it (MM3001), and so must a lambda or method
/// group that is converted to such a delegate (MM3002). Callers rely on it and do not look into the body. Together with
/// a conditional <see cref="MightAttribute{TEffect}"/> it means: never, except then.
/// Generic attributes need C# 11; before that, write <see cref="NeverAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TEffect">The effect that no call has.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Never<Sleep>]
/// public bool TryAcquire() { … }
///
/// public void ForEach([Never<Allocate>] Action<Page> visit) { … }
/// ]]></code>
/// </example>
[AttributeUsage(EffectTargets.OfNever, AllowMultiple = true)]
public sealed class NeverAttribute<TEffect> : Attribute
    where TEffect : IEffect;

/// <summary>The twin of <see cref="NeverAttribute{TEffect}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Never(typeof(Sleep))] public bool TryAcquire() { … }]]></code></example>
[AttributeUsage(EffectTargets.OfNever, AllowMultiple = true)]
public sealed class NeverAttribute : Attribute
{
    /// <summary>Promises that no call has an effect.</summary>
    /// <param name="effect">The effect, a type that implements <see cref="IEffect"/>.</param>
    public NeverAttribute(Type effect) => Effect = effect;

    /// <summary>The effect that no call has.</summary>
    public Type Effect { get; }
}

/// <summary>Where effect attributes may stand, once for each pair of twins.</summary>
internal static class EffectTargets
{
    internal const AttributeTargets OfMight =
        AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Delegate | AttributeTargets.Parameter
        | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Event | AttributeTargets.ReturnValue;

    internal const AttributeTargets OfNever =
        OfMight | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Assembly;
}
