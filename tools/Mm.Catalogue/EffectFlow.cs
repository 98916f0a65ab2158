namespace Mm.Catalogue;

/// <summary>Carries effects from primitives and allocations up to whatever calls them, until a cut.</summary>
internal sealed class EffectFlow
{
    private static readonly Effects[] s_kinds = [Effects.Sleep, Effects.SpinOnLock, Effects.Allocate, Effects.CrossCall];

    private readonly Dictionary<MethodNode, Effects> _effects = [];
    private readonly Dictionary<(MethodNode, Effects), MethodNode?> _witness = [];
    private readonly Dictionary<MethodNode, Effects> _declared = [];
    private readonly Dictionary<MethodNode, Effects> _cuts = [];

    public EffectFlow(Framework framework, Review primitives, Review cuts)
    {
        var callers = new Dictionary<MethodNode, List<(MethodNode Caller, bool IsOpen)>>();
        foreach (var method in framework.Methods)
        {
            if (primitives.EffectsOf(method) is { } declared) _declared.Add(method, declared);
            if (cuts.EffectsOf(method) is { } cut) _cuts.Add(method, cut);
            if (!method.HasBody) continue;
            foreach (var edge in BodyScan.Of(framework, method).Calls)
            {
                if (!callers.TryGetValue(edge.Target, out var list)) callers.Add(edge.Target, list = []);
                list.Add((method, edge.IsOpen));
            }
        }

        foreach (var kind in s_kinds) Spread(kind, framework, callers);
    }

    public Effects Of(MethodNode method) => _effects.GetValueOrDefault(method);

    /// <summary>The way from a method to where the effect begins.</summary>
    public IEnumerable<string> PathOf(MethodNode method, Effects kind)
    {
        for (var at = method; at is not null; at = _witness.GetValueOrDefault((at, kind)))
        {
            yield return at.Import is null ? at.Id : at.Id + " [" + at.Import + "]";
            if (kind == Effects.Allocate && _witness.GetValueOrDefault((at, kind)) is null && at.Scan?.Allocation is { } what) yield return what;
        }
    }

    private void Spread(Effects kind, Framework framework, Dictionary<MethodNode, List<(MethodNode Caller, bool IsOpen)>> callers)
    {
        var pending = new Queue<MethodNode>();
        foreach (var method in framework.Methods)
        {
            bool begins = (_declared.GetValueOrDefault(method) & kind) != 0 || kind == Effects.Allocate && method.Scan?.Allocation is not null;
            if (begins) Add(method, null);
        }

        while (pending.TryDequeue(out var method))
        {
            if ((_cuts.GetValueOrDefault(method) & kind) != 0 || !callers.TryGetValue(method, out var list)) continue;

            // The base of an asynchronous member may wait; its overrides exist in order not to, and callers get those.
            if (kind == Effects.Sleep && method.IsAsyncBase) continue;
            bool isDeclared = (_declared.GetValueOrDefault(method) & kind) != 0;
            foreach (var (caller, isOpen) in list)
            {
                if (isOpen && !isDeclared) continue;
                Add(caller, method);
            }
        }

        void Add(MethodNode method, MethodNode? cause)
        {
            var before = _effects.GetValueOrDefault(method);
            var cut = _cuts.GetValueOrDefault(method);
            if ((before & kind) != 0 || (cut & Effects.Itself) != 0 && (cut & kind) != 0) return;

            // What the review says of a method is all there is to say of waiting in it.
            if (kind != Effects.Allocate && cause is not null && _declared.ContainsKey(method)) return;
            _effects[method] = before | kind;
            _witness[(method, kind)] = cause;
            pending.Enqueue(method);
        }
    }
}
