using System;

namespace Mm.Contexts;

/// <summary>On a context's marker type: no code in this context may have the effect <typeparamref name="TEffect"/>.</summary>
/// <remarks>
/// This is how contexts get their meaning, the built-in ones and yours alike. A call that may have the effect, at a
/// point where the context may hold, is reported with the path to the primitive that has it. The attribute may stand
/// several times. Generic attributes need C# 11; before that, write <see cref="ForbidsAttribute"/>.
/// </remarks>
/// <typeparam name="TEffect">The effect that is forbidden.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Forbids<Sleep>, Forbids<Allocate>]
/// public readonly struct AudioCallback : IContext;
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class ForbidsAttribute<TEffect> : Attribute
    where TEffect : IEffect;

/// <summary>The twin of <see cref="ForbidsAttribute{TEffect}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Forbids(typeof(Sleep))] public struct AudioCallback : IContext { }]]></code></example>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class ForbidsAttribute : Attribute
{
    /// <summary>Forbids an effect in this context.</summary>
    /// <param name="effect">The effect, a type that implements <see cref="IEffect"/>.</param>
    public ForbidsAttribute(Type effect) => Effect = effect;

    /// <summary>The effect that is forbidden.</summary>
    public Type Effect { get; }
}

/// <summary>On a context's marker type: code in this context is in <typeparamref name="TContext"/> as well.</summary>
/// <remarks>
/// What the implied context forbids is forbidden here too, and it satisfies a
/// <see cref="RequiresAttribute{TContext}"/> of the implied one. Implication is transitive. The attribute may stand
/// several times. Generic attributes need C# 11; before that, write <see cref="ImpliesAttribute"/>.
/// </remarks>
/// <typeparam name="TContext">The context that holds as well.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Implies<SpinLockHeld>, Forbids<CrossCall>]
/// public readonly struct RunQueueLocked : IContext;
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class ImpliesAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="ImpliesAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Implies(typeof(SpinLockHeld))] public struct RunQueueLocked : IContext { }]]></code></example>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class ImpliesAttribute : Attribute
{
    /// <summary>Lets this context imply another.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public ImpliesAttribute(Type context) => Context = context;

    /// <summary>The context that holds as well.</summary>
    public Type Context { get; }
}
