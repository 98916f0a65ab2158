using System;

namespace Mm.Contexts;

/// <summary>Ignoring the return value of this method is a bug.</summary>
/// <remarks>
/// For methods that may fail without an exception: a reference that may not be taken any more, an allocation that may
/// return nothing. A call whose result is thrown away is reported (MM4002). An explicit discard, <c>_ = Call()</c>, is a
/// decision and silent.
/// </remarks>
/// <example>
/// <code><![CDATA[
/// [MustCheck]
/// public bool TryGetReference() { … }
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MustCheckAttribute : Attribute;

/// <summary>The value belongs to allocator family <typeparamref name="TFamily"/>: only that family's functions may free it.</summary>
/// <remarks>
/// <para>
/// On the return value of an allocating function, on the parameter of a freeing one, and on a field or property that
/// keeps such a value. The family is any type, usually the allocator itself, and needs no interface. A static class is no
/// type argument; only the twin can name it.
/// </para>
/// <para>
/// The family is followed through locals, parameters, results and annotated fields, and inferred for functions that
/// only pass it on. Where a value of one family meets a function of another, that is reported (MM4001).
/// Generic attributes need C# 11; before that, write <see cref="OwnedByAttribute"/>.
/// </para>
/// </remarks>
/// <typeparam name="TFamily">The allocator family.</typeparam>
/// <example>
/// <code><![CDATA[
/// [return: OwnedBy<PagePool>]
/// public Page Rent() { … }
///
/// public void Return([OwnedBy<PagePool>] Page page) { … }
/// ]]></code>
/// </example>
[AttributeUsage(OwnershipTargets.OfOwnedBy, AllowMultiple = true)]
public sealed class OwnedByAttribute<TFamily> : Attribute;

/// <summary>The twin of <see cref="OwnedByAttribute{TFamily}"/> for language versions before C# 11.</summary>
/// <example><code><![CDATA[[return: OwnedBy(typeof(PagePool))] public Page Rent() { … }]]></code></example>
[AttributeUsage(OwnershipTargets.OfOwnedBy, AllowMultiple = true)]
public sealed class OwnedByAttribute : Attribute
{
    /// <summary>Says to which family a value belongs.</summary>
    /// <param name="family">The allocator family, any type.</param>
    public OwnedByAttribute(Type family) => Family = family;

    /// <summary>The allocator family.</summary>
    public Type Family { get; }
}

/// <summary>Where ownership attributes may stand, once for both twins.</summary>
internal static class OwnershipTargets
{
    internal const AttributeTargets OfOwnedBy =
        AttributeTargets.ReturnValue | AttributeTargets.Parameter | AttributeTargets.Field | AttributeTargets.Property;
}
