using System;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>Names by which the vocabulary and .NET's own libraries are recognised, wherever they were compiled.</summary>
internal static class WellKnown
{
    public const string Namespace = "Mm.Contexts";

    /// <summary>The attribute's name without "Attribute" and arity, if it belongs to the vocabulary; otherwise null.</summary>
    public static string? VocabularyName(INamedTypeSymbol? attribute)
    {
        if (attribute is null || !IsVocabulary(attribute.ContainingNamespace)) return null;
        const string suffix = "Attribute";
        string name = attribute.Name;
        return name.EndsWith(suffix, StringComparison.Ordinal) ? name.Substring(0, name.Length - suffix.Length) : null;
    }

    /// <summary>The type that an attribute of the vocabulary speaks of: its type argument, or the argument of its twin.</summary>
    public static INamedTypeSymbol? Subject(AttributeData attribute)
    {
        ITypeSymbol? subject = null;
        if (attribute.AttributeClass is { TypeArguments.Length: 1 } generic) subject = generic.TypeArguments[0];
        else if (attribute.ConstructorArguments is { Length: 1 } arguments && arguments[0].Kind == TypedConstantKind.Type)
        {
            subject = arguments[0].Value as ITypeSymbol;
        }

        return subject is INamedTypeSymbol { TypeKind: not TypeKind.Error, IsUnboundGenericType: false } named ? named : null;
    }

    /// <summary>Namespaces and type names as in metadata: nested types behind a plus, arity behind a backtick.</summary>
    public static string MetadataName(INamedTypeSymbol type)
    {
        string name = type.MetadataName;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType) name = outer.MetadataName + "+" + name;
        var space = type.ContainingNamespace;
        if (space is null || space.IsGlobalNamespace) return name;
        return (IsVocabulary(space) ? Namespace : space.ToDisplayString()) + "." + name;
    }

    /// <summary>An enumeration of bits.</summary>
    public static bool IsFlags(ITypeSymbol? type)
    {
        if (type is not { TypeKind: TypeKind.Enum }) return false;
        foreach (var attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "FlagsAttribute" }) return true;
        }

        return false;
    }

    /// <summary>Task or ValueTask, with or without a result.</summary>
    public static bool IsTask(INamedTypeSymbol? type) =>
        type is { Name: "Task" or "ValueTask", ContainingNamespace: { Name: "Tasks", ContainingNamespace.Name: "Threading" } };

    /// <summary>Dispose or DisposeAsync, as 'using' calls them.</summary>
    public static bool IsDisposal(IMethodSymbol method) => method is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true };

    /// <summary>.NET's own libraries count as known: what the catalogue does not list there has no effect.</summary>
    public static bool IsFramework(IAssemblySymbol? assembly)
    {
        string? name = assembly?.Identity.Name;
        return name is not null
            && (name.StartsWith("System", StringComparison.Ordinal) && (name.Length == 6 || name[6] == '.')
                || name is "mscorlib" or "netstandard" or "WindowsBase" or "Microsoft.CSharp" or "Microsoft.VisualBasic.Core"
                || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal)
                || name == WellKnown.Namespace);
    }

    private static bool IsVocabulary(INamespaceSymbol? space) =>
        space is { Name: "Contexts", ContainingNamespace: { Name: "Mm", ContainingNamespace.IsGlobalNamespace: true } };
}
