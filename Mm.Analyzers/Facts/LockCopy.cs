using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

internal enum CopyForm
{
    /// <summary>A readonly field: each call of a member is made on a copy.</summary>
    ReadOnlyField,

    /// <summary>A parameter that takes a copy of what it is given.</summary>
    Parameter,

    /// <summary>Put into a variable, a field, an element, a tuple.</summary>
    Variable,
    Argument,
    Return,

    /// <summary>Put into an object.</summary>
    Box,
    Iteration,

    /// <summary>A member is called where it must not change what it is called on.</summary>
    Call,
}

/// <summary>A place where a lock or guard is copied.</summary>
/// <param name="Location">The expression that is copied, or the name of what always holds a copy.</param>
/// <param name="Name">What is copied, in the words of the source.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">What that is.</param>
/// <param name="Form">How it is copied.</param>
/// <param name="Member">Of a call: what is called.</param>
internal sealed record LockCopy(Location Location, string Name, ITypeSymbol Type, LockValue Value, CopyForm Form, string Member = "");
