using System;

namespace Mm.Analyzers.Lattice;

/// <summary>
/// What is known of an expression without running it: a constant, a symbol that stands for one unchanging value,
/// or an operation on such. Values are immutable and compare by structure; keys are opaque objects of the room that made them.
/// </summary>
internal abstract class Value : IEquatable<Value>
{
    private int _hash;

    /// <summary>
    /// Size of the tree. What grows beyond <see cref="Sizes.Limit"/> becomes a symbol where it is lowered or assigned, so that
    /// whatever walks over a value may recurse.
    /// </summary>
    public virtual int Size => 1;

    public abstract bool Equals(Value? other);

    public sealed override bool Equals(object? obj) => obj is Value other && Equals(other);

    public sealed override int GetHashCode() => _hash != 0 ? _hash : _hash = ComputeHash() | 1;

    /// <summary>Replaces symbols, and folds what becomes constant.</summary>
    public virtual Value Substitute(Func<Symbol, Value> replace) => this;

    /// <summary>Whether any symbol in this value satisfies the test.</summary>
    public virtual bool Mentions(Func<Symbol, bool> test) => false;

    /// <summary>Whether the other value is this one or a part of it.</summary>
    public virtual bool Contains(Value part) => Equals(part);

    protected abstract int ComputeHash();

    protected static int Mix(int a, int b) => unchecked((a * 31) + b);

    internal static class Sizes
    {
        public const int Limit = 24;
    }
}

/// <summary>A constant: null, a bool, a string, or any integer or enumeration member as a <see cref="long"/>.</summary>
internal sealed class Constant : Value
{
    public static readonly Constant Null = new(null);
    public static readonly Constant True = new(true);
    public static readonly Constant False = new(false);
    public static readonly Constant Zero = new(0L);

    private Known? _known;

    private Constant(object? item) => Item = item;

    public object? Item { get; }

    /// <summary>What is known of it: everything.</summary>
    public Known Known => _known ??= Known.Exactly(Item);

    public static Constant Of(object? item) => Normalize(item) switch
    {
        null => Null,
        true => True,
        false => False,
        0L => Zero,
        var other => new(other),
    };

    /// <summary>One representation for every integer type and enumeration, so that flags compare across them.</summary>
    public static object? Normalize(object? item) => item switch
    {
        int i => (long)i,
        uint u => (long)u,
        ulong u => unchecked((long)u),
        byte b => (long)b,
        sbyte b => (long)b,
        short s => (long)s,
        ushort s => (long)s,
        char c => (long)c,
        _ => item,
    };

    public override bool Equals(Value? other) => other is Constant constant && Equals(Item, constant.Item);

    public override string ToString() => Item?.ToString() ?? "null";

    protected override int ComputeHash() => Item?.GetHashCode() ?? 7;
}

internal enum SymbolRole
{
    /// <summary>The parameter with this index, as it was at entry; -1 is the receiver.</summary>
    Parameter,

    /// <summary>A local, seen from the body that declares it: a place, replaced by its value when evaluated.</summary>
    Local,

    /// <summary>A temporary of the control-flow graph: a place.</summary>
    Temporary,

    /// <summary>A variable of an enclosing body, seen from a lambda or local function.</summary>
    Captured,

    /// <summary>The result of the step with this index.</summary>
    Result,

    /// <summary>A field or get-only property (key) of the parent, or a static one.</summary>
    Field,

    /// <summary>What several values became where paths met.</summary>
    Merge,

    /// <summary>A value of which nothing is known, made at the step with this index.</summary>
    Fresh,

    /// <summary>A new object made at the step with this index; the key is its exact type.</summary>
    Instance,

    /// <summary>What an iterator method returned: the key is its body, which runs when it is enumerated, and the parent a <see cref="CalledValue"/>.</summary>
    Iterator,

    /// <summary>A delegate; the key is the lambda or method that it invokes.</summary>
    Function,

    /// <summary>Whether the parent is an object of the kind that the key describes.</summary>
    Kind,

    /// <summary>A value that an allocator handed out: the key is its <see cref="Family"/>, the parent tells it from others of one step.</summary>
    Owned,
}

/// <summary>A name for one unchanging value, or, before evaluation, for a place that holds one.</summary>
internal sealed class Symbol : Value
{
    public Symbol(SymbolRole role, int index, object? key = null, Value? parent = null)
    {
        Role = role;
        Index = index;
        Key = key;
        Parent = parent;
    }

    public SymbolRole Role { get; }

    public int Index { get; }

    public object? Key { get; }

    /// <summary>The receiver of a field, or of a method that a delegate invokes.</summary>
    public Value? Parent { get; }

