using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Rules;

/// <summary>A lock or guard that is a mutable struct is copied.</summary>
internal sealed class LockCopied : Rule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2011",
        "Lock or guard that is a struct is copied",
        "'{0}' is copied {1}, and {2}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A lock that is a struct is where its bits are. Whoever takes a copy takes a lock that nobody else knows. Keep it in a field that is not readonly, and hand it on by reference.",
        Documentation + "MM2011.md");

    public LockCopied()
        : base(s_descriptor)
    {
    }

    public IEnumerable<Violation> Judge(LockValues locks, IEnumerable<LockCopy> copies)
    {
        foreach (var copy in copies)
        {
            yield return new Violation(this, copy.Location) { Subject = copy.Name, Detail = How(copy), Declared = Consequence(locks, copy) };
        }
    }

    private static string How(LockCopy copy) => copy.Form switch
    {
        CopyForm.ReadOnlyField => "by each call, because its field is readonly",
        CopyForm.Parameter => "from each caller, because it is passed by value",
        CopyForm.Variable => "by this assignment",
        CopyForm.Argument => "to be passed by value",
        CopyForm.Return => "to be returned",
        CopyForm.Box => "into an object",
        CopyForm.Iteration => "from each element",
        _ => $"for '{copy.Member}', which could change it",
    };

    private static string Consequence(LockValues locks, LockCopy copy)
    {
        var inner = locks.InnermostOf(copy.Type);
        string what = SymbolEqualityComparer.Default.Equals(inner, copy.Type) ? $"a copy of {copy.Type.Name}" : $"the {inner.Name} in a copy of {copy.Type.Name}";
        return what + (copy.Value == LockValue.Lock ? " locks nothing" : " leaves its context once more");
    }
}
