using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Mm.Catalogue;

/// <summary>A call on a main path of a body.</summary>
/// <param name="Target">What is called, or may be.</param>
/// <param name="IsOpen">Code that nobody sees may run in its place: only what the review says of the target counts.</param>
internal readonly record struct CallEdge(MethodNode Target, bool IsOpen);

/// <summary>
/// What a body does on its main paths: those that can still return. Code on the way to a throw, and catch blocks, are left out.
/// </summary>
internal sealed class BodyScan
{
    private readonly Framework _framework;
    private readonly MethodNode _method;
    private readonly List<Instruction> _code;
    private readonly HashSet<CallEdge> _calls = [];

    private BodyScan(Framework framework, MethodNode method)
    {
        _framework = framework;
        _method = method;
        var body = method.Type.Module.Image.GetMethodBody(method.Address);
        _code = Instructions.Read(body.GetILBytes());
        bool[] isMain = MainPath(body.ExceptionRegions);
        for (int i = 0; i < _code.Count; i++)
        {
            if (isMain[i]) Look(i);
        }
    }

    public IEnumerable<CallEdge> Calls => _calls;

    /// <summary>What is allocated first, or null.</summary>
    public string? Allocation { get; private set; }

    public static BodyScan Of(Framework framework, MethodNode method) => method.Scan ??= new BodyScan(framework, method);

    /// <summary>Whether a call of it is the end of the path.</summary>
    public static bool NeverReturns(MethodNode method)
    {
        if (method.HasAttribute("System.Diagnostics.CodeAnalysis.DoesNotReturnAttribute")) return true;

        // What the compiler replaces by instructions of its own has a body that only throws.
        if (!method.HasBody || method.HasAttribute("System.Runtime.CompilerServices.IntrinsicAttribute")) return false;
        var il = method.Type.Module.Image.GetMethodBody(method.Address).GetILBytes();
        return il is { Length: < 256 } && !Instructions.Read(il).Exists(static one => one.Code == OpCodes.Ret || one.Code == OpCodes.Jmp);
    }

    private bool[] MainPath(ImmutableArray<ExceptionRegion> regions)
    {
        var at = new Dictionary<int, int>();
        for (int i = 0; i < _code.Count; i++) at[_code[i].Offset] = i;
        var next = new List<int>[_code.Count];
        var previous = new List<int>[_code.Count];
        for (int i = 0; i < _code.Count; i++) previous[i] = [];
        for (int i = 0; i < _code.Count; i++)
        {
            next[i] = Successors(i, at);
            foreach (var region in regions)
            {
                if (region.Kind == ExceptionRegionKind.Finally && region.TryOffset == _code[i].Offset) next[i].Add(at[region.HandlerOffset]);
            }

            foreach (int successor in next[i]) previous[successor].Add(i);
        }

        bool[] isReached = Reach([0], next);
        var exits = Enumerable.Range(0, _code.Count).Where(i => _code[i].Code == OpCodes.Ret || _code[i].Code == OpCodes.Endfinally || _code[i].Code == OpCodes.Jmp);
        bool[] mayReturn = Reach(exits, previous);
        for (int i = 0; i < isReached.Length; i++) isReached[i] &= mayReturn[i];
        return isReached;
    }

    private List<int> Successors(int i, Dictionary<int, int> at)
    {
        var found = new List<int>();
        var one = _code[i];
        if (one.Code.FlowControl is FlowControl.Return or FlowControl.Throw) return found;
        if (one.Code == OpCodes.Call && _framework.MethodOf(_method.Type.Module, Token(one)) is { } callee && NeverReturns(callee)) return found;
        if (IsTracing(i) is { } whenOn)
        {
            // Tracing is off unless somebody listens.
            found.Add(whenOn ? i + 1 : at[one.Operand]);
            return found;
        }

        foreach (int target in one.Targets) found.Add(at[target]);
        if (one.Code.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch && one.Targets.IsEmpty) found.Add(at[one.Operand]);
        if (one.Code.FlowControl != FlowControl.Branch && i + 1 < _code.Count) found.Add(i + 1);
        return found;
    }

