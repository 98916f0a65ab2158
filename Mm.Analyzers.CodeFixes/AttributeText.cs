using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.CodeFixes;

/// <summary>Spells attributes of the vocabulary for a place in a file: with names as short as they can be there, and in its version of the language.</summary>
internal sealed class AttributeText
{
    private const string Vocabulary = "Mm.Contexts";

    private readonly SemanticModel _model;
    private readonly int _position;
    private readonly bool _hasGenericAttributes;

    internal AttributeText(SemanticModel model, int position)
    {
        _model = model;
        _position = position;
        _hasGenericAttributes = model.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: >= LanguageVersion.CSharp11 };
    }

    /// <summary>Whether what was spelled takes a <c>using</c> directive that is not there.</summary>
    internal bool NeedsUsing { get; private set; }

    /// <summary>Attribute lists: one for the member, and one for its result where something is said of that.</summary>
    internal List<AttributeListSyntax> Lists(IEnumerable<DeclarationText> declarations)
    {
        var lists = new List<AttributeListSyntax>();
        foreach (var group in declarations.GroupBy(static declaration => declaration.IsOnResult).OrderBy(static group => group.Key))
        {
            string attributes = string.Join(", ", group.Select(Spell).OfType<string>().Distinct());
            if (attributes.Length == 0) continue;
            string text = group.Key ? $"[return: {attributes}] class C;" : $"[{attributes}] class C;";
            lists.Add(SyntaxFactory.ParseCompilationUnit(text).Members[0].AttributeLists[0].WithoutTrivia());
        }

        return lists;
    }

    private string? Spell(DeclarationText declaration)
    {
        if (MarkerNames.Find(declaration.Marker, TypeNamed) is not { } marker || TypeNamed($"{Vocabulary}.{declaration.Verb}Attribute") is not { } twin) return null;
        string subject = _hasGenericAttributes ? $"<{NameOf(marker)}>" : "";
        var arguments = new List<string>();
        if (!_hasGenericAttributes) arguments.Add($"typeof({NameOf(marker)})");
        if (declaration.When.Length > 0)
        {
            arguments.Add($"When = nameof({declaration.When})");
            arguments.Add($"{declaration.Relation} = {NumberOf(declaration)}");
        }

        string name = NameOf(twin);
        return name.Substring(0, name.Length - "Attribute".Length) + subject + (arguments.Count == 0 ? "" : $"({string.Join(", ", arguments)})");
    }

    private string NumberOf(DeclarationText declaration)
    {
        if (declaration.EnumType.Length == 0 || TypeNamed(declaration.EnumType) is not { } type) return declaration.Number;
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true } field && string.Format(CultureInfo.InvariantCulture, "{0}", field.ConstantValue) == declaration.Number) return $"{NameOf(type)}.{field.Name}";
        }

        return $"({NameOf(type)}){declaration.Number}";
    }

    private INamedTypeSymbol? TypeNamed(string metadataName) =>
        _model.Compilation.GetTypesByMetadataName(metadataName).FirstOrDefault(type => _model.IsAccessible(_position, type));

    private string NameOf(INamedTypeSymbol type)
    {
        string name = type.ToMinimalDisplayString(_model, _position);
        if (type.ContainingType is not null || type.ContainingNamespace.ToDisplayString() != Vocabulary || name == type.Name) return name;

        // A directive makes it short, unless the name means something else here.
        if (!_model.LookupNamespacesAndTypes(_position, name: type.Name).IsEmpty) return name;
        NeedsUsing = true;
        return type.Name;
    }
}
