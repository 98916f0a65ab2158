using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>The attributes that would say what is inferred of a body.</summary>
internal static class InferredDeclarations
{
    private static readonly SymbolDisplayFormat s_parameterName = new(
        parameterOptions: SymbolDisplayParameterOptions.IncludeName,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>The attribute that would say of an effect what is not said; null where it is said, or is not to be said.</summary>
    public static DeclarationText? OfEffect(EffectEntry entry, Contract contract, IMethodSymbol method) => entry.Effect.Role switch
    {
        EffectRole.Effect when !entry.Effect.IsOfRegions && !contract.Mentions(entry.Effect) => OnCondition(new DeclarationText("Might", entry.Effect.Name), entry.Guard, method),
        EffectRole.ForbiddenIn when !contract.ForbiddenIn.Any(declared => entry.Effect.Context!.Implies(declared)) =>
            new DeclarationText("ForbiddenIn", entry.Effect.Context!.Name),
        _ => null,
    };

    /// <summary>What every return changes, or what a returned true tells.</summary>
    public static IEnumerable<DeclarationText> Transitions(ImmutableArray<Outcome> outcomes)
    {
        var changed = outcomes.Where(static outcome => !outcome.Change.IsNone).ToList();
        if (changed.Count == 0 || changed.Exists(outcome => !outcome.Change.Equals(changed[0].Change))) yield break;
        bool isAlways = changed.Count == outcomes.Length;
        bool isTold = changed.TrueForAll(static outcome => outcome.Result.Truth == true)
            && outcomes.All(static outcome => !outcome.Change.IsNone || outcome.Result.Truth == false);
        if (!isAlways && !isTold) yield break;
        foreach (var entry in changed[0].Change.Entries)
        {
            if (!entry.Depth.IsCertain && entry.Depth.High >= 0) continue;
            yield return new DeclarationText(entry.Depth.Low > 0 ? "Enters" : "Leaves", entry.Context.Name) { IsOnResult = !isAlways };
        }
    }

    /// <summary>The attribute as a person would write it, with names as short as can be.</summary>
    public static string Readable(DeclarationText declaration, IMethodSymbol method)
    {
        string condition = declaration.When.Length == 0
            ? ""
            : $"(When = nameof({declaration.When}), {declaration.Relation} = {NumberText(declaration, method)})";
        string text = $"{declaration.Verb}<{ContextKind.Shorten(declaration.Marker)}>{condition}";
        return declaration.IsOnResult ? $"[return: {text}]" : $"[{text}]";
    }

    /// <summary>The condition, where an attribute can say it: one parameter, some bits or one constant.</summary>
    private static DeclarationText OnCondition(DeclarationText declaration, FactSet guard, IMethodSymbol method)
    {
        if (guard.All.Length != 1) return declaration;
        var fact = guard.All[0];
        var value = fact.Value;
        if (fact.Key is Operation { Kind: Operator.And, Left: Symbol flags, Right: Constant { Item: long mask } } && value.Excluded.Contains(0L))
        {
            return On(flags, "Has", mask);
        }

        return fact.Key is not Symbol symbol ? declaration
            : value.IsExact ? On(symbol, "Is", value.Exact)
            : value.Ones != 0 && value.Zeros == 0 ? On(symbol, "Has", unchecked((long)value.Ones))
            : value.Zeros != 0 && value.Ones == 0 ? On(symbol, "HasNot", unchecked((long)value.Zeros))
            : value.Excluded.Length == 1 ? On(symbol, "IsNot", value.Excluded[0])
            : declaration;

        DeclarationText On(Symbol symbol, string relation, object? constant)
        {
            if (symbol is not { Role: SymbolRole.Parameter, Index: >= 0 } || symbol.Index >= method.Parameters.Length || Written(constant) is not { } number) return declaration;
            var parameter = method.Parameters[symbol.Index];
            return declaration with
            {
                When = parameter.ToDisplayString(s_parameterName),
                Relation = relation,
                EnumType = constant is long && parameter.Type is INamedTypeSymbol { TypeKind: TypeKind.Enum } type ? WellKnown.MetadataName(type) : "",
                Number = number,
            };
        }
    }

    private static string? Written(object? constant) => constant switch
    {
        null => "null",
        true => "true",
        false => "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string NumberText(DeclarationText declaration, IMethodSymbol method)
    {
        foreach (var parameter in method.Parameters)
        {
            if (parameter.ToDisplayString(s_parameterName) != declaration.When || declaration.EnumType.Length == 0) continue;
            foreach (var member in parameter.Type.GetMembers())
            {
                if (member is IFieldSymbol { HasConstantValue: true } field && Written(Constant.Normalize(field.ConstantValue)) == declaration.Number) return parameter.Type.Name + "." + field.Name;
            }

            return $"({parameter.Type.Name}){declaration.Number}";
        }

        return declaration.Number;
    }
}
