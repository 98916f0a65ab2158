using System;

namespace Mm.Analyzers.Rules;

/// <summary>
/// An attribute that would declare what is inferred, as one line of a diagnostic's properties: fields with a bar between them. The
/// assembly of the fixes compiles this file too.
/// </summary>
/// <param name="Verb">The name of the attribute without its ending.</param>
/// <param name="Marker">Metadata name of the effect or context.</param>
internal sealed record DeclarationText(string Verb, string Marker)
{
    private const char Bar = '|';

    /// <summary>It goes on what the member returns.</summary>
    public bool IsOnResult { get; init; }

    /// <summary>The parameter on which it hangs, or empty.</summary>
    public string When { get; init; } = "";

    /// <summary><c>Has</c>, <c>HasNot</c>, <c>Is</c> or <c>IsNot</c>; empty without <see cref="When"/>.</summary>
    public string Relation { get; init; } = "";

    /// <summary>Metadata name of the enumeration that <see cref="Number"/> is a value of, or empty.</summary>
    public string EnumType { get; init; } = "";

    /// <summary>The number that the parameter is compared with; without <see cref="EnumType"/> it may be <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public string Number { get; init; } = "";

    public string Encode() => string.Join(Bar.ToString(), IsOnResult ? "return" : "", Verb, Marker, When, Relation, EnumType, Number);

    public static DeclarationText? Decode(string line)
    {
        string[] fields = line.Split(Bar);
        return fields.Length != 7 ? null : new DeclarationText(fields[1], fields[2])
        {
            IsOnResult = string.Equals(fields[0], "return", StringComparison.Ordinal),
            When = fields[3],
            Relation = fields[4],
            EnumType = fields[5],
            Number = fields[6],
        };
    }
}
