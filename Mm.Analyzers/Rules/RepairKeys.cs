namespace Mm.Analyzers.Rules;

/// <summary>
/// What a diagnostic tells the code fixes beside its message: the keys of its properties. The assembly of the fixes compiles this
/// file too, and shares nothing else with the analyzers.
/// </summary>
internal static class RepairKeys
{
    /// <summary>The first additional location is where the context was entered.</summary>
    public const string IsEntryKnown = "mm.entry";

    /// <summary>Ordinal of the parameter on which the effect hangs.</summary>
    public const string Argument = "mm.argument";

    /// <summary>Bits of that argument without which the effect is not there, as a number.</summary>
    public const string Clear = "mm.clear";

    /// <summary>Bits of that argument with which the effect is not there, as a number.</summary>
    public const string Set = "mm.set";

    /// <summary>The value of that argument with which the effect is not there.</summary>
    public const string Pass = "mm.pass";

    /// <summary>Attributes to be written, one a line: see <c>DeclarationText</c>.</summary>
    public const string Declare = "mm.declare";

    /// <summary>Index of the additional location of the declaration that they belong to; without it, the member around the report.</summary>
    public const string DeclareAt = "mm.declareAt";
}
