using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>The declarations of a referenced assembly that may carry the vocabulary, in the form of those of a syntax tree.</summary>
internal static class AssemblyNames
{
    private static readonly ConditionalWeakTable<IAssemblySymbol, List<NamedDeclaration>> s_known = new();

    public static List<NamedDeclaration> Of(IAssemblySymbol assembly) => s_known.GetValue(assembly, Read);

    /// <summary>Referenced assemblies that can hold attributes of the vocabulary, or types made of such.</summary>
    public static List<IAssemblySymbol> Annotated(Compilation compilation)
    {
        var vocabulary = new HashSet<string>();
        foreach (var marker in compilation.GetTypesByMetadataName(WellKnown.Namespace + ".IContext")) vocabulary.Add(marker.ContainingAssembly.Name);
        var annotated = new List<IAssemblySymbol>();
        var candidates = new List<IAssemblySymbol>();
        foreach (var reference in compilation.References)
        {
            if (compilation.GetAssemblyOrModuleSymbol(reference) is not IAssemblySymbol assembly || WellKnown.IsFramework(assembly)) continue;
            if (vocabulary.Contains(assembly.Name)) annotated.Add(assembly);
            else candidates.Add(assembly);
        }

        for (bool found = true; found;)
        {
            found = false;
            for (int i = candidates.Count - 1; i >= 0; i--)
            {
                if (!Mentions(candidates[i], vocabulary)) continue;
                vocabulary.Add(candidates[i].Name);
                annotated.Add(candidates[i]);
                candidates.RemoveAt(i);
                found = true;
            }
        }

        return annotated;
    }

    private static bool Mentions(IAssemblySymbol assembly, HashSet<string> names)
    {
        foreach (var module in assembly.Modules)
        {
            foreach (var reference in module.ReferencedAssemblies)
            {
                if (names.Contains(reference.Name)) return true;
            }
        }

        return false;
    }

    private static List<NamedDeclaration> Read(IAssemblySymbol assembly)
    {
        var declarations = new List<NamedDeclaration>();
        var pending = new Stack<INamespaceOrTypeSymbol>();
        pending.Push(assembly.GlobalNamespace);
        var words = new HashSet<int>();
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (next is INamedTypeSymbol type) declarations.Add(ReadType(type, words));
            foreach (var member in next.GetMembers())
            {
                if (member is INamespaceOrTypeSymbol inner) pending.Push(inner);
                else if (ReadMember(member, words) is { } declared) declarations.Add(declared);
            }
        }

        return declarations;
    }

    private static NamedDeclaration ReadType(INamedTypeSymbol type, HashSet<int> words)
    {
        words.Clear();
        if (type.BaseType is { } baseType) AddType(baseType, words);
        foreach (var implemented in type.Interfaces) AddType(implemented, words);
        if (type.DelegateInvokeMethod is { } invoke) AddSignature(invoke, words);
        var declared = Make(type, type.IsValueType ? DeclarationKind.Struct : DeclarationKind.Type, words);
        AddAttributes(declared, type.GetAttributes(), type.TypeKind != TypeKind.Delegate);
        if (type.DelegateInvokeMethod is { } called) AddParameters(declared, called);
        return declared;
    }

    private static NamedDeclaration? ReadMember(ISymbol member, HashSet<int> words)
    {
        words.Clear();
        switch (member)
        {
            case IMethodSymbol method:
                AddSignature(method, words);
                var declared = Make(method.AssociatedSymbol ?? method, method.AssociatedSymbol is null ? DeclarationKind.Method : DeclarationKind.Place, words);
                declared.IsImplicit |= method.MethodKind is MethodKind.Constructor or MethodKind.UserDefinedOperator or MethodKind.Conversion;
                declared.IsExtension = method.IsExtensionMethod;
                declared.IsInValue = IsValue(method.ContainingType);
                AddAttributes(declared, method.GetAttributes(), isOnMember: true);
                AddAttributes(declared, method.GetReturnTypeAttributes(), isOnMember: false);
                AddParameters(declared, method);
                AddRecorded(declared, method);
                return declared;
            case IPropertySymbol or IFieldSymbol or IEventSymbol:
                AddType(member is IPropertySymbol property ? property.Type : member is IFieldSymbol field ? field.Type : ((IEventSymbol)member).Type, words);
                var place = Make(member, DeclarationKind.Place, words);
                place.IsImplicit |= member is IPropertySymbol { IsIndexer: true };
                place.IsInValue = IsValue(member.ContainingType);
                AddAttributes(place, member.GetAttributes(), isOnMember: false);
                return place;
            default:
                return null;
        }
    }

    private static bool IsValue(INamedTypeSymbol type) => type.IsValueType || type.TypeKind == TypeKind.Interface;

    private static NamedDeclaration Make(ISymbol symbol, DeclarationKind kind, HashSet<int> words)
    {
        int[] head = new int[words.Count];
        words.CopyTo(head);
        string name = symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } ? symbol.ContainingType.Name : NameIndex.SimpleName(symbol);
        return new NamedDeclaration(Words.Hash(name), kind, default(TextSpan), symbol.ContainingType is { } type ? Words.Hash(type.Name) : 0)
        {
            Head = head,
            IsImplicit = TreeNames.IsImplicitName(name),
        };
    }

    private static void AddSignature(IMethodSymbol method, HashSet<int> words)
    {
        AddType(method.ReturnType, words);
        foreach (var parameter in method.Parameters) AddType(parameter.Type, words);
    }

    private static void AddType(ITypeSymbol type, HashSet<int> words)
    {
        switch (type)
        {
            case IArrayTypeSymbol array: AddType(array.ElementType, words); break;
            case IPointerTypeSymbol pointer: AddType(pointer.PointedAtType, words); break;
            case INamedTypeSymbol named:
                words.Add(Words.Hash(named.Name));
                foreach (var argument in named.TypeArguments) AddType(argument, words);
                if (named.ContainingType is { } outer) AddType(outer, words);
                break;
        }
    }

    private static void AddParameters(NamedDeclaration declared, IMethodSymbol method)
    {
        foreach (var parameter in method.Parameters) AddAttributes(declared, parameter.GetAttributes(), isOnMember: false);
    }

    // A method that enters or leaves, that runs in a context what it is handed, or whose effects hang on flags, is one to look out for
    // whether that was written or inferred.
    private static void AddRecorded(NamedDeclaration declared, IMethodSymbol method)
    {
        if (RecordedAssembly.Of(method.ContainingAssembly) is not { } recorded) return;
        foreach (bool isDispatch in new[] { false, true })
        {
            if (recorded.TextOf(method, isDispatch) is not { } text) continue;
            if (RecordedAssembly.ChangesContexts(text) || RecordedAssembly.RunsInContext(text)) (declared.Attributes ??= new List<NamedAttribute>()).Add(new NamedAttribute(Words.Hash("Enters"), false, true));
            if (RecordedAssembly.HangsOnFlags(text)) (declared.Attributes ??= new List<NamedAttribute>()).Add(new NamedAttribute(Words.Hash("Might"), true, true));
        }
    }

    private static void AddAttributes(NamedDeclaration declared, System.Collections.Immutable.ImmutableArray<AttributeData> attributes, bool isOnMember)
    {
        foreach (var attribute in attributes)
        {
            if (WellKnown.VocabularyName(attribute.AttributeClass) is not { } name) continue;
            bool hasArguments = !attribute.ConstructorArguments.IsEmpty || !attribute.NamedArguments.IsEmpty;
            (declared.Attributes ??= new List<NamedAttribute>()).Add(new NamedAttribute(Words.Hash(name), hasArguments, isOnMember));
        }
    }
}
