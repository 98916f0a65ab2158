using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>A 'lock' on a System.Threading.Lock where the graph shows no more of it than an invalid operation at its entry.</summary>
internal sealed partial class OperationLowering
{
    private Dictionary<LockStatementSyntax, LockScope>? _lockScopes;

    /// <summary>The locks of that kind which have been entered so far.</summary>
    public IReadOnlyDictionary<LockStatementSyntax, LockScope> LockScopes => _lockScopes ?? LockScope.NoneYet;

    /// <summary>Takes the monitor that stands around a whole body.</summary>
    public void LowerMonitor(IMethodSymbol method) => Add(new MonitorStep(_next++, method.Locations.FirstOrDefault() ?? Location.None));

    /// <summary>Leaves locks, the innermost first, by what the compiler calls at their end.</summary>
    public void LowerLockExits(ImmutableArray<LockStatementSyntax> locks)
    {
        foreach (var @lock in locks)
        {
            var scope = LockScopes[@lock];
            int id = _next++;
            Add(new CallStep(id, @lock.Expression.GetLocation(), scope.Exit)
            {
                Receiver = scope.Place,
                ReceiverType = scope.Exit.ContainingType,
                IsImplicit = true,
                Result = Symbol.Result(id),
                ResultType = scope.Exit.ReturnType,
            });
        }
    }

    /// <summary>The steps of a block of their own, whatever block is being lowered meanwhile.</summary>
    public ImmutableArray<Step> LowerApart(System.Action lower)
    {
        if (_made < _next) Add(new ConditionStep(_next++));
        var outer = _steps;
        _steps = ImmutableArray.CreateBuilder<Step>();
        lower();
        var steps = _steps.ToImmutable();
        _steps = outer;
        return steps;
    }

    private Value LowerLockEntry(IInvalidOperation enter, LockStatementSyntax @lock)
    {
        if (enter.ChildOperations.FirstOrDefault() is not { Type: { } type } gate) return LowerChildren(enter);
        var receiver = Lower(gate);
        if (type.GetMembers("EnterScope").FirstOrDefault() is not IMethodSymbol method) return Fresh();
        var scope = AddCall(enter, method, receiver, ImmutableArray<Value>.Empty, isVirtual: false, gate);
        if (method.ReturnType.GetMembers("Dispose").FirstOrDefault() is not IMethodSymbol exit) return scope;
        var place = new Symbol(SymbolRole.Temporary, 0, @lock);
        (_lockScopes ??= new Dictionary<LockStatementSyntax, LockScope>())[@lock] = new LockScope(place, exit);
        Add(new AssignStep(_next++, @lock.Expression.GetLocation(), place, scope, null));
        return scope;
    }
}

/// <summary>What the entry of a lock gave, and the call that disposes of it.</summary>
internal sealed record LockScope(Symbol Place, IMethodSymbol Exit)
{
    public static readonly IReadOnlyDictionary<LockStatementSyntax, LockScope> NoneYet = ImmutableDictionary<LockStatementSyntax, LockScope>.Empty;
}
