using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// What the build of a referenced assembly has written down of its visible members: one text each, by documentation id. A member
/// without a text does nothing that is recorded. What the texts say is the matter of <c>Summaries</c>.
/// </summary>
internal sealed class RecordedAssembly
{
    /// <summary>The version of the texts that is written, and the only one that is read.</summary>
    public const int Version = 1;

    public const string AttributeName = WellKnown.Namespace + ".RecordedSummariesAttribute";

    /// <summary>The file that the build writes.</summary>
    public const string FileName = "Mm.RecordedSummaries.g.cs";

    /// <summary>In front of what a virtual call may run, as opposed to the member's own body.</summary>
    public const char DispatchMark = '~';

    private static readonly RecordedAssembly s_none = new(new Dictionary<string, string>());
    private static readonly ConditionalWeakTable<IAssemblySymbol, RecordedAssembly> s_known = new();

    private readonly Dictionary<string, string> _texts;

    private RecordedAssembly(Dictionary<string, string> texts) => _texts = texts;

    /// <summary>The records of an assembly, or null if there are none of a version that is known.</summary>
    public static RecordedAssembly? Of(IAssemblySymbol? assembly)
    {
        if (assembly is null || WellKnown.IsFramework(assembly)) return null;
        var known = s_known.GetValue(assembly, Read);
        return ReferenceEquals(known, s_none) ? null : known;
    }

    /// <summary>The text of a member, without its id; null if there is nothing to say.</summary>
    public string? TextOf(IMethodSymbol method, bool isDispatch)
    {
        if (_texts.Count == 0 || method.OriginalDefinition.GetDocumentationCommentId() is not { } id) return null;
        return _texts.TryGetValue(isDispatch ? DispatchMark + id : id, out string? text) ? text : null;
    }

    /// <summary>Whether a text says that a call enters or leaves a context, or gives a guard up.</summary>
    public static bool ChangesContexts(string text) => text.Contains("returns\t");

    /// <summary>Whether a text says that what a caller hands over is run in a context.</summary>
    public static bool RunsInContext(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string verb = line.Substring(0, Math.Max(0, line.IndexOf('\t')));
            if (verb is "asks" or "invokes" or "starts" or "calls" && line.Contains("\t~")) return true;
        }

        return false;
    }

    public static bool HangsOnFlags(string text) => text.Contains("\tf\t");

    private static RecordedAssembly Read(IAssemblySymbol assembly)
    {
        foreach (var attribute in assembly.GetAttributes())
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) != "RecordedSummaries") continue;
            var arguments = attribute.ConstructorArguments;
            if (arguments.Length != 2 || arguments[0].Value is not Version || arguments[1].Kind != TypedConstantKind.Array || arguments[1].IsNull) continue;
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var member in arguments[1].Values)
            {
                if (member.Value is not string text) continue;
                int end = text.IndexOf('\n');
                if (end > 0) texts[text.Substring(0, end)] = text.Substring(end + 1);
            }

            return new RecordedAssembly(texts);
        }

        return s_none;
    }
}
