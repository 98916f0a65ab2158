using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>One thing that a body does, in the order of evaluation. Values are over places; the flow evaluates them.</summary>
internal abstract class Step
{
    protected Step(int id, Location location)
    {
        Id = id;
        Location = location;
    }

    /// <summary>Identity inside the body: the result of the step is <see cref="Symbol.Result"/> of it.</summary>
    public int Id { get; }

    public Location Location { get; }

    /// <summary>Unknown values with an index from this one up to <see cref="MadeUntil"/> are made with the step, and anew each time it runs.</summary>
    public int MadeFrom { get; set; }

    public int MadeUntil { get; set; }
}

/// <summary>Stands for nothing that the body does: a condition behind it needs unknown values made anew.</summary>
internal sealed class ConditionStep : Step
{
    public ConditionStep(int id)
        : base(id, Location.None)
    {
    }
}

/// <summary>Whom a call names, and whether its receiver decides who is called.</summary>
internal readonly record struct CallTarget(IMethodSymbol Method, ITypeSymbol? ReceiverType, bool IsVirtual);

/// <summary>A call of a method, constructor, accessor or operator, written or implied.</summary>
internal sealed class CallStep : Step
{
    public CallStep(int id, Location location, IMethodSymbol target)
        : base(id, location) => Target = target;

    public IMethodSymbol Target { get; }

    public CallTarget Named => new(Target, ReceiverType, IsVirtual);

    public Value? Receiver { get; set; }

    /// <summary>Static type of the receiver, before any conversion to an interface.</summary>
    public ITypeSymbol? ReceiverType { get; set; }

    public ImmutableArray<Value> Arguments { get; set; } = ImmutableArray<Value>.Empty;

    /// <summary>The place behind each argument passed by reference; null for the others.</summary>
    public ImmutableArray<Symbol?> References { get; set; } = ImmutableArray<Symbol?>.Empty;

    /// <summary>The type parameter whose member is called: the caller's type argument decides what runs.</summary>
    public ITypeParameterSymbol? ConstrainedTo { get; set; }

    /// <summary>Dispatched at run time: overrides and implementations count.</summary>
    public bool IsVirtual { get; set; }

    /// <summary>The result is thrown away without an explicit discard.</summary>
    public bool IsResultDropped { get; set; }

    /// <summary>Makes what a field or property begins with: a guard there is made ready, and nobody has entered it yet.</summary>
    public bool IsOfInitializer { get; set; }

    /// <summary>Part of the operand of a throw: its allocations are none of the path.</summary>
    public bool IsThrown { get; set; }

    /// <summary>What it is said to allocate it does not: what it is handed needs no enumerator.</summary>
    public bool IsDirect { get; set; }

    /// <summary>Made by the compiler, such as the Dispose at the end of a using.</summary>
    public bool IsImplicit { get; set; }

    /// <summary>Of an accessor that writes back what the same expression has read: where it was read.</summary>
    public Location? ReadAt { get; set; }

    /// <summary>What a delegate argument is given, one after the other: an element of the array or collection that is called.</summary>
    public Value? Element { get; set; }

    /// <summary>The value that the caller sees as result, for example a new object.</summary>
    public Value Result { get; set; } = Constant.Null;

    public ITypeSymbol? ResultType { get; set; }
}

/// <summary>The invocation of a delegate.</summary>
internal sealed class InvokeStep : Step
{
    public InvokeStep(int id, Location location, Value function, ITypeSymbol delegateType, ISymbol? place)
        : base(id, location)
    {
        Function = function;
        DelegateType = delegateType;
        Place = place;
    }

    public Value Function { get; }

    public ITypeSymbol DelegateType { get; }

    /// <summary>The field, property, parameter or local that the delegate was read from, where that is visible.</summary>
    public ISymbol? Place { get; }

    public ImmutableArray<Value> Arguments { get; set; } = ImmutableArray<Value>.Empty;
}

/// <summary>A write to a local, parameter, temporary or field.</summary>
internal sealed class AssignStep : Step
{
    public AssignStep(int id, Location location, Symbol place, Value value, ISymbol? variable)
        : base(id, location)
    {
        Place = place;
        Value = value;
        Variable = variable;
    }

    public Symbol Place { get; }

    public Value Value { get; }

    /// <summary>The declared variable behind the place; null for temporaries.</summary>
    public ISymbol? Variable { get; }

