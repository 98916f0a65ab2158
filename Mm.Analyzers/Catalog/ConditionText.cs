using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mm.Analyzers.Catalog;

/// <summary>The words of a condition on an argument, as they go on behind "might sleep".</summary>
internal static class ConditionText
{
    /// <summary>"with Gfp.MayBlock set", "unless 'timeout' is 0".</summary>
    public static string Of(string relation, string parameter, string operand) => relation switch
    {
        "Has" or "has" => $"with {operand} set",
        "HasNot" or "has not" => $"with {operand} not set",
        "IsNot" or "is not" => $"unless '{parameter}' is {operand}",
        _ => $"if '{parameter}' is {operand}",
    };

    /// <summary>The constant as code writes it, without its namespace: 'Gfp.MayBlock'.</summary>
    public static string Operand(TypedConstant constant)
    {
        string text = constant.IsNull ? "null" : constant.ToCSharpString();
        if (constant.Kind != TypedConstantKind.Enum || constant.Type is not { } type || text.IndexOf('(') >= 0) return text;
        return text.IndexOf('|') < 0 ? Short(text) : string.Join(" or ", text.Split('|').Select(static name => Short(name.Trim())).Where(name => !IsZero(type, name)));
    }

    private static bool IsZero(ITypeSymbol type, string name) =>
        type.GetMembers(name.Substring(name.LastIndexOf('.') + 1)).Any(static member => member is IFieldSymbol { ConstantValue: { } value } && Lattice.Constant.Normalize(value) is 0L);

    /// <summary>'Gfp.MayBlock' of 'Acme.Gfp.MayBlock'.</summary>
    public static string Short(string name)
    {
        int last = name.LastIndexOf('.');
        int before = last > 0 ? name.LastIndexOf('.', last - 1) : -1;
        return name.Substring(before + 1);
    }
}
