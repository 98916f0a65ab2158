using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Facts;

/// <summary>What kind of thing a declaration declares, as far as the filter cares.</summary>
internal enum DeclarationKind
{
    Method,

    /// <summary>A field, property, event or delegate-typed parameter's holder: a place.</summary>
    Place,
    Type,
    Struct,
    Delegate,
    Alias,
}

/// <summary>A declaration as text shows it: its name, the attributes on it, and the words of its head and of its body.</summary>
internal sealed class NamedDeclaration
{
    public NamedDeclaration(int name, DeclarationKind kind, TextSpan span, int container)
    {
        Name = name;
        Kind = kind;
        Span = span;
        Container = container;
    }

    public int Name { get; }

    public DeclarationKind Kind { get; }

    public TextSpan Span { get; }

    /// <summary>The name of the type around it; <see cref="Words.Any"/> where it is called on something else (an extension).</summary>
    public int Container { get; }

    /// <summary>The name of the class around the extension block that it stands in; 0 elsewhere.</summary>
    public int Around { get; set; }

    /// <summary>In a struct, or in an interface, which a struct may implement.</summary>
    public bool IsInValue { get; set; }

    /// <summary>Called on something else than the type around it.</summary>
    public bool IsExtension { get; set; }

    /// <summary>It may run without being named: an operator, an indexer, Dispose, GetEnumerator.</summary>
    public bool IsImplicit { get; set; }

    /// <summary>Return type, parameters, base types, constraints, attributes.</summary>
    public int[] Head { get; set; } = Array.Empty<int>();

    public int[] Body { get; set; } = Array.Empty<int>();

    public List<NamedAttribute>? Attributes { get; set; }

    /// <summary>Words of the body that stand nowhere but behind 'using', where what they return is disposed of and goes nowhere else.</summary>
    public int[] Enclosed { get; set; } = Array.Empty<int>();
}

/// <summary>An attribute as text shows it.</summary>
/// <param name="Name">Its rightmost name.</param>
/// <param name="HasArguments">Not counting type arguments.</param>
/// <param name="IsOnMember">On the declaration itself, not on its result, a parameter or an accessor.</param>
internal readonly record struct NamedAttribute(int Name, bool HasArguments, bool IsOnMember);

/// <summary>
/// The declarations of one syntax tree with the words in them. Depends on nothing but the immutable tree, so an edit
/// rescans one file and every later compilation shares the rest.
/// </summary>
internal sealed class TreeNames
{
    private static readonly int s_using = Words.Hash("using");
    private static readonly ConditionalWeakTable<SyntaxTree, TreeNames> s_known = new();
    private static readonly ConditionalWeakTable<SyntaxTree, object> s_hints = new();

    private static readonly HashSet<string> s_implicit = new(StringComparer.Ordinal)
    {
        "Dispose", "DisposeAsync", "GetEnumerator", "MoveNext", "Current", "GetAsyncEnumerator", "MoveNextAsync", "Deconstruct", "GetAwaiter",
        "GetResult", "IsCompleted", "OnCompleted", "UnsafeOnCompleted", "Add", "AppendLiteral", "AppendFormatted", "Invoke", "Slice", "Count",
        "Length", "GetPinnableReference", "ToString", "Equals", "GetHashCode", "Create", "Select", "SelectMany", "Where", "Join", "GroupJoin",
        "GroupBy", "OrderBy", "OrderByDescending", "ThenBy", "ThenByDescending", "Cast", "EnterScope", "PrintMembers", "Concat", "Format", "AsSpan",
    };

    private readonly List<NamedDeclaration> _declarations = new();

