using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>The lambdas and methods that are seen going into a place: default where even that cannot be told.</summary>
/// <param name="Values">What they are.</param>
/// <param name="IsAll">Nobody else can give it anything.</param>
internal readonly record struct SeenFlows(ImmutableArray<Value> Values, bool IsAll);

/// <summary>
/// Which lambdas and methods visibly flow into a place that holds a delegate: a field, property or event that nobody writes unseen, a
/// parameter whose callers are all seen. What a parameter is given by its callers flows on into the field that keeps it.
/// </summary>
internal sealed class DelegateFlows
{
    // A place that more places than this feed is as good as unknown.
    private const int PlaceLimit = 64;

    // What everybody gives something to, users of the assembly among them, is a place for anything: to all of it nobody would listen.
    private const int OpenLimit = 16;

    private readonly BodyStore _bodies;
    private readonly DelegateWriters _writers;
    private readonly ConcurrentDictionary<ISymbol, SeenFlows> _flows = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, SeenFlows> _elements = new(SymbolEqualityComparer.Default);

    public DelegateFlows(BodyStore bodies)
    {
        _bodies = bodies;
        _writers = new DelegateWriters(bodies);
    }

    /// <summary>All that flows in; default where that cannot be seen.</summary>
    public ImmutableArray<Value> Into(ISymbol place, CancellationToken cancellation) => Seen(place, cancellation) is { IsAll: true } all ? all.Values : default;

    /// <summary>What is seen flowing in.</summary>
    public SeenFlows Seen(ISymbol place, CancellationToken cancellation)
    {
        place = place.OriginalDefinition;
        return _flows.TryGetValue(place, out var known) ? known : _flows.GetOrAdd(place, Find(place, isElement: false, cancellation));
    }

    /// <summary>All that flows into the elements of an array or collection that only its own type, or its own method, can see.</summary>
    public SeenFlows IntoElements(ISymbol container, CancellationToken cancellation)
    {
        container = container.OriginalDefinition;
        return _elements.TryGetValue(container, out var known) ? known : _elements.GetOrAdd(container, Find(container, isElement: true, cancellation));
    }

    /// <summary>Whether no visible caller passes anything for the parameter, though all who may call are visible.</summary>
    public bool IsNeverGiven(IParameterSymbol parameter, CancellationToken cancellation)
    {
        parameter = parameter.OriginalDefinition;
        if (_writers.Of(parameter, isElement: false, out bool isOpen, cancellation) is not { } bodies || isOpen) return false;
        var search = new Search { At = parameter };
        return CollectAll(bodies, search, cancellation) && search.Writes == 0;
    }

    private SeenFlows Find(ISymbol place, bool isElement, CancellationToken cancellation)
    {
        bool isAll = true;
        var search = new Search();
        search.Add(place, isElement);
        while (search.Pending.Count > 0)
        {
            if (search.Count > PlaceLimit) return default;
            var (at, isInside) = search.Pending.Dequeue();
            search.At = at;
            search.IsElement = isInside;
            search.Writes = 0;
            if (_writers.Of(at, search.IsElement, out bool isOpen, cancellation) is not { } bodies) return default;
            if (!CollectAll(bodies, search, cancellation)) return default;
            isAll &= !isOpen;
            if (DelegateWriters.ParameterBehind(at) is { } parameter) search.Add(parameter);

            // What nobody visibly gives anything gets what it gets from elsewhere.
            else if (!isOpen && search.Writes == 0 && (search.IsElement || IsOpen(at) || at is IMethodSymbol)) return default;
        }

        return isAll || search.Found.Count <= OpenLimit ? new SeenFlows(search.Found.ToImmutable(), isAll) : default;
    }

    private static bool IsOpen(ISymbol place) =>
        place is IParameterSymbol or IFieldSymbol { IsReadOnly: false } or IPropertySymbol { SetMethod: not null } && place.DeclaredAccessibility != Accessibility.Private;

    /// <summary>Notes what the bodies give to the place; false where that cannot be told.</summary>
    private bool CollectAll(IEnumerable<BodyKey> bodies, Search search, CancellationToken cancellation)
    {
        var visited = new HashSet<BodyKey>();
        foreach (var key in bodies)
        {
            if (visited.Add(key) && !Collect(key, search, cancellation)) return false;
        }

        return true;
    }

    private bool Collect(BodyKey key, Search search, CancellationToken cancellation)
    {
        var pending = new Stack<BodyKey>();
        pending.Push(key);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (_bodies.Get(next, cancellation) is not { } body) continue;
            foreach (var function in body.Functions) pending.Push(function.Key);
            search.Body = body;
            int open = 0;
            foreach (var block in body.Blocks)
            {
                foreach (var step in block.Steps)
                {
                    if (!search.Take(next, step, ref open)) return false;
                }
            }

            // Something was written that no conversion shows, such as a part of a tuple.
            if (open > 0) return false;
        }

