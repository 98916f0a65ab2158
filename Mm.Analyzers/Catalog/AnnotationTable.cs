using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>What the built-in catalogue and annotation files say, found by documentation id.</summary>
internal sealed class AnnotationTable
{
    private readonly ContextTable _contexts;
    private readonly Dictionary<string, List<AnnotationLine>> _lines = new(StringComparer.Ordinal);
    private readonly List<AnnotationLine> _all = new();
    private readonly HashSet<string> _typeNames = new(StringComparer.Ordinal);

    public AnnotationTable(ContextTable contexts, IEnumerable<AnnotationLine> lines)
    {
        _contexts = contexts;
        foreach (var line in lines)
        {
            if (!_lines.TryGetValue(line.Key, out var same)) _lines.Add(line.Key, same = new List<AnnotationLine>());
            same.Add(line);
            _typeNames.Add(line.TypeName);
            _all.Add(line);
        }
    }

    public IReadOnlyList<AnnotationLine> Lines => _all;

    public Contract Of(IMethodSymbol method)
    {
        // Most types are named in no line: decide that before an id is built.
        if (method.ContainingType is not { } type || !_typeNames.Contains(type.Name)) return Contract.None;
        var contract = Contract.None;
        string? id = method.OriginalDefinition.GetDocumentationCommentId();
        if (id is null) return contract;
        contract = Apply(contract, id, method);
        int parameters = id.IndexOf('(');
        string name = parameters < 0 ? id : id.Substring(0, parameters);
        if (parameters >= 0) contract = contract.Over(Apply(Contract.None, name, method));
        if (method.AssociatedSymbol?.GetDocumentationCommentId() is { } associated)
        {
            contract = contract.Over(Apply(Contract.None, associated, method));
        }

        return contract.Over(Apply(Contract.None, "T:" + TypeId(type), method));
    }

    public ImmutableArray<ContextKind> ScopeOf(INamedTypeSymbol type)
    {
        var scopes = ImmutableArray<ContextKind>.Empty;
        if (!_typeNames.Contains(type.Name) || !_lines.TryGetValue("T:" + TypeId(type), out var lines)) return scopes;
        foreach (var line in lines)
        {
            if (line.Verb == "scope" && _contexts.Named(line.Subject) is { } context) scopes = scopes.Add(context);
        }

        return scopes;
    }

    /// <summary>The property that is certainly true once this one has been seen true; null for most properties.</summary>
    public IPropertySymbol? LatchOf(IPropertySymbol property)
    {
        if (property.ContainingType is not { } type || !_typeNames.Contains(type.Name)) return null;
        if (property.OriginalDefinition.GetDocumentationCommentId() is not { } id || !_lines.TryGetValue(id, out var lines)) return null;
        foreach (var line in lines)
        {
            if (line.Verb == "latch") return FindProperty(type, line.Subject);
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

    private static string TypeId(INamedTypeSymbol type) => type.OriginalDefinition.GetDocumentationCommentId()?.Substring(2) ?? "";

    private Contract Apply(Contract contract, string key, IMethodSymbol method)
    {
        if (!_lines.TryGetValue(key, out var lines)) return contract;
        foreach (var line in lines) contract = Apply(contract, line, method);
        return contract;
    }

    private Contract Apply(Contract contract, AnnotationLine line, IMethodSymbol method)
    {
        switch (line.Verb)
        {
            case "might" when line.Subject == "unknown":
                return contract with { Might = contract.Might.Add(new EffectClause(EffectKind.Unknown, null)) };
            case "might" when _contexts.Effect(line.Subject) is { } effect:
                if (line.Latch is { } latch && FindProperty(method.ContainingType, latch) is { } property)
                {
                    var done = new Symbol(SymbolRole.Field, 0, property, Symbol.This);
                    return contract with { Might = contract.Might.Add(new EffectClause(effect, new Condition(Fold.Not(done), false))) };
                }

                if (line.Parameter is null) return contract with { Might = contract.Might.Add(new EffectClause(effect, null)) };
                return Ordinal(method, line.Parameter) is { } ordinal
                    ? contract with { Might = contract.Might.Add(new EffectClause(effect, line.Condition(Symbol.Parameter(ordinal)))) }
                    : contract;
            case "never" when _contexts.Effect(line.Subject) is { } effect:
                return contract with { Never = contract.Never.Add(effect) };
            case "enters" or "leaves" when _contexts.Named(line.Subject) is { } context:
                var transition = new Transition(context, line.Verb == "enters" ? 1 : -1);
                if (line.Parameter is null) return contract with { Transitions = contract.Transitions.Add(transition) };
                if (line.Parameter == "result")
                {
                    transition = method.ReturnType.SpecialType == SpecialType.System_Boolean
                        ? transition with { Outcome = OutcomeKind.Result, On = true }
                        : transition with { Outcome = OutcomeKind.ResultNotNull };
                    return contract with { Transitions = contract.Transitions.Add(transition) };
                }

                return Ordinal(method, line.Parameter) is { } taken
                    ? contract with
                    {
                        Transitions = contract.Transitions.Add(transition with
                        {
                            Outcome = OutcomeKind.Parameter,
                            Parameter = taken,
                            SetsParameter = line.IsCertain,
                        }),
                    }
                    : contract;
            case "requires" when _contexts.Named(line.Subject) is { } context:
                return contract with { Requires = contract.Requires.Add(context) };
            case "forbidden" when _contexts.Named(line.Subject) is { } context:
                return contract with { ForbiddenIn = contract.ForbiddenIn.Add(context) };
            case "runs" when _contexts.Named(line.Subject) is { } context:
                return contract with { RunsIn = contract.RunsIn.Add(context) };
            case "tests" when _contexts.Named(line.Subject) is { } context:
                return contract with { Tests = context };
            case "deferred" when Ordinal(method, line.Subject) is { } deferred:
                var place = contract.Parameters.TryGetValue(deferred, out var known) ? known : Contract.None;
                return contract with { Parameters = contract.Parameters.SetItem(deferred, place with { IsDeferred = true }) };
            default:
                return contract;
        }
    }

    private static int? Ordinal(IMethodSymbol method, string name)
    {
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Name == name) return parameter.Ordinal;
        }

        return null;
    }
}
