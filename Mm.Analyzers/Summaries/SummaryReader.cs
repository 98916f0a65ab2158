using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// Reads what <see cref="SummaryWriter"/> wrote in another compilation. A line that it does not understand is left out, and so is a
/// context whose marker type this compilation does not see.
/// </summary>
internal sealed class SummaryReader
{
    private readonly Compilation _compilation;
    private readonly ContextTable _contexts;

    public SummaryReader(Compilation compilation, ContextTable contexts)
    {
        _compilation = compilation;
        _contexts = contexts;
    }

    public Summary Read(IMethodSymbol method, string text)
    {
        var effects = ImmutableArray.CreateBuilder<EffectEntry>();
        var outcomes = ImmutableArray.CreateBuilder<Outcome>();
        bool isNever = false;
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split('\t');
            if (fields[0] == "never") isNever = true;
            if (fields.Length < 2) continue;
            if (fields[0] == "returns") outcomes.Add(ReadOutcome(fields));
            else if (ReadEffect(method, fields) is { } entry) effects.Add(entry);
        }

        if (outcomes.Count == 0 && !isNever) outcomes.Add(Outcome.Unchanged);
        return new Summary(effects.ToImmutable(), outcomes.ToImmutable());
    }

    private EffectEntry? ReadEffect(IMethodSymbol method, string[] fields)
    {
        EffectKind? effect = fields[0] switch
        {
            "might" => EffectKind.Named(fields[1]),
            "forbidden" when ContextOf(fields[1]) is { } context => EffectKind.ForbiddenIn(context),
            "unknown" => EffectKind.Unknown,
            "invokes" or "starts" or "calls" or "asks" => EffectKind.Deferred,
            _ => null,
        };
        Value? function = null;
        if (fields[0] is "invokes" or "starts")
        {
            if (!int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)) return null;
            function = Symbol.Parameter(ordinal);
        }

        if (effect is null || PathOf(fields[fields.Length - 1]) is not { } witness) return null;
        var entry = new EffectEntry(effect, witness) { Function = function, IsStarted = fields[0] == "starts" };
        if (fields[0] == "calls")
        {
            int gap = fields[1].IndexOf(' ');
            if (gap < 0 || ParameterOf(method, fields[1].Substring(0, gap)) is not { } parameter) return null;
            string id = fields[1].Substring(gap + 1);
            var member = id.Length == 0 ? null : DocumentationCommentId.GetFirstSymbolForDeclarationId(id, _compilation) as IMethodSymbol;
            if (id.Length > 0 && member is null) return null;
            entry = entry with { TypeParameter = parameter, Member = member };
        }

        if (fields[0] == "asks")
        {
            int gap = fields[1].IndexOf(' ');
            if (gap < 0 || ObjectOf(fields[1].Substring(0, gap)) is not { } asked) return null;
            if (DocumentationCommentId.GetFirstSymbolForDeclarationId(fields[1].Substring(gap + 1), _compilation) is not IMethodSymbol member) return null;
            entry = entry with { Function = asked, Member = member };
        }

        var own = ImmutableArray<ContextKind>.Empty;
        for (int i = 2; i < fields.Length - 1; i++)
        {
            string field = fields[i];
            string rest = field.Length > 0 ? field.Substring(1) : "";
            switch (field.Length > 0 ? field[0] : ' ')
            {
                case '?':
                    if (Learn(entry.Guard, rest) is not { } guard) return null;
                    entry = entry with { Guard = guard };
                    break;
                case 'f':
                    entry = entry with { IsFlags = true };
                    break;
                case 'i' or 'o' when ContextOf(rest) is { } tested:
                    entry = entry with { Contexts = entry.Contexts.Add(new TestedContext(tested, field[0] == 'i')) };
                    break;
                case '~':
                    entry = entry with { Change = Change(entry.Change, rest) };
                    break;
                case 'h' when ContextOf(rest) is { } held:
                    own = own.Add(held);
                    break;
            }
        }

        return own.IsEmpty ? entry : entry with { Own = new Held(own, null) };
    }

    private Outcome ReadOutcome(string[] fields)
    {
        var outcome = new Outcome();
        for (int i = 2; i < fields.Length; i++)
        {
            if (fields[i].Length == 0) continue;
            string rest = fields[i].Substring(1);
            switch (fields[i][0])
            {
                case '?' when Learn(outcome.Guard, rest) is { } guard:
                    outcome = outcome with { Guard = guard };
                    break;
                case 'i' or 'o' when ContextOf(rest) is { } tested:
                    outcome = outcome with { Contexts = outcome.Contexts.Add(new TestedContext(tested, fields[i][0] == 'i')) };
                    break;
                case 'r' when ValueText.ReadKnown(rest) is { } result:
                    outcome = outcome with { Result = result };
                    break;
                case '&' when rest.IndexOf(' ') is > 0 and var gap && int.TryParse(rest.Substring(0, gap), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)
                    && ValueText.ReadKnown(rest.Substring(gap + 1)) is { } known:
                    outcome = outcome with { References = outcome.References.SetItem(ordinal, known) };
                    break;
                case '~':
                    outcome = outcome with { Change = Change(outcome.Change, rest) };
                    break;
                case 'd' when ValueText.ReadValue(rest) is { } disposed:
                    outcome = outcome with { Disposed = outcome.Disposed.Add(disposed) };
                    break;
                case 'g' when _contexts.Marker(rest) is { } made:
                    outcome = outcome with { Value = Outcome.Made(made) };
                    break;
            }
        }

        return outcome;
    }

    // Places are those of the call, not of what lies behind it: nobody can open the other assembly's files here.
    private static Witness? PathOf(string field)
    {
        if (field.Length < 2 || field[0] != '>') return null;
        var names = new List<string>(field.Substring(1).Split('>'));
        Witness? path = null;
        for (int i = names.Count - 1; i >= 0; i--)
        {
            string name = names[i].Replace('›', '>');
            int mark = name.IndexOf(SummaryWriter.ConditionMark);
            path = mark < 0 ? new Witness(name, Location.None, path) : Witness.Of(name.Substring(0, mark), Location.None, path, name.Substring(mark + 1));
        }

        return path;
    }

    private static Symbol? ObjectOf(string name)
    {
        if (name == SummaryWriter.This) return Symbol.This;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) ? Symbol.Parameter(ordinal) : null;
    }

    private static ITypeParameterSymbol? ParameterOf(IMethodSymbol method, string name)
    {
        if (name.Length < 2 || !int.TryParse(name.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)) return null;
        var parameters = name[0] == 'm' ? method.TypeParameters : method.ContainingType.TypeParameters;
        return ordinal < parameters.Length ? parameters[ordinal] : null;
    }

    private static FactSet? Learn(FactSet facts, string text)
    {
        int gap = text.LastIndexOf(' ');
        if (gap <= 0 || ValueText.ReadValue(text.Substring(0, gap)) is not { } value || ValueText.ReadKnown(text.Substring(gap + 1)) is not { } known) return facts;
        return facts.Learn(value, known);
    }

    private ContextDepths Change(ContextDepths depths, string text)
    {
        int gap = text.IndexOf(' ');
        if (gap <= 0 || ContextOf(text.Substring(0, gap)) is not { } context) return depths;
        string range = text.Substring(gap + 1);
        int dots = range.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) return depths.With(context, Depth.Unknown);
        var depth = (Bound(range.Substring(0, dots)), Bound(range.Substring(dots + 2))) switch
        {
            ({ } low, { } high) => Depth.Exactly(low).Join(Depth.Exactly(high)),
            ({ } low, null) => Depth.Exactly(low).Widen(Depth.Exactly(low + 1)),
            (null, { } high) => Depth.Exactly(high).Widen(Depth.Exactly(high - 1)),
            _ => Depth.Unknown,
        };
        return depths.With(context, depth);
    }

    private static int? Bound(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int bound) ? bound : null;

    private ContextKind? ContextOf(string name) => _contexts.Marker(name) is { } marker ? _contexts.Of(marker) : null;
}
