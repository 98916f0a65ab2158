using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// What annotation files and the built-in catalogue say, found by documentation id. The nearer line wins: the project's over the
/// catalogue's, an id with a parameter list over one without, that over a pattern ('Acme.*Latch.Take'), that over all members ('.*'),
/// that over the type, and this over a pattern of types.
/// </summary>
internal sealed class AnnotationTable
{
    // In front of the key of a line that a pattern has become.
    private const string Pattern = "*";

    private readonly ContextTable _contexts;
    private readonly Dictionary<string, List<AnnotationLine>> _project = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<AnnotationLine>> _builtIn = new(StringComparer.Ordinal);
    private readonly List<AnnotationLine> _all = new();
    private readonly HashSet<string> _typeNames = new(StringComparer.Ordinal);

    public AnnotationTable(ContextTable contexts, IEnumerable<AnnotationLine> lines)
    {
        _contexts = contexts;
        foreach (var line in lines)
        {
            if (!line.IsPattern)
            {
                Add(line, line.Key);
                continue;
            }

            // Names are known once the compilation is: from here on, a pattern is so many lines.
            foreach (string id in contexts.IdsOf(line.Key)) Add(line.Of(id), Pattern + id);
        }
    }

    public RegionRules Regions => _contexts.Regions;

    /// <summary>Those of the project and of the written part of the catalogue: of the derived part no line speaks of contexts.</summary>
    public IReadOnlyList<AnnotationLine> Lines => _all;

    /// <param name="method">The member.</param>
    /// <param name="isFromProject">Only what the project's own files say.</param>
    public Contract Of(IMethodSymbol method, bool isFromProject = false)
    {
        // Most types are named in no line: decide that before an id is built.
        if (method.ContainingType is not { } type || !IsNamed(type.Name, isFromProject)) return Contract.None;
        if (method.OriginalDefinition.GetDocumentationCommentId() is not { } id) return Contract.None;
        int parameters = id.IndexOf('(');
        string? property = method.AssociatedSymbol?.OriginalDefinition.GetDocumentationCommentId();
        string typeId = TypeId(type);
        string?[] keys =
        [
            id,
            parameters < 0 ? null : id.Substring(0, parameters),
            property,
            Pattern + id,
            Pattern + property,
            "M:" + typeId + ".*",
            "T:" + typeId,
            Pattern + "T:" + typeId,
        ];
        var contract = Contract.None;
        foreach (var layer in Layers(isFromProject ? null : type.Name, keys))
        {
            var said = Contract.None;
            foreach (var line in layer) said = Apply(said, line, method);
            contract = contract.Over(said);
        }

        return contract;
    }

    public ImmutableArray<ContextKind> ScopeOf(INamedTypeSymbol type)
    {
        var scopes = ImmutableArray<ContextKind>.Empty;
        if (!_typeNames.Contains(type.Name)) return scopes;
        foreach (var layer in Layers(type.Name, "T:" + TypeId(type), Pattern + "T:" + TypeId(type)))
        {
            foreach (var line in layer)
            {
                if (line.Verb == "scope" && _contexts.Named(line.Subject) is { } context) scopes = scopes.Add(context);
            }

            if (!scopes.IsEmpty) break;
        }

        return scopes;
    }

    /// <summary>What a line says that no member of the type does.</summary>
    public ImmutableHashSet<EffectKind> NeverOf(INamedTypeSymbol type)
    {
        var never = ImmutableHashSet<EffectKind>.Empty;
        if (!_typeNames.Contains(type.Name)) return never;
        foreach (var layer in Layers(type.Name, "T:" + TypeId(type)))
        {
            foreach (var line in layer)
            {
                if (line.Verb == "never" && _contexts.Effect(line.Subject) is { } effect) never = never.Add(effect);
            }
        }

        return never;
    }

    /// <summary>The property that is certainly true once this one has been seen true; null for most properties.</summary>
    public IPropertySymbol? LatchOf(IPropertySymbol property)
    {
        if (property.ContainingType is not { } type || !_typeNames.Contains(type.Name)) return null;
        if (property.OriginalDefinition.GetDocumentationCommentId() is not { } id) return null;
        foreach (var layer in Layers(type.Name, id, Pattern + id))
        {
            foreach (var line in layer)
            {
                if (line.Verb == "latch") return FindProperty(type, line.Subject);
            }
        }

        return null;
    }

