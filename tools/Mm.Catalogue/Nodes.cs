using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Mm.Catalogue;

/// <summary>One assembly of the framework.</summary>
internal sealed class ModuleNode(string name, PEReader image)
{
    public string Name => name;

    public PEReader Image => image;

    public MetadataReader Reader { get; } = image.GetMetadataReader();

    /// <summary>Types by the name that documentation ids use.</summary>
    public Dictionary<string, TypeNode> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Types that moved to another assembly.</summary>
    public Dictionary<string, string> Forwards { get; } = new(StringComparer.Ordinal);

    public Dictionary<MethodDefinitionHandle, MethodNode> Methods { get; } = [];
}

internal sealed class TypeNode(ModuleNode module, TypeDefinitionHandle handle, string name)
{
    public ModuleNode Module => module;

    public TypeDefinitionHandle Handle => handle;

    public string Name => name;

    public TypeAttributes Attributes { get; } = module.Reader.GetTypeDefinition(handle).Attributes;

    public TypeNode? Outer { get; set; }

    public TypeNode? Base { get; set; }

    public List<MethodNode> Methods { get; } = [];

    public bool IsSealed => (Attributes & TypeAttributes.Sealed) != 0;

    public bool IsInterface => (Attributes & TypeAttributes.Interface) != 0;

    public bool IsValueType => Base?.Name is "System.ValueType" or "System.Enum";

    public bool IsDelegate => Base?.Name == "System.MulticastDelegate";

    public bool IsException => Is("System.Exception");

    /// <summary>Whether code of other assemblies can name it, or derive from what it is nested in.</summary>
    public bool IsVisible => (Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => Outer is { IsVisible: true },
        _ => false,
    };

    public bool Is(string ancestor)
    {
        for (var at = this; at is not null; at = at.Base)
        {
            if (at.Name == ancestor) return true;
        }

        return false;
    }
}

internal sealed class MethodNode
{
    public MethodNode(TypeNode type, MethodDefinitionHandle handle)
    {
        var reader = type.Module.Reader;
        var method = reader.GetMethodDefinition(handle);
        Type = type;
        Handle = handle;
        Name = reader.GetString(method.Name);
        Attributes = method.Attributes;
        Signature = method.DecodeSignature(TypeNames.Provider, null);
        Address = method.RelativeVirtualAddress;
        ImplAttributes = method.ImplAttributes;
        if ((Attributes & MethodAttributes.PinvokeImpl) != 0) Import = reader.GetString(method.GetImport().Name);
        Id = IdOf();
    }

    public TypeNode Type { get; }

    public MethodDefinitionHandle Handle { get; }

    public string Name { get; }

    public MethodAttributes Attributes { get; }

    public MethodImplAttributes ImplAttributes { get; }

    public MethodSignature<string> Signature { get; }

    /// <summary>Where the body stands in the image; 0 if there is none.</summary>
    public int Address { get; }

    /// <summary>The name of the native function, or null.</summary>
    public string? Import { get; }

    /// <summary>The documentation id.</summary>
    public string Id { get; }

    public bool HasBody => Address != 0;

    public bool IsStatic => (Attributes & MethodAttributes.Static) != 0;

    public bool IsAbstract => (Attributes & MethodAttributes.Abstract) != 0;

    public bool IsOverridable => (Attributes & (MethodAttributes.Virtual | MethodAttributes.Final)) == MethodAttributes.Virtual && !Type.IsSealed;

    /// <summary>An asynchronous member that types derived from this one override.</summary>
    public bool IsAsyncBase => IsOverridable && Name.EndsWith("Async", StringComparison.Ordinal);

    public bool IsNewSlot => (Attributes & MethodAttributes.NewSlot) != 0;

    public bool IsVirtual => (Attributes & MethodAttributes.Virtual) != 0;

    /// <summary>Whether code of other assemblies can call or override it.</summary>
    public bool IsVisible => Type.IsVisible
        && (Attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    /// <summary>Calls and facts of the main paths of the body; filled by <see cref="BodyScan"/>.</summary>
    public BodyScan? Scan { get; set; }

    public IEnumerable<Parameter> Parameters()
    {
        var reader = Type.Module.Reader;
        foreach (var handle in reader.GetMethodDefinition(Handle).GetParameters())
        {
            var parameter = reader.GetParameter(handle);
            if (parameter.SequenceNumber > 0) yield return parameter;
        }
    }

    /// <summary>The name of a parameter, counted from 0.</summary>
    public string ParameterName(int ordinal)
    {
        foreach (var parameter in Parameters())
        {
            if (parameter.SequenceNumber == ordinal + 1) return Type.Module.Reader.GetString(parameter.Name);
        }

        return "";
    }

    public bool HasAttribute(string name)
    {
        var reader = Type.Module.Reader;
        foreach (var handle in reader.GetMethodDefinition(Handle).GetCustomAttributes())
        {
            var constructor = reader.GetCustomAttribute(handle).Constructor;
            string type = constructor.Kind == HandleKind.MethodDefinition
                ? TypeNames.Of(reader, reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType())
                : reader.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } parent ? TypeNames.Of(reader, (TypeReferenceHandle)parent) : "";
            if (type == name) return true;
        }

        return false;
    }

    public override string ToString() => Id;

    /// <summary>Name, arity and parameters: what an override has in common with what it overrides.</summary>
    public static string KeyOf(string name, MethodSignature<string> signature)
    {
        string arity = signature.GenericParameterCount > 0 ? "``" + signature.GenericParameterCount : "";
        return name.Replace('.', '#') + arity + Parenthesize(signature.ParameterTypes) + (name is "op_Implicit" or "op_Explicit" ? "~" + signature.ReturnType : "");
    }

    private static string Parenthesize(ImmutableArray<string> types) => types.IsEmpty ? "" : "(" + string.Join(",", types) + ")";

    private string IdOf() => "M:" + Type.Name + "." + KeyOf(Name, Signature);
}