    /// <summary>Of a branch that asks whether a source of events is enabled: whether it jumps where it is. Null of all others.</summary>
    private bool? IsTracing(int i)
    {
        var one = _code[i];
        bool isOnTrue = one.Code == OpCodes.Brtrue || one.Code == OpCodes.Brtrue_S;
        if (i == 0 || !isOnTrue && one.Code != OpCodes.Brfalse && one.Code != OpCodes.Brfalse_S) return null;
        var asked = _code[i - 1];
        if (asked.Code != OpCodes.Call && asked.Code != OpCodes.Callvirt) return null;
        return _framework.MethodOf(_method.Type.Module, Token(asked)) is { Name: "IsEnabled" } callee && callee.Type.Is("System.Diagnostics.Tracing.EventSource") ? isOnTrue : null;
    }

    private static bool[] Reach(IEnumerable<int> from, List<int>[] edges)
    {
        bool[] isReached = new bool[edges.Length];
        var pending = new Stack<int>(from);
        while (pending.TryPop(out int i))
        {
            if (isReached[i]) continue;
            isReached[i] = true;
            foreach (int other in edges[i]) pending.Push(other);
        }

        return isReached;
    }

    private static EntityHandle Token(Instruction one) => MetadataTokens.EntityHandle(one.Operand);

    private void Look(int i)
    {
        var one = _code[i];
        var module = _method.Type.Module;
        if (one.Code == OpCodes.Newarr)
        {
            if (!IsForFirstUse(i)) Allocation ??= "an array";
        }
        else if (one.Code == OpCodes.Box)
        {
            if (_framework.TypeOf(module, Token(one)) is { IsValueType: true } boxed && !IsTested(i)) Allocation ??= "boxing of " + boxed.Name;
        }
        else if (one.Code == OpCodes.Newobj)
        {
            var constructor = _framework.MethodOf(module, Token(one));
            if (constructor is { Type.IsException: true }) return;
            bool isOnce = IsForFirstUse(i);
            if (constructor is not { Type.IsValueType: true } && !isOnce) Allocation ??= constructor is null ? "an array" : "new " + constructor.Type.Name;
            if (constructor is not null && !isOnce) _calls.Add(new CallEdge(constructor, false));
        }
        else if (one.Code == OpCodes.Call || one.Code == OpCodes.Callvirt)
        {
            if (_framework.MethodOf(module, Token(one)) is not { } callee) return;
            AddCall(i, callee, one.Code == OpCodes.Callvirt);
        }
    }

    private void AddCall(int i, MethodNode callee, bool isDispatched)
    {
        if (!isDispatched || !callee.IsVirtual || !callee.IsOverridable && !callee.Type.IsInterface)
        {
            _calls.Add(new CallEdge(callee, false));
            return;
        }

        // A structure or sealed type behind 'constrained.' is called exactly.
        if (i > 0 && _code[i - 1].Code == OpCodes.Constrained && _framework.TypeOf(_method.Type.Module, Token(_code[i - 1])) is { } exact
            && (exact.IsValueType || exact.IsSealed) && Framework.InType(exact, callee) is { } implementation)
        {
            _calls.Add(new CallEdge(implementation, false));
            return;
        }

        bool isOpen = callee.Type.IsInterface || callee.IsVisible && IsOpenType(callee.Type);
        _calls.Add(new CallEdge(callee, isOpen && callee.Type != _method.Type));
        if (isOpen) return;
        foreach (var other in _framework.OverridesOf(callee)) _calls.Add(new CallEdge(other, false));
    }

    /// <summary>Whether somebody else can derive from it.</summary>
    private static bool IsOpenType(TypeNode type) =>
        !type.IsSealed && type.IsVisible && type.Methods.Exists(static method => method is { Name: ".ctor", IsVisible: true });

    /// <summary>Its result goes into a static field: it happens once, as a static constructor does.</summary>
    private bool IsForFirstUse(int i)
    {
        int at = i + 1;
        while (at < _code.Count && (_code[at].Code == OpCodes.Dup || _code[at].Code == OpCodes.Volatile)) at++;
        if (at >= _code.Count) return false;
        if (_code[at].Code == OpCodes.Stsfld) return true;
        bool isExchanged = _code[at].Code == OpCodes.Ldnull && at + 1 < _code.Count && _code[at + 1].Code == OpCodes.Call;
        return isExchanged && i > 0 && _code[i - 1].Code == OpCodes.Ldsflda;
    }

    /// <summary>'x is T', 'x == null': the runtime boxes nothing.</summary>
    private bool IsTested(int i)
    {
        if (i + 1 >= _code.Count) return false;
        var code = _code[i + 1].Code;
        return code == OpCodes.Isinst || code == OpCodes.Ldnull || code == OpCodes.Unbox_Any || code.FlowControl == FlowControl.Cond_Branch;
    }
}
