namespace Mm.Analyzers.CodeFixes;

/// <summary>The rules that have a fix here. Their ids are the only thing that the fixes and the analyzers share.</summary>
internal static class RuleIds
{
    internal const string ScopeDropped = "MM2004";
    internal const string TrustWithoutReason = "MM3006";
}