    public static IPropertySymbol? FindProperty(ITypeSymbol? type, string name)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.OriginalDefinition.GetMembers(name))
            {
                if (member is IPropertySymbol property) return property;
            }
        }

        return null;
    }

    /// <summary>The constant that a condition compares a parameter with: names of enumeration members are looked up; false if there is none.</summary>
    public static bool TryOperand(AnnotationLine line, ITypeSymbol type, out object? operand)
    {
        operand = line.Operand;
        if (operand is not string names) return line.Relation is not ("has" or "has not") || operand is long;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable) type = nullable.TypeArguments[0];
        if (type.TypeKind != TypeKind.Enum) return false;
        long bits = 0;
        foreach (string name in names.Split('|'))
        {
            // 'Gfp.MayBlock' and 'MayBlock' are the same to a parameter of type Gfp.
            string simple = name.Substring(name.LastIndexOf('.') + 1);
            long? value = null;
            foreach (var member in type.GetMembers(simple))
            {
                if (member is IFieldSymbol { HasConstantValue: true } field) value = Constant.Normalize(field.ConstantValue) as long?;
            }

            if (value is null) return false;
            bits |= value.Value;
        }

        operand = bits;
        return true;
    }

    private void Add(AnnotationLine line, string key)
    {
        var table = line.IsBuiltIn ? _builtIn : _project;
        if (!table.TryGetValue(key, out var same)) table.Add(key, same = new List<AnnotationLine>());
        same.Add(line);
        _typeNames.Add(line.TypeName);
        _all.Add(line);
    }

    private static string TypeId(INamedTypeSymbol type) => type.OriginalDefinition.GetDocumentationCommentId()?.Substring(2) ?? "";

    private bool IsNamed(string type, bool isFromProject) => _typeNames.Contains(type) || !isFromProject && DerivedLines.Shared.Names(type);

    /// <summary>The lines of these keys, nearest first, without those that a nearer one takes back.</summary>
    /// <param name="type">The simple name of the type, for what the catalogue says of it; null if it is not asked.</param>
    /// <param name="keys">Documentation ids, nearest first.</param>
    private IEnumerable<List<AnnotationLine>> Layers(string? type, params string?[] keys)
    {
        List<AnnotationLine>? negations = null;
        foreach (var table in type is null ? new[] { _project } : new[] { _project, _builtIn, DerivedLines.Shared.Of(type) })
        {
            foreach (string? key in keys)
            {
                if (key is null || !table.TryGetValue(key, out var lines)) continue;
                var kept = lines;
                foreach (var line in lines)
                {
                    bool isTakenBack = negations is not null && negations.Exists(negation => negation.TakesBack(line));
                    if (!line.IsNegated && !isTakenBack) continue;
                    if (ReferenceEquals(kept, lines)) kept = new List<AnnotationLine>(lines);
                    kept.Remove(line);
                }

                yield return kept;
                foreach (var line in lines)
                {
                    if (line.IsNegated) (negations ??= new List<AnnotationLine>()).Add(line);
                }
            }
        }
    }

    private Contract Apply(Contract contract, AnnotationLine line, IMethodSymbol method)
    {
        switch (line.Verb)
        {
            case "might" when line.Subject == "unknown":
                return contract with { Might = contract.Might.Add(new EffectClause(EffectKind.Unknown, null)) };
            case "might" when _contexts.Effect(line.Subject) is { } effect:
                return Clause(line, method, effect) is { } clause ? contract with { Might = contract.Might.Add(clause) } : contract;
            case "never" when _contexts.Effect(line.Subject) is { } effect:
                return contract with { Never = contract.Never.Add(effect) };
            case "enters" or "leaves" when _contexts.Named(line.Subject) is { } context:
                if (Transition(line, method, context) is not { } transition) return contract;
                var transitions = contract.Transitions.Add(transition);
                if (line.IsBuiltIn && line.TypeName == "SpinLock" && _contexts.Regions.ContextOf(Region.SpinLock) is { } region) transitions = transitions.Add(transition with { Context = region });
                return contract with { Transitions = transitions, IsFromFile = true };
            case "requires" when _contexts.Named(line.Subject) is { } context:
                return contract with { Requires = contract.Requires.Add(context) };
            case "forbidden" when _contexts.Named(line.Subject) is { } context:
                return contract with { ForbiddenIn = contract.ForbiddenIn.Add(context) };
            case "runs" when _contexts.Named(line.Subject) is { } context:
                return contract with { RunsIn = contract.RunsIn.Add(context) };
            case "tests" when _contexts.Named(line.Subject) is { } context:
                if (line.Relation is null) return contract with { Tests = context };
                return TryOperand(line, method.ReturnType, out object? tested) && tested is not null ? contract with { Tests = context, TestsFor = tested } : contract;
            case "deferred" when ParameterOf(method, line.Subject) is { } deferred:
                var place = contract.Parameters.TryGetValue(deferred.Ordinal, out var known) ? known : Contract.None;
                return contract with { Parameters = contract.Parameters.SetItem(deferred.Ordinal, place with { IsDeferred = true }) };
            default:
                return contract;
        }
    }

    private static EffectClause? Clause(AnnotationLine line, IMethodSymbol method, EffectKind effect)
    {
        if (line.Latch is { } latch && FindProperty(method.ContainingType, latch) is { } property)
        {
            var done = new Symbol(SymbolRole.Field, 0, property, Symbol.This);
            return new EffectClause(effect, new Condition(Fold.Not(done), false));
        }

        if (line.Parameter is null) return new EffectClause(effect, null);
        if (ParameterOf(method, line.Parameter) is not { } parameter) return null;
        var value = Symbol.Parameter(parameter.Ordinal);
        return line.Relation is null
            ? new EffectClause(effect, new Condition(value, false))
            : new EffectClause(effect, TryOperand(line, parameter.Type, out object? operand) ? line.Condition(value, operand) : null);
    }

    private static Transition? Transition(AnnotationLine line, IMethodSymbol method, ContextKind context)
    {
        var transition = new Transition(context, line.Verb == "enters" ? 1 : -1);
        if (line.Parameter is null) return transition;
        if (line.Parameter != AnnotationLine.Result)
        {
            return ParameterOf(method, line.Parameter) is { } taken
                ? transition with { Outcome = OutcomeKind.Parameter, Parameter = taken.Ordinal, SetsParameter = line.IsCertain }
                : null;
        }

        if (line.Relation == "is" && TryOperand(line, method.ReturnType, out object? on)) return transition with { Outcome = OutcomeKind.Result, On = on };
        return method.ReturnType.SpecialType == SpecialType.System_Boolean
            ? transition with { Outcome = OutcomeKind.Result, On = true }
            : transition with { Outcome = OutcomeKind.ResultNotNull };
    }

    private static IParameterSymbol? ParameterOf(IMethodSymbol method, string name)
    {
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Name == name) return parameter;
        }

        return null;
    }
}
