using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>What annotation files and regions make of interest.</summary>
internal sealed partial class Interests
{
    private void AddLines(AnnotationTable annotations, Compilation compilation)
    {
        foreach (var line in annotations.Lines)
        {
            bool isState = line.Verb is "enters" or "leaves" or "scope" or "requires" or "runs" or "tests";
            if (line.IsBuiltIn && !isState && !line.IsOnFlags) continue;
            if (line.IsBuiltIn)
            {
                _sought.Add(Words.Hash(line.TypeName));
                if (!IsMentioned(Words.Hash(line.TypeName))) continue;
            }

            HasLockValues |= line.Verb is "enters" or "leaves" or "scope";
            if (line.Key[0] == 'T')
            {
                if (line.Verb == "scope")
                {
                    Raise(Words.Hash(line.TypeName), Interest.Type | Interest.Mention | Interest.Context | Interest.ExposedUnlessEnclosed);
                    if (!line.IsBuiltIn) AddGuardsOf(line, compilation);
                }
                else if (isState || line.Verb != "might" && !line.IsBuiltIn) IsEverything = true;
                continue;
            }

            int name = Words.Hash(line.MemberName);
            if (!line.IsBuiltIn) _bound.Add(name);
            if (!isState && !(line.Verb == "might" && line.IsOnFlags)) continue;
            if (line.Verb is "requires" or "runs" or "leaves") _startsInContext.Add(name);
            var interest = Interest.Mention | (isState ? Interest.Context : Interest.None) | (line.Verb is "enters" or "leaves" or "tests" ? Interest.Exposed : Interest.None) | (line.IsOnFlags ? Interest.Flags : Interest.None);
            Raise(name, interest);
            int type = Words.Hash(line.TypeName);
            Raise(type, Interest.Type | Interest.Mention);
            if (line.MemberName is "#ctor" || line.Key[0] == 'P' && line.MemberName == "Item" || TreeNames.IsImplicitName(line.MemberName))
            {
                Raise(type, interest | Interest.Type);
            }
        }
    }

    /// <summary>Regions are entered by words of the language, and by members that nobody calls by name.</summary>
    private void AddRegions(RegionRules regions)
    {
        void Add(Region region, params string[] words)
        {
            if (regions.ContextOf(region) is null) return;
            foreach (string word in words) Raise(Words.Hash(word), Interest.Mention | Interest.Context);
        }

        Add(Region.Lock, "lock");
        Add(Region.Async, "async");
        Add(Region.Callback, "UnmanagedCallersOnly", "UnmanagedCallersOnlyAttribute");
        if (regions.ContextOf(Region.Finalizer) is not null) _bound.Add(Words.Hash("operator"));
    }

    /// <summary>A guard of another assembly: no declaration here names its type where it is handed out.</summary>
    private void AddGuardsOf(AnnotationLine line, Compilation compilation)
    {
        HangsOnSymbols = true;
        if (DocumentationCommentId.GetFirstSymbolForDeclarationId(line.Key, compilation) is not INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: true } guard) return;
        if (guard.ContainingType is not { } owner)
        {
            IsEverything = true;
            return;
        }

        foreach (var member in owner.GetMembers())
        {
            if (member is not IMethodSymbol method || !SymbolEqualityComparer.Default.Equals(method.ReturnType.OriginalDefinition, guard)) continue;
            int type = Words.Hash(owner.Name);
            Raise(Words.Hash(method.Name), Interest.Mention | Interest.Context | Interest.ExposedUnlessEnclosed);
            Raise(type, Interest.Type | Interest.Mention | (TreeNames.IsImplicitName(method.Name) ? Interest.Context | Interest.ExposedUnlessEnclosed : Interest.None));
        }
    }
}
