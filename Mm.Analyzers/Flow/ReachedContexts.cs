using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// Which bodies of a compilation may run in a context, because they start in one or something calls them there. It takes a look at every
/// body, so only rules that are off by default ask.
/// </summary>
internal sealed class ReachedContexts
{
    private readonly Session _session;
    private readonly HashSet<BodyKey> _reached = new();
    private readonly Dictionary<BodyKey, HashSet<BodyKey>> _callees = new();

    private ReachedContexts(Session session) => _session = session;

    public static ReachedContexts Of(Session session, CancellationToken cancellation)
    {
        var reached = new ReachedContexts(session);
        foreach (var type in TypesIn(session.Bodies.Compilation.Assembly.GlobalNamespace))
        {
            foreach (var member in type.GetMembers())
            {
                if (member.DeclaringSyntaxReferences.IsEmpty || member is INamedTypeSymbol) continue;
                cancellation.ThrowIfCancellationRequested();
                reached.Look(BodyKey.Of(member), cancellation);
            }
        }

        reached.Spread();
        return reached;
    }

    /// <summary>Whether the body is run in some context.</summary>
    public bool Contains(BodyKey key) => _reached.Contains(key);

    /// <summary>Whether some context may hold: entered, declared, tested, or not known to be left.</summary>
    public static bool IsInContext(Alternative alternative)
    {
        foreach (var entry in alternative.Depths.Entries)
        {
            if (entry.Depth.IsPossible || entry.Depth.IsUnknown) return true;
        }

        return alternative.Tested.Any(static tested => tested.IsIn);
    }

    private void Look(BodyKey root, CancellationToken cancellation)
    {
        var pending = new Stack<BodyKey>();
        pending.Push(root);
        while (pending.Count > 0)
        {
            var key = pending.Pop();
            var contract = key.Method is { } method ? _session.Contracts.Of(method) : Contract.None;
            if (_session.Check(key, contract, cancellation) is not { } result) continue;
            if (!result.Start.IsNone) _reached.Add(key);
            foreach (var function in result.Body.Functions) pending.Push(function.Key);
            foreach (var visit in result.Visits)
            {
                foreach (var reach in visit.Reaches) Note(key, visit.Step, reach.Before, cancellation);
            }

            foreach (var conversion in result.Conversions)
            {
                if (!conversion.Inside.Depths.IsNone && conversion.Function is Symbol { Role: SymbolRole.Function, Key: BodyKey function }) _reached.Add(function);
            }
        }
    }

    private void Note(BodyKey caller, Step step, Alternative at, CancellationToken cancellation)
    {
        var targets = step switch
        {
            CallStep call => _session.Resolver.Resolve(call, cancellation).Bodies.Concat(call.Arguments.Select(at.Evaluate).SelectMany(Functions)),
            InvokeStep { Place: IFieldSymbol or IPropertySymbol or IEventSymbol } invoke when _session.Delegates.Seen(invoke.Place!, cancellation).Values is { IsDefault: false } flows =>
                flows.SelectMany(Functions),
            InvokeStep invoke => Functions(at.Evaluate(invoke.Function)),
            _ => Enumerable.Empty<BodyKey>(),
        };
        bool isInContext = IsInContext(at);
        foreach (var target in targets)
        {
            if (isInContext) _reached.Add(target);
            if (!_callees.TryGetValue(caller, out var callees)) _callees.Add(caller, callees = new HashSet<BodyKey>());
            callees.Add(target);
        }
    }

    private static IEnumerable<BodyKey> Functions(Value value)
    {
        if (value is Symbol { Role: SymbolRole.Function, Key: BodyKey key }) yield return key;
    }

    /// <summary>What is called by a body that runs in a context does so too.</summary>
    private void Spread()
    {
        var pending = new Stack<BodyKey>(_reached);
        while (pending.Count > 0)
        {
            if (!_callees.TryGetValue(pending.Pop(), out var callees)) continue;
            foreach (var callee in callees)
            {
                if (_reached.Add(callee)) pending.Push(callee);
            }
        }
    }

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamedTypeSymbol type) yield return type;
            if (member is not INamespaceOrTypeSymbol inner) continue;
            foreach (var nested in TypesIn(inner)) yield return nested;
        }
    }
}