    public override int Size => 1 + (Parent?.Size ?? 0);

    public static Symbol Parameter(int ordinal) => new(SymbolRole.Parameter, ordinal);

    public static Symbol This { get; } = new(SymbolRole.Parameter, -1);

    /// <summary>What a member of an extension block is called on: a value like any argument, which may be null or a number.</summary>
    public static Symbol Extended { get; } = new(SymbolRole.Parameter, -2);

    public static Symbol Result(int step) => new(SymbolRole.Result, step);

    /// <summary>What the step handed out: its result, or the value of a place passed by reference.</summary>
    public static Symbol Owned(int step, Family family, object? place = null) =>
        new(SymbolRole.Owned, step, family, place is null ? null : new Symbol(SymbolRole.Fresh, step, place));

    public override bool Equals(Value? other) =>
        ReferenceEquals(this, other) ||
        (other is Symbol symbol && Role == symbol.Role && Index == symbol.Index
            && Equals(Key, symbol.Key) && Equals(Parent, symbol.Parent));

    public override Value Substitute(Func<Symbol, Value> replace)
    {
        if (Parent is null) return replace(this);
        var parent = Parent.Substitute(replace);
        if (Key is TupleElement element && parent is TupleValue) return TupleValue.Element(parent, element);
        return replace(On(parent));
    }

    /// <summary>The same of another parent.</summary>
    public Symbol On(Value parent) => ReferenceEquals(parent, Parent) ? this : new Symbol(Role, Index, Key, parent);

    public override bool Contains(Value part) => Equals(part) || (Parent?.Contains(part) ?? false);

    public override bool Mentions(Func<Symbol, bool> test) => test(this) || (Parent?.Mentions(test) ?? false);

    public override string ToString() => $"{Role}{Index}{(Key is null ? "" : ":" + Key)}{(Parent is null ? "" : "<" + Parent + ">")}";

    protected override int ComputeHash() =>
        Mix(Mix(Mix((int)Role, Index), Key?.GetHashCode() ?? 0), Parent?.GetHashCode() ?? 0);
}

internal enum Operator
{
    Not,
    Complement,
    And,
    Or,
    Xor,

    /// <summary>The same constant, null included.</summary>
    Equal,

    /// <summary>Of floating-point numbers: one of them may not equal itself.</summary>
    FloatEqual,

    /// <summary>Of signed numbers; with null on either side it is false.</summary>
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,

    /// <summary>By fewer than 64 bits.</summary>
    ShiftLeft,

    /// <summary>With copies of the highest of the 64 bits.</summary>
    ShiftRight,

    /// <summary>With zeros.</summary>
    ShiftRightUnsigned,

    /// <summary>Wraps a number to the <see cref="Lattice.Width"/> on the right.</summary>
    Narrow,

    /// <summary>The left side, or the constant on the right where the left is null.</summary>
    Coalesce,

    /// <summary>The left side in another representation, of which nothing is known; what is on the right names it.</summary>
    Convert,

    /// <summary>The left side if it is of the type on the right, otherwise null.</summary>
    TryCast,
    IsType,
}

/// <summary>An operation on one or two values. Made by <see cref="Fold"/>, which simplifies.</summary>
internal sealed class Operation : Value
{
    private readonly int _size;

    internal Operation(Operator kind, Value left, Value? right)
    {
        Kind = kind;
        Left = left;
        Right = right;
        _size = 1 + left.Size + (right?.Size ?? 0);
    }

    public Operator Kind { get; }

    public Value Left { get; }

    public Value? Right { get; }

    public override int Size => _size;

    public override bool Equals(Value? other) =>
        ReferenceEquals(this, other) ||
        (other is Operation operation && Kind == operation.Kind && Left.Equals(operation.Left) && Equals(Right, operation.Right));

    public override Value Substitute(Func<Symbol, Value> replace) => With(Left.Substitute(replace), Right?.Substitute(replace));

    /// <summary>The same of other operands.</summary>
    public Value With(Value left, Value? right) => ReferenceEquals(left, Left) && ReferenceEquals(right, Right) ? this : Fold.Make(Kind, left, right);

    public override bool Contains(Value part) => Equals(part) || Left.Contains(part) || (Right?.Contains(part) ?? false);

    public override bool Mentions(Func<Symbol, bool> test) => Left.Mentions(test) || (Right?.Mentions(test) ?? false);

    public override string ToString() => Right is null ? $"{Kind}({Left})" : $"{Kind}({Left}, {Right})";

    protected override int ComputeHash() => Mix(Mix((int)Kind + 100, Left.GetHashCode()), Right?.GetHashCode() ?? 0);
}