    private TreeNames(SyntaxTree tree)
    {
        var text = tree.GetText();
        var scan = new HashSet<int>();
        if (tree.GetRoot() is not CompilationUnitSyntax root) return;
        var pending = new Stack<(SyntaxNode Node, int Container, bool IsStruct, int Around)>();
        AddAliases(root.Usings, text, scan);
        foreach (var list in root.AttributeLists) AddAttributes(AssemblyAttributes, list, isOnMember: true);
        for (int i = root.Members.Count - 1; i >= 0; i--) pending.Push((root.Members[i], 0, false, 0));
        while (pending.Count > 0)
        {
            var (node, container, isStruct, around) = pending.Pop();
            switch (node)
            {
                case BaseNamespaceDeclarationSyntax space:
                    AddAliases(space.Usings, text, scan);
                    for (int i = space.Members.Count - 1; i >= 0; i--) pending.Push((space.Members[i], 0, false, 0));
                    break;
                case EnumDeclarationSyntax:
                    break;
                case TypeDeclarationSyntax type:
                    int name = Words.Hash(type.Identifier.ValueText);
                    bool isValue = type.Keyword.IsKind(SyntaxKind.StructKeyword) || type is RecordDeclarationSyntax { ClassOrStructKeyword.RawKind: (int)SyntaxKind.StructKeyword };
                    var declared = Add(name, isValue ? DeclarationKind.Struct : DeclarationKind.Type, type.Span, container);
                    declared.Head = Collect(text, TextSpan.FromBounds(type.SpanStart, type.OpenBraceToken.RawKind == 0 ? type.Span.End : Math.Max(type.SpanStart, type.OpenBraceToken.SpanStart)), scan);
                    foreach (var list in type.AttributeLists) AddAttributes(declared, list, isOnMember: true);
                    if (type.ParameterList is { } parameters)
                    {
                        AddAttributes(declared, parameters);
                        AddParameters(parameters, name, isValue, text, scan);
                    }

                    // What is declared for another type (an extension) is not found by the name of the type around it.
                    bool isNamed = type is ClassDeclarationSyntax or StructDeclarationSyntax or InterfaceDeclarationSyntax or RecordDeclarationSyntax;
                    for (int i = type.Members.Count - 1; i >= 0; i--) pending.Push((type.Members[i], isNamed ? name : Words.Any, isValue || type is InterfaceDeclarationSyntax, isNamed ? 0 : container));
                    break;
                case MemberDeclarationSyntax member:
                    int first = _declarations.Count;
                    AddMember(member, container, isStruct, text, scan);
                    while (around != 0 && first < _declarations.Count) _declarations[first++].Around = around;
                    break;
            }
        }
    }

    public IReadOnlyList<NamedDeclaration> Declarations => _declarations;

    public NamedDeclaration AssemblyAttributes { get; } = new(0, DeclarationKind.Alias, default, 0);

    public static TreeNames Of(SyntaxTree tree) => s_known.GetValue(tree, static tree => new TreeNames(tree));

    /// <summary>Whether members of this name run without being mentioned.</summary>
    public static bool IsImplicitName(string name) => s_implicit.Contains(name);

    /// <summary>Whether the tree can have anything to do with the vocabulary: it names its namespace, or a lock that the catalogue knows.</summary>
    public static bool Hints(SyntaxTree tree, string[] pieces) =>
        (bool)s_hints.GetValue(tree, tree => Words.Contains(tree.GetText(), pieces) || IsInside(tree.GetText()));

    // In the namespace Mm, or with an alias for it, the vocabulary is just 'Contexts'.
    private static bool IsInside(SourceText text) =>
        Words.Contains(text, "Contexts") && Words.Contains(text, "namespace Mm", "using Mm", "= Mm", "Mm .", ". Contexts", "::Mm", "\\u");

    /// <summary>The declarations whose text contains a position, innermost member first; null where none does.</summary>
    public NamedDeclaration? At(int position)
    {
        NamedDeclaration? found = null;
        int low = 0, high = _declarations.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_declarations[middle].Span.Start <= position)
            {
                found = _declarations[middle];
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return found is not null && found.Span.Contains(position) ? found : null;
    }

    /// <summary>Words that are called in some body: of a field, it holds a delegate.</summary>
    public HashSet<int> Called { get; } = new();

    private int[] Collect(SourceText text, TextSpan span, HashSet<int> scan)
    {
        if (span.IsEmpty) return Array.Empty<int>();
        scan.Clear();
        Words.Collect(text, span, scan, Called);
        int[] words = new int[scan.Count];
        scan.CopyTo(words);
        return words;
    }

    private static void AddAttributes(NamedDeclaration declared, AttributeListSyntax list, bool isOnMember)
    {
        foreach (var attribute in list.Attributes)
        {
            var name = attribute.Name;
            while (name is QualifiedNameSyntax or AliasQualifiedNameSyntax)
            {
                name = name is QualifiedNameSyntax qualified ? qualified.Right : ((AliasQualifiedNameSyntax)name).Name;
            }

            if (name is not SimpleNameSyntax simple) continue;
            (declared.Attributes ??= new List<NamedAttribute>()).Add(new NamedAttribute(
                Words.Hash(simple.Identifier.ValueText),
                attribute.ArgumentList is { Arguments.Count: > 0 },
                isOnMember && list.Target is null or { Identifier.RawKind: (int)SyntaxKind.MethodKeyword or (int)SyntaxKind.AssemblyKeyword }));
        }
    }

    private static void AddAttributes(NamedDeclaration declared, BaseParameterListSyntax parameters)
    {
        foreach (var parameter in parameters.Parameters)
        {
            foreach (var list in parameter.AttributeLists) AddAttributes(declared, list, isOnMember: false);
        }
    }

    private NamedDeclaration Add(int name, DeclarationKind kind, TextSpan span, int container)
    {
        var declared = new NamedDeclaration(name, kind, span, container);
        _declarations.Add(declared);
        return declared;
    }

    private void AddAliases(SyntaxList<UsingDirectiveSyntax> usings, SourceText text, HashSet<int> scan)
    {
        foreach (var directive in usings)
        {
            if (directive.Alias is not { } alias) continue;
            Add(Words.Hash(alias.Name.Identifier.ValueText), DeclarationKind.Alias, directive.Span, 0).Head = Collect(text, directive.Span, scan);
        }
    }

