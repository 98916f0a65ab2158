using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text;

namespace Mm.Analyzers.Tests.Contexts;

/// <summary>All that other assemblies see of one, as text: types, what they may stand on, members, constraints.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            Append(text, type);
        }

        return text.ToString().TrimEnd('\n');
    }

    private static void Append(StringBuilder text, Type type)
    {
        foreach (var attribute in type.GetCustomAttributesData().Select(Describe).Where(shown => shown.Length > 0).Order(StringComparer.Ordinal))
        {
            text.Append(attribute).Append('\n');
        }

        text.Append(Kind(type)).Append(' ').Append(type.Namespace).Append('.').Append(Name(type));
        var bases = (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? new[] { parent } : [])
            .Concat(type.IsEnum ? [] : type.GetInterfaces().OrderBy(face => face.FullName, StringComparer.Ordinal))
            .Select(Name)
            .ToArray();
        text.Append(bases.Length > 0 ? " : " + string.Join(", ", bases) : "").Append('\n');

        foreach (var argument in type.GetGenericArguments())
        {
            foreach (var constraint in argument.GetGenericParameterConstraints())
            {
                text.Append($"    where {argument.Name} : {Name(constraint)}\n");
            }
        }

        foreach (var member in Members(type).Order(StringComparer.Ordinal))
        {
            text.Append("    ").Append(member).Append('\n');
        }

        text.Append('\n');
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}");
        }

        var constructors = type.GetConstructors(Declared).Where(IsVisible).Select(made => $"new({Parameters(made)})");
        var methods = type.GetMethods(Declared).Where(IsVisible).Where(method => !method.IsSpecialName)
            .Select(method => $"{Static(method)}{Name(method.ReturnType)} {method.Name}({Parameters(method)})");
        var properties = type.GetProperties(Declared)
            .Select(property => (property, Accessors: property.GetAccessors(nonPublic: true).Where(IsVisible).ToArray()))
            .Where(found => found.Accessors.Length > 0)
            .Select(found => $"{Static(found.Accessors[0])}{Name(found.property.PropertyType)} {found.property.Name} {{ {Accessors(found.Accessors)} }}");
        var fields = type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
            .Select(field => $"{(field.IsLiteral ? "const " : "")}{Name(field.FieldType)} {field.Name}");
        return constructors.Concat(methods).Concat(properties).Concat(fields);
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static string Accessors(IEnumerable<MethodInfo> accessors) =>
        string.Join(" ", accessors.Select(accessor => accessor.Name.Split('_')[0] + ";").Order(StringComparer.Ordinal));

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Kind(Type type) =>
        type.IsInterface ? "interface"
        : type.IsEnum ? "enum"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsSealed ? "sealed class"
        : type.IsAbstract ? "abstract class"
        : "class";

    private static string Name(Type type) =>
        type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;

    /// <summary>The attributes that are part of the contract: what the compiler adds for itself is not.</summary>
    private static string Describe(CustomAttributeData attribute)
    {
        var type = attribute.AttributeType;
        if (type.Namespace == "System.Runtime.CompilerServices")
        {
            return "";
        }

        var arguments = attribute.ConstructorArguments.Select(Value)
            .Concat(attribute.NamedArguments.OrderBy(named => named.MemberName, StringComparer.Ordinal).Select(named => $"{named.MemberName} = {Value(named.TypedValue)}"));
        var name = Name(type);
        var shown = name.Contains('<') ? name.Replace("Attribute<", "<") : name[..^"Attribute".Length];
        return $"[{shown}({string.Join(", ", arguments)})]".Replace("()]", "]");
    }

    private static string Value(CustomAttributeTypedArgument argument) =>
        argument.ArgumentType.IsEnum
            ? Enum.ToObject(argument.ArgumentType, argument.Value!).ToString()!
            : argument.Value switch
            {
                null => "null",
                bool yes => yes ? "true" : "false",
                Type type => $"typeof({Name(type)})",
                var other => other.ToString()!,
            };
}