        return true;
    }

    private sealed class Search
    {
        private readonly HashSet<ISymbol> _places = new(SymbolEqualityComparer.Default);
        private readonly HashSet<ISymbol> _containers = new(SymbolEqualityComparer.Default);

        public ImmutableArray<Value>.Builder Found { get; } = ImmutableArray.CreateBuilder<Value>();

        /// <summary>Places, and containers of which the elements are meant.</summary>
        public Queue<(ISymbol Place, bool IsElement)> Pending { get; } = new();

        public int Count => _places.Count + _containers.Count;

        /// <summary>The place whose writers are looked at.</summary>
        public ISymbol? At { get; set; }

        public bool IsElement { get; set; }

        /// <summary>The body that is looked at.</summary>
        public Body? Body { get; set; }

        public int Writes { get; set; }

        public void Add(ISymbol place, bool isElement = false)
        {
            place = place.OriginalDefinition;
            if ((isElement ? _containers : _places).Add(place)) Pending.Enqueue((place, isElement));
        }

        /// <summary>What a step of a body gives to the place; false where that cannot be seen.</summary>
        public bool Take(BodyKey key, Step step, ref int open)
        {
            switch (step)
            {
                case ConvertStep convert when IsInto(convert):
                    open--;
                    Writes++;
                    return Take(key, convert.Function);
                case AssignStep assign when IsPlace(assign.Place) || assign.Variable is not null && SymbolEqualityComparer.Default.Equals(assign.Variable.OriginalDefinition, At):
                    if (IsElement && assign.Value is ListedValue written) return TakeListed(key, written);
                    if (IsElement) return assign.Value is Constant || (OperationLowering.RootOf(assign.Value) is { } root ? TakeElementsOf(root) : TakeElements(assign.ElementsOf));
                    // A copy of a struct gives to the field what was given to it elsewhere, so does a constructor, as seen by its caller, and what is
                    // left of it when something is taken out was in it before.
                    if (!assign.IsFirst && assign.Value is not Constant && !(assign.Value is Symbol copied && IsPlace(copied)) && !IsRest(assign.Value)) open++;
                    return true;
                case AssignStep { Value: Symbol container, Place.Key: ISymbol other } when IsElement && IsPlace(container):
                    // Another name for it, by which elements may go in.
                    Writes++;
                    Add(other, isElement: true);
                    return true;
                case AssignStep { Place.Key: ILocalSymbol inner } assign when IsElement && OperationLowering.RootOf(assign.Value) is { } around && IsPlace(around) && OperationLowering.IsContainer(inner.Type):
                    // A container that was in it, into which elements may go.
                    Writes++;
                    Add(inner, isElement: true);
                    return true;
                case ConvertStep { Function: Symbol { Role: SymbolRole.Function, Key: BodyKey group } }: return !IsOwner(group);
                case AssignStep { Value: Symbol { Role: SymbolRole.Function, Key: BodyKey group } }: return !IsOwner(group);
                case CallStep call:
                    if (IsElement && call.Receiver is Symbol filled && IsPlace(OperationLowering.RootOf(filled) ?? filled) && TakesMany(call.Target)) return TakeMany(key, call);
                    if (IsElement && call is { Target: { Name: "Copy", IsStatic: true, ContainingType.SpecialType: SpecialType.System_Array }, Arguments: { Length: > 2 } ends })
                    {
                        return !ends.RemoveAt(0).Any(end => end is Symbol target && IsPlace(target)) || TakeElementsOf(ends[0]);
                    }
                    for (int i = 0; i < call.References.Length; i++)
                    {
                        if (call.References[i] is not { } reference || !IsPlace(reference) && !IsParameter(key, reference)) continue;
                        if (IsElement && call.Target is { DeclaringSyntaxReferences.IsEmpty: true, Name: "TryGetValue" or "TryDequeue" or "TryPop" or "TryPeek" or "TryTake" or "TryRemove" or "Remove" or "Deconstruct" }) continue;
                        if (IsElement || call.IsVirtual || i >= call.Target.Parameters.Length || call.Target.Parameters[i] is not { RefKind: RefKind.Out } given) return false;
                        Writes++;
                        Add(given);
                    }

                    return true;
                default: return true;
            }
        }

        private bool TakeElements(ImmutableArray<ISymbol> containers)
        {
            if (containers.IsDefault) return false;
            foreach (var container in containers)
            {
                Writes++;
                Add(container, isElement: true);
            }

            return true;
        }

        private bool TakeElementsOf(Value container)
        {
            if (container is not Symbol { Role: SymbolRole.Local or SymbolRole.Field or SymbolRole.Captured or SymbolRole.Merge, Key: IFieldSymbol or IPropertySymbol or ILocalSymbol or IMethodSymbol } source || source.Key is not ISymbol copied) return false;
            Writes++;
            Add(copied, isElement: true);
            return true;
        }

        // What 'AddRange' is given: a container, or elements that are written out.
        private bool TakeMany(BodyKey key, CallStep call)
        {
            foreach (var parameter in call.Target.Parameters)
            {
                if (!OperationLowering.IsContainer(parameter.Type) && parameter.Type.TypeKind != TypeKind.Delegate && OperationLowering.IsNested(call.Target.ContainingType)) continue;

                // What becomes an element is seen going in.
                if (parameter.OriginalDefinition.Type is ITypeParameterSymbol) continue;
                if (!OperationLowering.IsContainer(parameter.Type) || parameter.Ordinal >= call.Arguments.Length) return false;
                if (call.Arguments[parameter.Ordinal] is not ListedValue listed)
                {
                    if (!TakeElementsOf(call.Arguments[parameter.Ordinal])) return false;
                    continue;
                }

                if (!TakeListed(key, listed)) return false;
            }

            return true;
        }

        private bool TakeListed(BodyKey key, ListedValue listed)
        {
            Writes++;
            return listed.Items.All(item => Take(key, item));
        }

        private bool Take(BodyKey key, Value value)
        {
            switch (value)
            {
                case Constant: return true;
                case Symbol { Role: SymbolRole.Function, Key: BodyKey } function:
                    Found.Add(Count == 1 && IsOwn(key, function) ? function : Foreign(function));
                    return true;
                case CombinedValue combined:
                    foreach (var part in combined.Parts)
                    {
                        if (!Take(key, part)) return false;
                    }

                    return true;
                case Symbol { Role: SymbolRole.Parameter, Index: >= 0 and var ordinal } when !key.IsNested && MethodOf(key) is { } method && ordinal < method.Parameters.Length:
                    Add(method.Parameters[ordinal]);
                    return true;
                case Symbol { Role: SymbolRole.Captured, Key: IParameterSymbol parameter }:
                    Add(parameter);
                    return true;
                case Symbol { Role: SymbolRole.Field, Key: IFieldSymbol or IPropertySymbol or IParameterSymbol } field:
                    Add((ISymbol)field.Key!);
                    return true;
                case Symbol { Role: SymbolRole.Local or SymbolRole.Captured, Key: ILocalSymbol local }:
                    Add(local);
                    return true;
                case Symbol { Role: SymbolRole.Result, Key: null, Index: var step } when Body?.CallAt(step) is { IsVirtual: false, Target: var factory }:
                    Add(factory);
                    return true;
                default: return false;
            }
        }

        // An initialiser sees the parameters of the constructor that is declared with its type.
        private static IMethodSymbol? MethodOf(BodyKey key) => key.Method ?? (key.Symbol.ContainingType is { } type ? BodySource.PrimaryConstructor(type) : null);

        private bool IsInto(ConvertStep convert) => IsElement
            ? SymbolEqualityComparer.Default.Equals(convert.Elements, At)
            : convert.Place is { } target && DelegateWriters.IsPlace(target.OriginalDefinition, At!);

        private bool IsRest(Value value) => value is CombinedValue { Parts: { Length: 1 } parts } && parts[0] is Symbol before && IsPlace(before);

        private bool IsPlace(Symbol place) => place.Key is ISymbol symbol
            ? SymbolEqualityComparer.Default.Equals(symbol.OriginalDefinition, At)
            : false;

        private bool IsParameter(BodyKey key, Symbol place) => place is { Role: SymbolRole.Parameter, Parent: null } && At is IParameterSymbol { ContainingSymbol: IMethodSymbol owner } parameter
            && parameter.Ordinal == place.Index && BodyKey.Of(owner).Equals(key);

        // AddRange, GetOrAdd and their like: elements that nobody sees going in.
        private static bool TakesMany(IMethodSymbol target)
        {
            foreach (var parameter in target.Parameters)
            {
                if (parameter.RefKind == RefKind.Out) continue;
                if (OperationLowering.IsContainer(parameter.Type)) return true;
                if (parameter.Type is INamedTypeSymbol { DelegateInvokeMethod.ReturnType: var made } && OperationLowering.HoldsFunction(made)) return true;
            }

            return false;
        }

        // Somebody may call it through a delegate, and pass what nobody sees.
        private bool IsOwner(BodyKey group) => At is IParameterSymbol { RefKind: RefKind.None, ContainingSymbol: IMethodSymbol owner } && BodyKey.Of(owner).Equals(group);

        // 'this' of the body that gives it is 'this' of the one that invokes it, if both belong to the place.
        private bool IsOwn(BodyKey key, Symbol function) =>
            (CalledValue.ReceiverOf(function) is not { } receiver || receiver.Equals(Symbol.This))
            && SymbolEqualityComparer.Default.Equals(key.Symbol.ContainingType?.OriginalDefinition, At!.ContainingType?.OriginalDefinition);

        // The object behind it is not one of the body that invokes it.
        private static Symbol Foreign(Symbol function)
        {
            var receiver = CalledValue.ReceiverOf(function) is Constant constant ? constant : (Value)new Symbol(SymbolRole.Fresh, -2, function.Key);
            return new(SymbolRole.Function, 0, function.Key, function.Parent is CalledValue bound ? new CalledValue(bound.Target, bound.Type, receiver, bound.Arguments) : receiver);
        }
    }
}
