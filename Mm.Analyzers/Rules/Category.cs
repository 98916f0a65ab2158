namespace Mm.Analyzers.Rules;

/// <summary>Diagnostic categories, one per family of ids.</summary>
internal static class Category
{
    public const string Contexts = "Mm.Contexts";
    public const string Balance = "Mm.Balance";
    public const string Contracts = "Mm.Contracts";
    public const string Ownership = "Mm.Ownership";
}
