using System;
using System.Collections.Immutable;
using System.Linq;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// With what an iterator was called: the parent of a <see cref="SymbolRole.Iterator"/>, for whoever enumerates it. Of a
/// <see cref="SymbolRole.Function"/>, the receiver and the type arguments with which a delegate invokes it.
/// </summary>
internal sealed class CalledValue : Value
{
    public CalledValue(object? target, object? type, Value? receiver, ImmutableArray<Value> arguments)
    {
        Target = target;
        Type = type;
        Receiver = receiver;
        Arguments = arguments;
    }

    /// <summary>The method with its type arguments; null where it has none.</summary>
    public object? Target { get; }

    /// <summary>The static type of the receiver.</summary>
    public object? Type { get; }

    public Value? Receiver { get; }

    public ImmutableArray<Value> Arguments { get; }

    public override int Size => 1 + (Receiver?.Size ?? 0) + Arguments.Sum(static argument => argument.Size);

    /// <summary>The object, or the captured variables, that a delegate has.</summary>
    public static Value? ReceiverOf(Symbol function) => function.Parent is CalledValue bound ? bound.Receiver : function.Parent;

    /// <summary>The same, as each part of it is seen by somebody who may not know what it mentions.</summary>
    public CalledValue Select(Func<Value, int, Value> select) => new(Target, Type, Receiver is null ? null : select(Receiver, -1), Arguments.Select(select).ToImmutableArray());

    public CalledValue With(object? target, object? type) => new(target, type, Receiver, Arguments);

    public override bool Equals(Value? other) =>
        ReferenceEquals(this, other)
        || (other is CalledValue called && Equals(Target, called.Target) && Equals(Type, called.Type) && Equals(Receiver, called.Receiver) && Arguments.SequenceEqual(called.Arguments));

    public override Value Substitute(Func<Symbol, Value> replace) => Select((part, _) => part.Substitute(replace));

    public override bool Mentions(Func<Symbol, bool> test) => (Receiver?.Mentions(test) ?? false) || Arguments.Any(argument => argument.Mentions(test));

    public override bool Contains(Value part) => Equals(part) || (Receiver?.Contains(part) ?? false) || Arguments.Any(argument => argument.Contains(part));

    public override string ToString() => "(" + string.Join(", ", Arguments) + ")" + (Receiver is null ? "" : " on " + Receiver);

    protected override int ComputeHash() => Arguments.Aggregate(Mix(29, Receiver?.GetHashCode() ?? 0), static (hash, argument) => Mix(hash, argument.GetHashCode()));
}
