using System;

namespace Mm.Contexts;

/// <summary>The body starts in context <typeparamref name="TContext"/>, and any caller may call it: a handler, a callback.</summary>
/// <remarks>
/// <para>
/// Goes on a method, constructor, lambda, local function, type (all members) or delegate type; and on a parameter,
/// field, property or event of delegate type, where it speaks of the code that is put there.
/// </para>
/// <para>
/// The body is judged in the context: an effect that the context forbids is reported in it, whoever calls. On a
/// delegate-typed place the lambdas given to it are judged the same way; a method group is judged where it is
/// converted (MM3002). Unlike <see cref="RequiresAttribute{TContext}"/> it asks nothing of callers. At return the body
/// must stand in the context again. The attribute may stand several times.
/// Generic attributes need C# 11; before that, write <see cref="RunsInAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TContext">The context in which the body starts.</typeparam>
/// <example>
/// <code><![CDATA[
/// [RunsIn<HardIrq>]
/// void OnInterrupt(int line) { … }
///
/// public void RunOnAllCpus([RunsIn<IrqOff>] Action function) { … }
/// ]]></code>
/// </example>
[AttributeUsage(ContextTargets.OfRunsIn, AllowMultiple = true)]
public sealed class RunsInAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="RunsInAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[RunsIn(typeof(HardIrq))] void OnInterrupt(int line) { … }]]></code></example>
[AttributeUsage(ContextTargets.OfRunsIn, AllowMultiple = true)]
public sealed class RunsInAttribute : Attribute
{
    /// <summary>Says in which context the body starts.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public RunsInAttribute(Type context) => Context = context;

    /// <summary>The context in which the body starts.</summary>
    public Type Context { get; }
}

/// <summary>The body starts in context <typeparamref name="TContext"/>, and a caller must be in it.</summary>
/// <remarks>
/// <para>
/// Goes on a method, constructor, accessor, lambda, local function, type (all members) or delegate type. It is the
/// convention behind names like <c>…Locked</c>, made checkable.
/// </para>
/// <para>
/// A call from code that is not in the context is reported there (MM1008): either the context has to be entered, or
/// the caller has to require it too. The body is judged in the context and may leave and enter it again; at return it
/// must stand in it. A context that implies the required one satisfies it. The attribute may stand several times.
/// Generic attributes need C# 11; before that, write <see cref="RequiresAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TContext">The context in which a caller must be.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Requires<SpinLockHeld>]
/// void RemoveLocked(Page page) { … }
///
/// [Requires<SegmentListReady>]
/// bool PfnValid(ulong pfn) { … }
/// ]]></code>
/// </example>
[AttributeUsage(ContextTargets.OfRequires, AllowMultiple = true)]
public sealed class RequiresAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="RequiresAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Requires(typeof(SpinLockHeld))] void RemoveLocked(Page page) { … }]]></code></example>
[AttributeUsage(ContextTargets.OfRequires, AllowMultiple = true)]
public sealed class RequiresAttribute : Attribute
{
    /// <summary>Says in which context a caller must be.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public RequiresAttribute(Type context) => Context = context;

    /// <summary>The context in which a caller must be.</summary>
    public Type Context { get; }
}

/// <summary>A caller must not be in context <typeparamref name="TContext"/>.</summary>
/// <remarks>
/// Goes on a method, constructor, accessor or delegate type. For rules that are about the caller's state and not about
/// an effect: a lock that enables interrupts unconditionally when it is released must not be taken with interrupts off.
/// A call in the context is reported (MM1007), also through callees that have no annotations. The attribute may stand
/// several times. Generic attributes need C# 11; before that, write <see cref="ForbiddenInAttribute"/>.
/// </remarks>
/// <typeparam name="TContext">The context in which a caller must not be.</typeparam>
/// <example>
/// <code><![CDATA[
/// [ForbiddenIn<IrqOff>]
/// public SpinIrqGuard LockIrq() { … }
/// ]]></code>
/// </example>
[AttributeUsage(ContextTargets.OfForbiddenIn, AllowMultiple = true)]
public sealed class ForbiddenInAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="ForbiddenInAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[ForbiddenIn(typeof(IrqOff))] public SpinIrqGuard LockIrq() { … }]]></code></example>
[AttributeUsage(ContextTargets.OfForbiddenIn, AllowMultiple = true)]
public sealed class ForbiddenInAttribute : Attribute
{
    /// <summary>Says in which context a caller must not be.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public ForbiddenInAttribute(Type context) => Context = context;

    /// <summary>The context in which a caller must not be.</summary>
    public Type Context { get; }
}

/// <summary>Where context attributes may stand, once for each pair of twins.</summary>
internal static class ContextTargets
{
    private const AttributeTargets Code = AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Delegate;
    private const AttributeTargets Types = AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface;
    private const AttributeTargets DelegatePlaces =
        AttributeTargets.Parameter | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Event;

    internal const AttributeTargets OfRunsIn = Code | Types | DelegatePlaces;
    internal const AttributeTargets OfRequires = Code | Types;
    internal const AttributeTargets OfForbiddenIn = Code;
}