    /// <summary>Of a field: the first value of something that no other name stands for.</summary>
    public bool IsFirst { get; set; }

    /// <summary>Of an array or collection of delegates: those whose elements it has. None for a new one, default where an element is not seen going in.</summary>
    public ImmutableArray<ISymbol> ElementsOf { get; set; }
}

/// <summary>A delegate goes to a place with a contract of its own or of its type: argument, assignment, return, event.</summary>
internal sealed class ConvertStep : Step
{
    public ConvertStep(int id, Location location, Value function, ITypeSymbol delegateType)
        : base(id, location)
    {
        Function = function;
        DelegateType = delegateType;
    }

    public Value Function { get; }

    public ITypeSymbol DelegateType { get; }

    /// <summary>
    /// The field, property, event, local or parameter that receives it, or the method whose result it becomes; null where only the
    /// delegate type is new.
    /// </summary>
    public ISymbol? Place { get; set; }

    /// <summary>Of what becomes an element: the field or local that holds the array or collection.</summary>
    public ISymbol? Elements { get; set; }

    /// <summary>Where the value was read from, if it was read from somewhere.</summary>
    public ISymbol? Origin { get; set; }

    /// <summary>A method group in a variable that nothing reads: nobody can tell what becomes of it. A lambda is judged in itself.</summary>
    public bool IsUnread { get; set; }

    /// <summary>The delegate type that the value had there; null for lambdas and method groups.</summary>
    public ITypeSymbol? OriginType { get; set; }
}

/// <summary>A managed allocation.</summary>
internal sealed class AllocateStep : Step
{
    public AllocateStep(int id, Location location, string what)
        : base(id, location) => What = what;

    /// <summary>What is allocated, in words that fit "'…' might allocate".</summary>
    public string What { get; }

    /// <summary>Of 'new T()': the caller's type argument decides whether it allocates, and which constructor runs.</summary>
    public ITypeParameterSymbol? TypeParameter { get; set; }
}

/// <summary>The monitor that a [MethodImpl(Synchronized)] body takes before all else.</summary>
internal sealed class MonitorStep : Step
{
    public MonitorStep(int id, Location location)
        : base(id, location)
    {
    }
}

/// <summary>Runs nothing: what stands in the place is not null, because a constructor always puts something new there, or because its type has no null.</summary>
internal sealed class LearnStep : Step
{
    public LearnStep(int id, Location location, Symbol place)
        : base(id, location) => Place = place;

    public Symbol Place { get; }
}

/// <summary>From here on the condition is taken to hold, or not to.</summary>
internal sealed class AssumeStep : Step
{
    public AssumeStep(int id, Location location, Value condition, bool holds)
        : base(id, location) => (Condition, Holds) = (condition, holds);

    public Value Condition { get; }

    public bool Holds { get; }
}

internal enum SuspendKind
{
    Await,
    Yield,
}

/// <summary>A point at which the method may be left and continued later.</summary>
internal sealed class SuspendStep : Step
{
    public SuspendStep(int id, Location location, SuspendKind kind)
        : base(id, location) => Kind = kind;

    public SuspendKind Kind { get; }

    /// <summary>A property of what is awaited that is true behind the await.</summary>
    public Value? Done { get; set; }

    /// <summary>The same of tasks that are complete because all of them were awaited together.</summary>
    public ImmutableArray<Value> AllDone { get; set; } = ImmutableArray<Value>.Empty;

    /// <summary>Of an await: the task.</summary>
    public Value? Awaited { get; set; }

    /// <summary>Of an await: the type of what it yields.</summary>
    public ITypeSymbol? ResultType { get; set; }

    /// <summary>Of an await: what is awaited is always there already, so the method goes on.</summary>
    public bool IsFinished { get; set; }

    /// <summary>An await that may go on elsewhere: ConfigureAwait(false).</summary>
    public bool LosesContext { get; set; }
}

/// <summary>A call of which nothing can be known: dynamic, a function pointer.</summary>
internal sealed class UnknownStep : Step
{
    public UnknownStep(int id, Location location, string what)
        : base(id, location) => What = what;

    public string What { get; }
}

/// <summary>A use of a type that runs its static constructor and initialisers, if this is the first one.</summary>
internal sealed class TypeUseStep : Step
{
    public TypeUseStep(int id, Location location, INamedTypeSymbol type)
        : base(id, location) => Type = type;

    public INamedTypeSymbol Type { get; }
}
