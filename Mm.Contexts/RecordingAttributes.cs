using System;

namespace Mm.Contexts;

/// <summary>What the analysis inferred of the visible members of this assembly, for those who reference it.</summary>
/// <remarks>
/// The build writes this attribute where the property <c>MmRecordSummaries</c> is <c>true</c>; nobody writes it by hand, and nothing
/// of it is meant to be read at run time. Annotations on a member win over what is recorded of it. A reader that does not know the
/// version takes the assembly for one without records.
/// </remarks>
/// <example>
/// <code><![CDATA[
/// <PropertyGroup>
///   <MmRecordSummaries>true</MmRecordSummaries>
/// </PropertyGroup>
/// ]]></code>
/// </example>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class RecordedSummariesAttribute : Attribute
{
    /// <summary>Holds what was recorded.</summary>
    /// <param name="version">The version of the format.</param>
    /// <param name="members">A text for each member of which there is something to say.</param>
    public RecordedSummariesAttribute(int version, params string[] members)
    {
        Version = version;
        Members = members;
    }

    /// <summary>The version of the format of <see cref="Members"/>.</summary>
    public int Version { get; }

    /// <summary>A text for each member of which there is something to say; all others do nothing that would be recorded.</summary>
    public string[] Members { get; }
}