    // The parameters of a primary constructor and the receiver of an extension block are places: members mention them, and not their types.
    private void AddParameters(ParameterListSyntax parameters, int container, bool isStruct, SourceText text, HashSet<int> scan)
    {
        foreach (var parameter in parameters.Parameters)
        {
            if (parameter.Type is not { } type || parameter.Identifier.RawKind == 0) continue;
            var place = Add(Words.Hash(parameter.Identifier.ValueText), DeclarationKind.Place, parameter.Span, container);
            place.IsInValue = isStruct;
            place.Head = Collect(text, type.Span, scan);
        }
    }

    private void AddMember(MemberDeclarationSyntax member, int container, bool isStruct, SourceText text, HashSet<int> scan)
    {
        switch (member)
        {
            case BaseFieldDeclarationSyntax fields:
                foreach (var variable in fields.Declaration.Variables)
                {
                    var field = Add(Words.Hash(variable.Identifier.ValueText), DeclarationKind.Place, fields.Span, container);
                    field.IsInValue = isStruct;
                    field.Head = Collect(text, TextSpan.FromBounds(fields.SpanStart, fields.Declaration.Type.Span.End), scan);
                    field.Body = Collect(text, TextSpan.FromBounds(fields.Declaration.Type.Span.End, fields.Span.End), scan);
                    foreach (var list in fields.AttributeLists) AddAttributes(field, list, isOnMember: false);
                }

                return;
            case DelegateDeclarationSyntax type:
                var declared = Add(Words.Hash(type.Identifier.ValueText), DeclarationKind.Delegate, type.Span, container);
                declared.Head = Collect(text, type.Span, scan);
                foreach (var list in type.AttributeLists) AddAttributes(declared, list, isOnMember: false);
                AddAttributes(declared, type.ParameterList);
                return;
        }

        var (name, isPlace, body) = member switch
        {
            MethodDeclarationSyntax method => (method.Identifier.ValueText, false, (SyntaxNode?)method.Body ?? method.ExpressionBody),
            PropertyDeclarationSyntax property => (property.Identifier.ValueText, true, (SyntaxNode?)property.AccessorList ?? property.ExpressionBody),
            EventDeclarationSyntax @event => (@event.Identifier.ValueText, true, @event.AccessorList),
            IndexerDeclarationSyntax indexer => ("this", false, (SyntaxNode?)indexer.AccessorList ?? indexer.ExpressionBody),
            ConstructorDeclarationSyntax constructor => (constructor.Identifier.ValueText, false, (SyntaxNode?)constructor.Initializer ?? constructor.Body ?? (SyntaxNode?)constructor.ExpressionBody),
            BaseMethodDeclarationSyntax other => ("operator", false, (SyntaxNode?)other.Body ?? other.ExpressionBody),
            _ => ("", false, null),
        };
        var found = Add(Words.Hash(name), isPlace ? DeclarationKind.Place : DeclarationKind.Method, member.Span, container);
        int split = body?.SpanStart ?? member.Span.End;
        found.IsInValue = isStruct;
        found.Head = Collect(text, TextSpan.FromBounds(member.SpanStart, split), scan);
        found.Body = Collect(text, TextSpan.FromBounds(split, member.Span.End), scan);
        if (container != Words.Any && Array.IndexOf(found.Body, Words.Self) is >= 0 and var self) found.Body[self] = container;
        if (body is not null && Array.IndexOf(found.Body, s_using) >= 0) found.Enclosed = EnclosedWords.Of(body);
        foreach (var list in member.AttributeLists) AddAttributes(found, list, isOnMember: !isPlace);
        var parameters = member switch
        {
            BaseMethodDeclarationSyntax method => (BaseParameterListSyntax)method.ParameterList,
            IndexerDeclarationSyntax indexer => indexer.ParameterList,
            _ => null,
        };
        if (parameters is not null) AddAttributes(found, parameters);
        if (container == Words.Any && member.Parent is TypeDeclarationSyntax { ParameterList: { } extended }) AddAttributes(found, extended);
        var accessors = (member as BasePropertyDeclarationSyntax)?.AccessorList;
        foreach (var accessor in accessors?.Accessors ?? default)
        {
            foreach (var list in accessor.AttributeLists) AddAttributes(found, list, isOnMember: false);
        }

        bool isExtension = member is MethodDeclarationSyntax { ParameterList.Parameters: { Count: > 0 } list0 } && list0[0].Modifiers.Any(SyntaxKind.ThisKeyword);
        bool isNamedCall = member is MethodDeclarationSyntax or PropertyDeclarationSyntax or EventDeclarationSyntax;
        found.IsImplicit = !isNamedCall || s_implicit.Contains(name);
        found.IsExtension = isExtension;
    }
}
