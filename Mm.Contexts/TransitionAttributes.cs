using System;

namespace Mm.Contexts;

/// <summary>On return, context <typeparamref name="TContext"/> has been entered once more.</summary>
/// <remarks>
/// <para>
/// On a method: always. On its return value (<c>[return: Enters&lt;C&gt;]</c>): only if it returned <c>true</c>, or the
/// value of <see cref="On"/>, or, for a method that returns a nullable guard, anything but <c>null</c>. On a
/// <c>ref bool</c> or <c>out bool</c> parameter: only if that was set to <c>true</c>.
/// </para>
/// <para>
/// After the call the caller is in the context until it is left as often as it was entered; the branches of a test of
/// the result are told apart. The body must keep the promise on every path (MM2001), and who enters a context without
/// saying so is reported as well. Twice the attribute means entered twice. Where the context ends with a block, a guard
/// type with <see cref="ScopeAttribute{TContext}"/> is the safer way.
/// Generic attributes need C# 11; before that, write <see cref="EntersAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TContext">The context that is entered.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Enters<SpinLockHeld>] public void Acquire() { … }
///
/// [return: Enters<SpinLockHeld>] public bool TryAcquire() { … }
///
/// [return: Enters<SpinLockHeld>(On = 0)] public int TryAcquireOrError() { … }
///
/// public void Acquire([Enters<SpinLockHeld>] ref bool taken) { … }
/// ]]></code>
/// </example>
[AttributeUsage(TransitionTargets.OfEntersAndLeaves, AllowMultiple = true)]
public sealed class EntersAttribute<TContext> : Attribute
    where TContext : IContext
{
    /// <summary>On a return value: the constant that says that the context was entered, where it is not <c>true</c>.</summary>
    public object? On { get; set; }
}

/// <summary>The twin of <see cref="EntersAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Enters(typeof(SpinLockHeld))] public void Acquire() { … }]]></code></example>
[AttributeUsage(TransitionTargets.OfEntersAndLeaves, AllowMultiple = true)]
public sealed class EntersAttribute : Attribute
{
    /// <summary>Says that a context has been entered on return.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public EntersAttribute(Type context) => Context = context;

    /// <summary>The context that is entered.</summary>
    public Type Context { get; }

    /// <inheritdoc cref="EntersAttribute{TContext}.On"/>
    public object? On { get; set; }
}

/// <summary>On return, context <typeparamref name="TContext"/> has been left once more.</summary>
/// <remarks>
/// <para>
/// On a method: always, and the body starts in the context. On its return value or on a <c>ref bool</c> or
/// <c>out bool</c> parameter: only if the value says so, as with <see cref="EntersAttribute{TContext}"/>.
/// </para>
/// <para>
/// A caller that has not entered the context is reported (MM2002), and a body that does not leave it on some path too
/// (MM2001). Twice the attribute means left twice.
/// Generic attributes need C# 11; before that, write <see cref="LeavesAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TContext">The context that is left.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Leaves<SpinLockHeld>] public void Release() { … }
///
/// [Leaves<SpinLockHeld>, Leaves<IrqOff>] public void ReleaseIrqRestore() { … }
/// ]]></code>
/// </example>
[AttributeUsage(TransitionTargets.OfEntersAndLeaves, AllowMultiple = true)]
public sealed class LeavesAttribute<TContext> : Attribute
    where TContext : IContext
{
    /// <summary>On a return value: the constant that says that the context was left, where it is not <c>true</c>.</summary>
    public object? On { get; set; }
}

/// <summary>The twin of <see cref="LeavesAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Leaves(typeof(SpinLockHeld))] public void Release() { … }]]></code></example>
[AttributeUsage(TransitionTargets.OfEntersAndLeaves, AllowMultiple = true)]
public sealed class LeavesAttribute : Attribute
{
    /// <summary>Says that a context has been left on return.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public LeavesAttribute(Type context) => Context = context;

    /// <summary>The context that is left.</summary>
    public Type Context { get; }

    /// <inheritdoc cref="LeavesAttribute{TContext}.On"/>
    public object? On { get; set; }
}

/// <summary>
/// On a disposable type: from the call that returns an instance until its <c>Dispose</c>, code is in
/// <typeparamref name="TContext"/>.
/// </summary>
/// <remarks>
/// <para>
/// Goes on a class, a struct or a ref struct with a <c>Dispose</c> method. Several may stand on one type: a guard that
/// holds a spin lock with interrupts off has two.
/// </para>
/// <para>
/// Every method or constructor that returns such a guard enters the context, with no annotation of its own. A guard
/// that is thrown away, or not disposed on some path, is reported at the call that returned it (MM2004).
/// Generic attributes need C# 11; before that, write <see cref="ScopeAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TContext">The context that holds while the guard lives.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Scope<SpinLockHeld>]
/// public readonly ref struct SpinGuard
/// {
///     public void Dispose() { … }
/// }
///
/// using (_pageTableLock.Lock())
///     Map(page);                  // in SpinLockHeld
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true)]
public sealed class ScopeAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="ScopeAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Scope(typeof(SpinLockHeld))] public ref struct SpinGuard { … }]]></code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true)]
public sealed class ScopeAttribute : Attribute
{
    /// <summary>Says which context holds while the guard lives.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public ScopeAttribute(Type context) => Context = context;

    /// <summary>The context that holds while the guard lives.</summary>
    public Type Context { get; }
}

/// <summary>On a <c>bool</c> method or property: it is <c>true</c> exactly when the code is in <typeparamref name="TContext"/>.</summary>
/// <remarks>
/// A branch on it is refined: in the true branch code counts as in the context, in the false branch as outside; after
/// the branches join, that is forgotten. The test is also true for a context that implies the tested one. A method that
/// sleeps in the false branch only may therefore be called from the context.
/// Generic attributes need C# 11; before that, write <see cref="TestsAttribute"/>.
/// </remarks>
/// <typeparam name="TContext">The context that is tested.</typeparam>
/// <example>
/// <code><![CDATA[
/// [Tests<PreemptOff>]
/// public static bool InAtomic { get { … } }
///
/// var flags = InAtomic ? GfpFlags.Atomic : GfpFlags.Kernel;
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class TestsAttribute<TContext> : Attribute
    where TContext : IContext;

/// <summary>The twin of <see cref="TestsAttribute{TContext}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[Tests(typeof(PreemptOff))] public static bool InAtomic { get { … } }]]></code></example>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class TestsAttribute : Attribute
{
    /// <summary>Says which context is tested.</summary>
    /// <param name="context">The context, a type that implements <see cref="IContext"/>.</param>
    public TestsAttribute(Type context) => Context = context;

    /// <summary>The context that is tested.</summary>
    public Type Context { get; }
}

/// <summary>Where transition attributes may stand, once for each pair of twins.</summary>
internal static class TransitionTargets
{
    internal const AttributeTargets OfEntersAndLeaves =
        AttributeTargets.Method | AttributeTargets.ReturnValue | AttributeTargets.Parameter;
}
