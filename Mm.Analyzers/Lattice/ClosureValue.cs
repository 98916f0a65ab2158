using System;
using System.Collections.Immutable;
using System.Linq;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// What the variables that a lambda captures hold where it leaves the body that made it: the parent of a <see cref="SymbolRole.Function"/>,
/// for whoever invokes it elsewhere.
/// </summary>
internal sealed class ClosureValue : Value
{
    public ClosureValue(ImmutableArray<(Symbol Variable, Value Value)> variables) => Variables = variables;

    public ImmutableArray<(Symbol Variable, Value Value)> Variables { get; }

    public override int Size => 1 + Variables.Sum(static variable => variable.Value.Size);

    /// <summary>What the variable holds, as the lambda names it; null where that is not known.</summary>
    public Value? Of(Symbol variable)
    {
        foreach (var captured in Variables)
        {
            if (captured.Variable.Equals(variable)) return captured.Value;
        }

        return null;
    }

    public override bool Equals(Value? other) => ReferenceEquals(this, other) || (other is ClosureValue closure && Variables.SequenceEqual(closure.Variables));

    public override Value Substitute(Func<Symbol, Value> replace) =>
        new ClosureValue(Variables.Select(variable => (variable.Variable, variable.Value.Substitute(replace))).ToImmutableArray());

    public override bool Mentions(Func<Symbol, bool> test) => Variables.Any(variable => variable.Value.Mentions(test));

    public override bool Contains(Value part) => Equals(part) || Variables.Any(variable => variable.Value.Contains(part));

    public override string ToString() => "{" + string.Join(", ", Variables) + "}";

    protected override int ComputeHash() => Variables.Aggregate(19, static (hash, variable) => Mix(hash, variable.Value.GetHashCode()));
}
