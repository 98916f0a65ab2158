using System;

namespace Mm.Contexts;

/// <summary>The declared contract is taken on trust: the body is not checked, and what is not declared is absent.</summary>
/// <remarks>
/// <para>
/// Goes on a method, constructor, accessor, property, lambda, local function or type. For primitives, whose body cannot
/// show what it does, and for the rare argument that only a human can make. Give the reason as one would defend it in a
/// review; a blank one is reported (MM3006), though it still grants trust.
/// </para>
/// <para>
/// The attributes beside it become the whole contract: <c>[Might&lt;Sleep&gt;, Trusted("primitive")]</c> sleeps and does
/// nothing else. On a method it covers the lambdas in it that have no annotation of their own. An override does not
/// inherit it.
/// </para>
/// </remarks>
/// <example>
/// <code><![CDATA[
/// [Never<Allocate>, Trusted("only the first call allocates, and boot makes it")]
/// Node TakeFromPool() { … }
/// ]]></code>
/// </example>
[AttributeUsage(
    AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property
    | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface,
    Inherited = false)]
public sealed class TrustedAttribute : Attribute
{
    /// <summary>Takes the declared contract on trust.</summary>
    /// <param name="reason">Why the contract holds although nobody checks it.</param>
    public TrustedAttribute(string reason) => Reason = reason;

    /// <summary>Why the contract holds although nobody checks it.</summary>
    public string Reason { get; }
}

/// <summary>On a delegate-typed parameter: the delegate is not invoked before the method returns.</summary>
/// <remarks>
/// It runs later, in no context, or in the one that a <see cref="RunsInAttribute{TContext}"/> beside it names. Without
/// the attribute a delegate passed to a method that cannot be looked into counts as invoked during the call, in the
/// caller's context; with it, a sleeping callback may be handed over under a spin lock.
/// </remarks>
/// <example>
/// <code><![CDATA[
/// public void QueueWork([Deferred] Action work) { … }
///
/// public void CallRcu([Deferred, RunsIn<SoftIrq>] Action free) { … }
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DeferredAttribute : Attribute;
