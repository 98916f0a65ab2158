using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Reporting;

/// <summary>What the analysis infers of the visible members of a compilation, as texts for those who will reference it.</summary>
internal sealed class Recording
{
    private readonly Session _session;
    private readonly CancellationToken _cancellation;
    private readonly List<string> _texts = new();
    private readonly bool _hasFriends;

    private Recording(Session session, CancellationToken cancellation)
    {
        _session = session;
        _cancellation = cancellation;
        foreach (var attribute in session.Bodies.Compilation.Assembly.GetAttributes()) _hasFriends |= attribute.AttributeClass?.Name == "InternalsVisibleToAttribute";
    }

    /// <summary>A text for each member of which there is something to say, in an order that hangs on nothing but their names.</summary>
    public static IReadOnlyList<string> Of(Session session, CancellationToken cancellation)
    {
        var recording = new Recording(session, cancellation);
        var pending = new Stack<INamespaceOrTypeSymbol>();
        pending.Push(session.Bodies.Compilation.Assembly.GlobalNamespace);
        while (pending.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var member in pending.Pop().GetMembers())
            {
                if (member is INamespaceSymbol space) pending.Push(space);
                else if (!recording.IsVisible(member)) continue;
                else if (member is INamedTypeSymbol { TypeKind: not TypeKind.Delegate } type) pending.Push(type);
                else if (member is IMethodSymbol { MethodKind: not (MethodKind.StaticConstructor or MethodKind.Destructor) } method) recording.Add(method);
            }
        }

        recording._texts.Sort(StringComparer.Ordinal);
        return recording._texts;
    }

    private bool IsVisible(ISymbol member) =>
        member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        || _hasFriends && member.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal;

    private void Add(IMethodSymbol method)
    {
        if (method.GetDocumentationCommentId() is not { } id) return;
        var contract = _session.Contracts.Of(method);
        if (contract.IsTrusted) return;
        if (!method.IsAbstract) Add(id, OfBody(BodyKey.Of(method)), contract);
        if (IsOpen(method) && OfDispatch(method, contract) is { } dispatched) Add(RecordedAssembly.DispatchMark + id, dispatched, contract);
    }

    private void Add(string id, Summary summary, Contract contract)
    {
        if (SummaryWriter.Write(summary, contract) is { } text) _texts.Add(id + "\n" + text);
    }

    private static bool IsOpen(IMethodSymbol method) =>
        method is { IsStatic: false, IsSealed: false, ContainingType.IsSealed: false } && (method.IsVirtual || method.IsAbstract || method.IsOverride);

    /// <summary>What a call does, with the object that the compiler makes for a method that goes on later.</summary>
    private Summary OfBody(BodyKey key)
    {
        var summary = _session.Summaries.Solve(key, _cancellation);
        if (_session.Bodies.Get(key, _cancellation) is not { } body) return Unseen(key, summary);
        if (!body.IsIterator && !body.IsAsync) return summary;
        var made = new EffectEntry(EffectKind.Allocate, new Witness(body.IsIterator ? "its enumerator" : "its state machine", Location.None, null));

        // An iterator does nothing until it is enumerated.
        return new Summary(body.IsIterator ? ImmutableArray.Create(made) : summary.Effects.Add(made), Summary.Neutral.Outcomes);
    }

    private static Summary Unseen(BodyKey key, Summary summary) => key.Method is { IsExtern: true } native
        ? new Summary(ImmutableArray.Create(new EffectEntry(EffectKind.Unknown, new Witness(Naming.Qualified(native), Location.None, null))), summary.Outcomes)
        : summary;

    /// <summary>What a virtual call may run, as far as it can be seen here; null where that is the member's own body only.</summary>
    private Summary? OfDispatch(IMethodSymbol method, Contract contract)
    {
        var call = new CallStep(-1, Location.None, method) { IsVirtual = true, ReceiverType = method.ContainingType };
        var resolution = _session.Resolver.Resolve(call, _cancellation);
        var own = BodyKey.Of(method);
        if (resolution.Bodies.All(own.Equals)) return resolution.IsUnknown ? Unimplemented(method) : null;
        var effects = new List<EffectEntry>();
        var outcomes = ImmutableArray<Outcome>.Empty;
        foreach (var key in resolution.Bodies)
        {
            var summary = OfBody(key);
            string name = own.Equals(key) ? Naming.Of(method) : Naming.Qualified(key.Method!);
            foreach (var entry in Declared(key.Method!, contract).Concat(summary.Effects.Select(entry => entry with { Witness = new Witness(name, Location.None, entry.Witness) })))
            {
                if (!effects.Exists(entry.SameAs)) effects.Add(entry);
            }

            outcomes = resolution.Bodies.Length == 1 ? summary.Outcomes : outcomes.AddRange(summary.Outcomes);
        }

        return new Summary(effects.ToImmutableArray(), resolution.Bodies.Length == 1 ? outcomes : Together(outcomes));
    }

    private static Summary Unimplemented(IMethodSymbol method) => new(
        ImmutableArray.Create(new EffectEntry(EffectKind.Unknown, new Witness(Naming.Qualified(method), Location.None, null))), Summary.Neutral.Outcomes);

    /// <summary>What an implementation says of itself, where the declaration that is called is silent.</summary>
    private IEnumerable<EffectEntry> Declared(IMethodSymbol implementation, Contract called)
    {
        foreach (var clause in _session.Contracts.Of(implementation).Might)
        {
            if (called.Mentions(clause.Effect)) continue;
            var entry = new EffectEntry(clause.Effect, new Witness(Naming.Qualified(implementation), Location.None, null));
            if (clause.When is not { } condition) yield return entry;
            else if (FactSet.Empty.Assume(condition.Holds, true) is { } guard) yield return entry with { Guard = guard, IsFlags = condition.IsFlags };
        }
    }

    /// <summary>Of implementations that differ in what they enter, callers hear that nothing is known.</summary>
    private static ImmutableArray<Outcome> Together(ImmutableArray<Outcome> outcomes)
    {
        if (outcomes.IsEmpty) return outcomes;
        bool isSame = outcomes.All(outcome => outcome.Change.Equals(outcomes[0].Change));
        var change = outcomes.Aggregate(ContextDepths.None, static (all, outcome) => outcome.Change.Entries.Aggregate(all, static (depths, entry) => depths.With(entry.Context, Depth.Unknown)));
        return ImmutableArray.Create(new Outcome { Change = isSame ? outcomes[0].Change : change });
    }
}
