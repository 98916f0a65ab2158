using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Mm.Catalogue;

/// <summary>What becomes of a delegate that is passed to a method.</summary>
[Flags]
internal enum Fate
{
    None = 0,

    /// <summary>It is called before the method returns.</summary>
    Invoked = 1,

    /// <summary>It is put into a field, an array or another object.</summary>
    Kept = 2,

    /// <summary>It goes where nothing can be seen.</summary>
    Lost = 4,
}

/// <summary>Follows delegate arguments through bodies and calls: a small interpreter of the stack that knows arguments and nothing else.</summary>
internal sealed class DelegateFlow(Framework framework)
{
    private readonly Dictionary<(MethodNode, int), Fate> _known = [];

    /// <summary>The fate of an argument; 0 is the receiver of an instance method.</summary>
    public Fate Of(MethodNode method, int argument)
    {
        if (_known.TryGetValue((method, argument), out var known)) return known;
        _known.Add((method, argument), Fate.None);
        var fate = method.HasBody ? new Walk(this, method, argument).Run() : Fate.Lost;
        _known[(method, argument)] = fate;
        return fate;
    }

    private sealed class Walk(DelegateFlow flow, MethodNode method, int argument)
    {
        private readonly List<Instruction> _code = Instructions.Read(method.Type.Module.Image.GetMethodBody(method.Address).GetILBytes());
        private readonly Dictionary<int, Stack<bool>> _entries = [];
        private readonly HashSet<int> _locals = [];
        private Stack<bool> _stack = new();
        private Fate _fate;
        private bool _isReassigned;

        // Twice: what a loop puts into a local is seen the second time.
        public Fate Run()
        {
            for (int round = 0; round < 2; round++)
            {
                _entries.Clear();
                foreach (var region in method.Type.Module.Image.GetMethodBody(method.Address).ExceptionRegions)
                {
                    bool hasException = region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter;
                    _entries[region.HandlerOffset] = new Stack<bool>(hasException ? [false] : []);
                    if (region.Kind == ExceptionRegionKind.Filter) _entries[region.FilterOffset] = new Stack<bool>([false]);
                }

                _stack = new Stack<bool>();
                bool isReached = true;
                foreach (var one in _code)
                {
                    if (_entries.TryGetValue(one.Offset, out var entry))
                    {
                        _stack = isReached ? Union(_stack, entry) : new Stack<bool>(entry.Reverse());
                    }
                    else if (!isReached)
                    {
                        _stack = new Stack<bool>();
                    }

                    Step(one);
                    isReached = one.Code.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);
                }
            }

            return _isReassigned && _fate == Fate.None ? Fate.Lost : _fate;
        }

        private static Stack<bool> Union(Stack<bool> left, Stack<bool> right) =>
            left.Count != right.Count ? left : new Stack<bool>(left.Zip(right, static (a, b) => a || b).Reverse());

        private bool Pop() => _stack.Count > 0 && _stack.Pop();

        private bool PopMany(int count)
        {
            bool any = false;
            for (int i = 0; i < count; i++) any |= Pop();
            return any;
        }

        private void Step(Instruction one)
        {
            var code = one.Code;
            string name = code.Name!;
            if (name.StartsWith("ldarg", StringComparison.Ordinal) && !name.StartsWith("ldarga", StringComparison.Ordinal)) _stack.Push(one.Operand == argument);
            else if (name.StartsWith("ldloc", StringComparison.Ordinal) && !name.StartsWith("ldloca", StringComparison.Ordinal)) _stack.Push(_locals.Contains(one.Operand));
            else if (name.StartsWith("stloc", StringComparison.Ordinal))
            {
                if (Pop()) _locals.Add(one.Operand);
            }
            else if (name.StartsWith("starg", StringComparison.Ordinal)) _isReassigned |= Pop() | one.Operand == argument;
            else if (code == OpCodes.Dup)
            {
                bool top = Pop();
                _stack.Push(top);
                _stack.Push(top);
            }
            else if (code == OpCodes.Castclass || code == OpCodes.Isinst) _stack.Push(Pop());
            else if (code == OpCodes.Stfld || code == OpCodes.Stsfld || name.StartsWith("stelem", StringComparison.Ordinal) || name.StartsWith("stind", StringComparison.Ordinal) || code == OpCodes.Stobj)
            {
                if (Pop()) _fate |= Fate.Kept;
                PopMany(code == OpCodes.Stsfld ? 0 : name.StartsWith("stelem", StringComparison.Ordinal) ? 2 : 1);
            }
            else if (code == OpCodes.Ret)
            {
                if (Pop()) _fate |= Fate.Kept;
            }
            else if (code == OpCodes.Call || code == OpCodes.Callvirt || code == OpCodes.Newobj || code == OpCodes.Calli) Call(one);
            else
            {
                PopMany(Count(code.StackBehaviourPop));
                for (int i = Count(code.StackBehaviourPush); i > 0; i--) _stack.Push(false);
            }

            if (code.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch)
            {
                if (code == OpCodes.Leave || code == OpCodes.Leave_S) _stack.Clear();
                if (one.Targets.IsEmpty) Enter(one.Operand);
                foreach (int target in one.Targets) Enter(target);
            }
        }

