using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Tests.Lattice;

/// <summary>
/// A concrete world for symbolic values: a few variables with a few items each, an interpreter, and generators of typed expressions
/// over them. An analysis that claims something of an expression must be right in every assignment.
/// </summary>
internal sealed class Model
{
    private static readonly ImmutableArray<Symbol> _numbers = [Symbol.Parameter(0), new(SymbolRole.Field, 0, "flags")];
    private static readonly ImmutableArray<Symbol> _conditions = [Symbol.Parameter(1), Symbol.Result(3)];
    private static readonly ImmutableArray<Symbol> _references = [Symbol.Parameter(2)];
    private static readonly ImmutableArray<Constant> _constants = [.. new[] { 0L, 1, 2, 3, 4, 6, -1, -4 }.Select(n => Constant.Of(n))];
    private static readonly Operator[] _sums = [Operator.And, Operator.And, Operator.Or, Operator.Xor, Operator.Add, Operator.Subtract, Operator.Multiply];
    private static readonly Operator[] _shifts = [Operator.ShiftLeft, Operator.ShiftRight, Operator.ShiftRightUnsigned];
    private static readonly ImmutableArray<Symbol> _optional = [Symbol.Parameter(3)];
    private static readonly ImmutableArray<Width> _widths = [new(8, true), new(8, false), Width.Int32, Width.UInt32, Width.Int64, Width.UInt64];

    private readonly ImmutableDictionary<Symbol, object?> _items;

    private Model(ImmutableDictionary<Symbol, object?> items) => _items = items;

    internal static ImmutableArray<object?> NumberItems => [0L, 1L, 2L, 3L, 5L, 200L, -1L, 0xFFFF_FFFFL, long.MinValue];

    internal static ImmutableArray<object?> ConditionItems => [true, false];

    /// <summary>Of a truth value that may be missing.</summary>
    internal static ImmutableArray<object?> OptionalItems => [true, false, null];

    internal static ImmutableArray<object?> ReferenceItems => [null, "Disk", "Tape"];

    /// <summary>Every assignment of items to variables.</summary>
    internal static ImmutableArray<Model> All { get; } = Enumerate();

    internal static Gen<Value> Numbers { get; } = Number(3);

    internal static Gen<Value> Conditions { get; } = Condition(3);

    internal static Gen<Value> References { get; } = Reference();

    internal static Gen<Value> Optionals { get; } = Optional();

    internal static Gen<Value> Values { get; } = Gen.OneOf(Numbers, Conditions, References, Optionals);

    /// <summary>Expressions just as written, without any simplification.</summary>
    internal static Gen<Value> Raw { get; } = Values;

    /// <summary>The same expression in normal form.</summary>
    internal static Value Folded(Value value) => value is Operation operation
        ? Fold.Make(operation.Kind, Folded(operation.Left), operation.Right is null ? null : Folded(operation.Right))
        : value;

    internal object? Evaluate(Value value) => value switch
    {
        Constant constant => constant.Item,
        Symbol symbol => _items[symbol],
        Operation { Kind: Operator.Not } not => !(bool)Evaluate(not.Left)!,
        Operation { Kind: Operator.Complement } complement => ~(long)Evaluate(complement.Left)!,
        Operation { Right: { } right } operation => Evaluate(operation.Kind, Evaluate(operation.Left), Evaluate(right)),
        _ => throw new InvalidOperationException(value.ToString()),
    };

    internal bool Satisfies(Value condition, bool truth) => Evaluate(condition) is bool actual && actual == truth;

    /// <summary>Whether everything that the facts say is so here.</summary>
    internal bool Admits(FactSet facts) => facts.All.All(fact => KnownTests.Admits(fact.Value, Evaluate(fact.Key)));

    /// <summary>The same world with other items.</summary>
    internal Model With(Func<Symbol, Value> replace) => new(_items.ToImmutableDictionary(pair => pair.Key, pair => Evaluate(replace(pair.Key))));

    /// <summary>A replacement of the same type for each variable.</summary>
    internal static Gen<Dictionary<Symbol, Value>> Replacements()
    {
        var typed = _numbers.Select(symbol => (symbol, Numbers))
            .Concat(_conditions.Select(symbol => (symbol, Conditions)))
            .Concat(_references.Select(symbol => (symbol, References)))
            .Concat(_optional.Select(symbol => (symbol, Optionals)));
        return Gen.CollectToList(typed, pair => pair.Item2.Select(value => (pair.symbol, Folded(value))))
            .Select(pairs => pairs.ToDictionary(pair => pair.symbol, pair => pair.Item2));
    }

    public override string ToString() => string.Join(", ", _items.Select(pair => $"{pair.Key} = {pair.Value ?? "null"}"));

