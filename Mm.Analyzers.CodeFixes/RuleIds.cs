namespace Mm.Analyzers.CodeFixes;

/// <summary>The rules that have a fix here.</summary>
internal static class RuleIds
{
    internal const string SleepInAtomicContext = "MM1001";
    internal const string FaultInAtomicContext = "MM1002";
    internal const string SleepingAllocation = "MM1003";
    internal const string AllocationInNoGcContext = "MM1004";
    internal const string ForbiddenEffect = "MM1005";
    internal const string MissingContext = "MM1008";
    internal const string ContextNotLeft = "MM2001";
    internal const string ContextNotEntered = "MM2002";
    internal const string ScopeDropped = "MM2004";
    internal const string ConversionWeakensContract = "MM3002";
    internal const string TrustWithoutReason = "MM3006";
    internal const string UndeclaredEffect = "MM3007";
}