        private void Enter(int target) => _entries[target] = _entries.TryGetValue(target, out var before) ? Union(before, _stack) : new Stack<bool>(_stack.Reverse());

        private void Call(Instruction one)
        {
            var token = MetadataTokens.EntityHandle(one.Operand);
            var module = method.Type.Module;
            var (count, hasThis, hasResult) = Framework.ShapeOf(module, token);
            var callee = one.Code == OpCodes.Calli ? null : flow.Framework.MethodOf(module, token);
            bool isNew = one.Code == OpCodes.Newobj;
            int total = count + (hasThis && !isNew ? 1 : 0) + (one.Code == OpCodes.Calli ? 1 : 0);
            bool[] arguments = new bool[total];
            for (int i = total - 1; i >= 0; i--) arguments[i] = Pop();
            bool isPassed = Array.IndexOf(arguments, true) >= 0;
            bool isReturned = false;
            if (isPassed && callee is null) _fate |= Fate.Lost;
            if (isPassed && callee is not null)
            {
                for (int i = 0; i < total; i++)
                {
                    if (arguments[i]) isReturned |= Pass(callee, i, isNew);
                }
            }

            if (hasResult || isNew) _stack.Push(isReturned);
        }

        /// <summary>The delegate is an argument of a call. True if the result is, or holds, the delegate.</summary>
        private bool Pass(MethodNode callee, int index, bool isNew)
        {
            if (callee.Type.IsDelegate && isNew)
            {
                _fate |= Fate.Kept;
                return false;
            }

            if (index == 0 && !callee.IsStatic && !isNew)
            {
                if (callee.Type.IsDelegate && callee.Name is "Invoke" || callee.Name == "DynamicInvoke") _fate |= Fate.Invoked;
                return false;
            }

            if (callee.Type.Name is "System.Delegate" && callee.Name is "Combine" or "Remove") return true;
            if (callee.Type.Name is "System.Threading.Interlocked" or "System.Threading.Volatile")
            {
                _fate |= Fate.Kept;
                return false;
            }

            if (callee.Type.Name is "System.Object" or "System.ArgumentNullException" or "System.Delegate" or "System.ThrowHelper") return false;
            int parameter = isNew || !callee.IsStatic ? (isNew ? index + 1 : index) : index;
            if (callee.IsAbstract || callee.IsVirtual && callee.IsOverridable)
            {
                _fate |= Fate.Lost;
                return false;
            }

            _fate |= flow.Of(callee, parameter);
            return false;
        }

        private static int Count(StackBehaviour behaviour) => behaviour switch
        {
            StackBehaviour.Pop0 or StackBehaviour.Push0 or StackBehaviour.Varpop or StackBehaviour.Varpush => 0,
            StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref or StackBehaviour.Push1 or StackBehaviour.Pushi or StackBehaviour.Pushi8
                or StackBehaviour.Pushr4 or StackBehaviour.Pushr8 or StackBehaviour.Pushref => 1,
            StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
                or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref or StackBehaviour.Popref_popi_pop1 => 3,
            _ => 2,
        };
    }

    private Framework Framework => framework;
}