    private static object? Evaluate(Operator kind, object? left, object? right) => (kind, left, right) switch
    {
        (Operator.Equal, _, _) => Equals(left, right),
        (Operator.IsType, _, Type { Name: var name }) => left as string == name,
        (Operator.And, bool a, bool b) => a & b,
        (Operator.Or, bool a, bool b) => a | b,
        (Operator.Xor, bool a, bool b) => a ^ b,
        (Operator.And, long a, long b) => a & b,
        (Operator.Or, long a, long b) => a | b,
        (Operator.Xor, long a, long b) => a ^ b,
        (Operator.Add, long a, long b) => unchecked(a + b),
        (Operator.Subtract, long a, long b) => unchecked(a - b),
        (Operator.Less, long a, long b) => a < b,
        (Operator.LessOrEqual, long a, long b) => a <= b,
        (Operator.Multiply, long a, long b) => unchecked(a * b),
        (Operator.ShiftLeft, long a, long b) => a << (int)b,
        (Operator.ShiftRight, long a, long b) => a >> (int)b,
        (Operator.ShiftRightUnsigned, long a, long b) => a >>> (int)b,
        (Operator.Narrow, long a, Width { Bits: 8, IsSigned: true }) => (long)unchecked((sbyte)a),
        (Operator.Narrow, long a, Width { Bits: 8 }) => (long)unchecked((byte)a),
        (Operator.Narrow, long a, Width { Bits: 32, IsSigned: true }) => (long)unchecked((int)a),
        (Operator.Narrow, long a, Width { Bits: 32 }) => (long)unchecked((uint)a),
        (Operator.Narrow, long a, Width) => a,
        (Operator.Coalesce, _, _) => left ?? right,
        (Operator.TryCast, _, Type { Name: var name }) => left as string == name ? left : null,
        _ => throw new InvalidOperationException($"{kind}({left}, {right})"),
    };

    private static Gen<Value> Number(int depth)
    {
        var leaf = Gen.OneOf(Gen.Elements(_numbers.AsEnumerable()).Select(Value (symbol) => symbol), Gen.Elements(_constants.AsEnumerable()).Select(Value (constant) => constant));
        if (depth == 0) return leaf;
        var inner = Number(depth - 1);
        return Gen.Frequency(
            (3, leaf),
            (1, inner.Select(Value (value) => new Operation(Operator.Complement, value, null))),
            (2, inner.Zip(Gen.Elements(_widths.AsEnumerable())).Select(Value (pair) => new Operation(Operator.Narrow, pair.Item1, Constant.Of(pair.Item2)))),
            (1, Gen.Elements(_shifts).SelectMany(
                kind => inner.Zip(Gen.Elements(0, 1, 7, 31, 63)), Value (kind, pair) => new Operation(kind, pair.Item1, Constant.Of(pair.Item2)))),
            (5, Gen.Elements(_sums).SelectMany(kind => inner.Two(), Value (kind, pair) => new Operation(kind, pair.Item1, pair.Item2))));
    }

    private static Gen<Value> Condition(int depth)
    {
        var leaf = Gen.Frequency(
            (6, Gen.Elements(_conditions.AsEnumerable()).Select(Value (symbol) => symbol)),
            (1, Gen.Elements<Value>(Constant.True, Constant.False)));
        if (depth == 0) return leaf;
        var inner = Condition(depth - 1);
        var number = Number(depth - 1);
        return Gen.Frequency(
            (2, leaf),
            (3, inner.Select(Value (value) => new Operation(Operator.Not, value, null))),
            (4, Gen.Elements(Operator.And, Operator.Or, Operator.Xor, Operator.Equal)
                .SelectMany(kind => inner.Two(), Value (kind, pair) => new Operation(kind, pair.Item1, pair.Item2))),
            (5, Gen.Elements(Operator.Equal, Operator.Equal, Operator.Less, Operator.LessOrEqual)
                .SelectMany(kind => number.Two(), Value (kind, pair) => new Operation(kind, pair.Item1, pair.Item2))),
            (2, number.Zip(Gen.Choose(0, 7)).Select(pair => Fold.HasAny(pair.Item1, pair.Item2))),
            (2, Optional().Two().Select(Value (pair) => new Operation(Operator.Equal, pair.Item1, pair.Item2))),
            (1, Optional().Zip(Gen.Elements(Constant.True, Constant.False)).Select(Value (pair) => new Operation(Operator.Coalesce, pair.Item1, pair.Item2))),
            (2, Reference().Two().Select(Value (pair) => new Operation(Operator.Equal, pair.Item1, pair.Item2))),
            (1, Reference().Zip(Gen.Elements("Disk", "Tape")).Select(
                Value (pair) => new Operation(Operator.IsType, pair.Item1, Constant.Of(new Type(pair.Item2))))));
    }

    private static Gen<Value> Reference()
    {
        var leaf = Gen.OneOf(
            Gen.Elements(_references.AsEnumerable()).Select(Value (symbol) => symbol),
            Gen.Elements<Value>(Constant.Null, Constant.Of("Disk")));
        return Gen.Frequency((4, leaf), (1, leaf.Zip(Gen.Elements("Disk", "Tape")).Select(
            Value (pair) => new Operation(Operator.TryCast, pair.Item1, Constant.Of(new Type(pair.Item2))))));
    }

    private static Gen<Value> Optional() => Gen.OneOf(
        Gen.Elements(_optional.AsEnumerable()).Select(Value (symbol) => symbol),
        Gen.Elements<Value>(Constant.Null, Constant.True, Constant.False));

    private static ImmutableArray<Model> Enumerate()
    {
        var models = new List<Model> { new(ImmutableDictionary<Symbol, object?>.Empty) };
        void Vary(IEnumerable<Symbol> symbols, ImmutableArray<object?> items)
        {
            foreach (var symbol in symbols)
            {
                models = [.. models.SelectMany(model => items.Select(item => new Model(model._items.Add(symbol, item))))];
            }
        }

        Vary(_numbers, NumberItems);
        Vary(_conditions, ConditionItems);
        Vary(_references, ReferenceItems);
        Vary(_optional, OptionalItems);
        return [.. models];
    }

    /// <summary>Stands for a type; the objects of this world are named after theirs.</summary>
    private sealed record Type(string Name);
}
