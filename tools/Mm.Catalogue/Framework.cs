using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Mm.Catalogue;

/// <summary>The assemblies of a shared framework, with the references between them resolved.</summary>
internal sealed class Framework
{
    private readonly Dictionary<string, ModuleNode> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<(ModuleNode, EntityHandle), MethodNode?> _resolved = [];
    private readonly Dictionary<TypeNode, List<TypeNode>> _derived = [];

    public Framework(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal))
        {
            var image = new PEReader(ImmutableArray.Create(File.ReadAllBytes(path)));
            if (!image.HasMetadata) continue;
            string name = Path.GetFileNameWithoutExtension(path);
            _modules.Add(name, new ModuleNode(name, image));
        }

        foreach (var module in _modules.Values) ReadTypes(module);
        foreach (var module in _modules.Values) ReadBases(module);
    }

    public IEnumerable<ModuleNode> Modules => _modules.Values;

    public IEnumerable<MethodNode> Methods => _modules.Values.SelectMany(module => module.Types.Values).SelectMany(type => type.Methods);

    /// <summary>The type behind a token, whatever its type arguments; null for arrays, type parameters and what is not there.</summary>
    public TypeNode? TypeOf(ModuleNode module, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return module.Types.GetValueOrDefault(TypeNames.Of(module.Reader, (TypeDefinitionHandle)handle));
            case HandleKind.TypeReference:
                return TypeOf(module, (TypeReferenceHandle)handle);
            case HandleKind.TypeSpecification:
                var reader = module.Reader.GetBlobReader(module.Reader.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                if (reader.ReadByte() != (byte)SignatureTypeCode.GenericTypeInstance) return null;
                reader.ReadByte();
                return TypeOf(module, reader.ReadTypeHandle());
            default:
                return null;
        }
    }

    /// <summary>The method behind a token; null where it is none of the framework's (of an array, a function pointer).</summary>
    public MethodNode? MethodOf(ModuleNode module, EntityHandle handle)
    {
        if (_resolved.TryGetValue((module, handle), out var known)) return known;
        var found = handle.Kind switch
        {
            HandleKind.MethodDefinition => module.Methods.GetValueOrDefault((MethodDefinitionHandle)handle),
            HandleKind.MethodSpecification => MethodOf(module, module.Reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method),
            HandleKind.MemberReference => Member(module, module.Reader.GetMemberReference((MemberReferenceHandle)handle)),
            _ => null,
        };
        _resolved.Add((module, handle), found);
        return found;
    }

    /// <summary>The number of arguments and whether there is a result, of methods that are not resolved too.</summary>
    public static (int Arguments, bool HasThis, bool HasResult) ShapeOf(ModuleNode module, EntityHandle handle)
    {
        var reader = module.Reader;
        var signature = handle.Kind switch
        {
            HandleKind.MethodDefinition => reader.GetMethodDefinition((MethodDefinitionHandle)handle).DecodeSignature(TypeNames.Provider, null),
            HandleKind.MemberReference => reader.GetMemberReference((MemberReferenceHandle)handle).DecodeMethodSignature(TypeNames.Provider, null),
            HandleKind.StandaloneSignature => reader.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(TypeNames.Provider, null),
            _ => default,
        };
        if (handle.Kind == HandleKind.MethodSpecification) return ShapeOf(module, reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
        return (signature.ParameterTypes.Length, signature.Header.IsInstance, signature.ReturnType != "System.Void");
    }

    /// <summary>All overrides of a method in types derived from its own.</summary>
    public IEnumerable<MethodNode> OverridesOf(MethodNode method)
    {
        var pending = new Stack<TypeNode>(_derived.GetValueOrDefault(method.Type) ?? []);
        while (pending.TryPop(out var type))
        {
            if (InType(type, method) is { IsVirtual: true, IsNewSlot: false } found) yield return found;
            foreach (var next in _derived.GetValueOrDefault(type) ?? []) pending.Push(next);
        }
    }

    /// <summary>The method of a type that is called by this name with these parameters; type arguments may make them differ.</summary>
    public static MethodNode? InType(TypeNode type, MethodNode like)
    {
        string key = MethodNode.KeyOf(like.Name, like.Signature);
        MethodNode? similar = null;
        int candidates = 0;
        foreach (var method in type.Methods)
        {
            if (method.Name != like.Name || method.Signature.ParameterTypes.Length != like.Signature.ParameterTypes.Length) continue;
            if (MethodNode.KeyOf(method.Name, method.Signature) == key) return method;
            similar = method;
            candidates++;
        }

        return candidates == 1 && like.Type.Name.Contains('`') ? similar : null;
    }

    private void ReadTypes(ModuleNode module)
    {
        var reader = module.Reader;
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = new TypeNode(module, handle, TypeNames.Of(reader, handle));
            module.Types[type.Name] = type;
            foreach (var method in reader.GetTypeDefinition(handle).GetMethods())
            {
                var node = new MethodNode(type, method);
                type.Methods.Add(node);
                module.Methods.Add(method, node);
            }
        }

        foreach (var handle in reader.ExportedTypes)
        {
            var forwarded = reader.GetExportedType(handle);
            if (forwarded.Implementation.Kind != HandleKind.AssemblyReference) continue;
            string target = reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)forwarded.Implementation).Name);
            module.Forwards[reader.GetString(forwarded.Namespace) + "." + reader.GetString(forwarded.Name)] = target;
        }
    }

    private void ReadBases(ModuleNode module)
    {
        foreach (var type in module.Types.Values)
        {
            var definition = module.Reader.GetTypeDefinition(type.Handle);
            if (definition.GetDeclaringType() is { IsNil: false } outer) type.Outer = TypeOf(module, outer);
            if (definition.BaseType.IsNil) continue;
            type.Base = TypeOf(module, definition.BaseType);
            if (type.Base is null) continue;
            if (!_derived.TryGetValue(type.Base, out var derived)) _derived.Add(type.Base, derived = []);
            derived.Add(type);
        }
    }

    private TypeNode? TypeOf(ModuleNode module, TypeReferenceHandle handle)
    {
        string name = TypeNames.Of(module.Reader, handle);
        var outermost = module.Reader.GetTypeReference(handle);
        while (outermost.ResolutionScope.Kind == HandleKind.TypeReference) outermost = module.Reader.GetTypeReference((TypeReferenceHandle)outermost.ResolutionScope);
        if (outermost.ResolutionScope.Kind != HandleKind.AssemblyReference) return module.Types.GetValueOrDefault(name);
        string assembly = module.Reader.GetString(module.Reader.GetAssemblyReference((AssemblyReferenceHandle)outermost.ResolutionScope).Name);
        string forwardedName = module.Reader.GetString(outermost.Namespace) + "." + module.Reader.GetString(outermost.Name);
        for (int hops = 0; hops < 8 && _modules.TryGetValue(assembly, out var target); hops++)
        {
            if (target.Types.TryGetValue(name, out var type)) return type;
            if (!target.Forwards.TryGetValue(forwardedName, out string? next)) return null;
            assembly = next;
        }

        return null;
    }

    private MethodNode? Member(ModuleNode module, MemberReference member)
    {
        if (member.GetKind() != MemberReferenceKind.Method) return null;
        if (member.Parent.Kind == HandleKind.MethodDefinition) return MethodOf(module, (MethodDefinitionHandle)member.Parent);
        string name = module.Reader.GetString(member.Name);
        string key = MethodNode.KeyOf(name, member.DecodeMethodSignature(TypeNames.Provider, null));
        for (var type = TypeOf(module, member.Parent); type is not null; type = type.Base)
        {
            foreach (var method in type.Methods)
            {
                if (method.Name == name && MethodNode.KeyOf(name, method.Signature) == key) return method;
            }
        }

        return null;
    }
}
