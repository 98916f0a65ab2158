using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;
using Mm.Core.Pooling;
using Mm.Core.Vmalloc;

namespace Mm.Core.Tests.Conventions;

/// <summary>Everything public that a machine has, and arguments for it: most of them mean something, some mean nothing. None is null.</summary>
internal sealed class PublicSurface
{
    private const int MostValues = 16;
    private static readonly Assembly _core = typeof(Machine).Assembly;
    private static readonly int[] _numbers = [-1, 0, 1, 3, 9, 64, int.MaxValue, int.MinValue];

    // They end the machine or the task itself, go on until another task ends them, overflow as numbers do, or take memory from under who uses it.
    private static readonly HashSet<string> _notCalled = [nameof(Machine.Dispose), nameof(Machine.Run), nameof(Machine.Start), nameof(PageAllocator.ReclaimInBackground), nameof(Pfn.Plus), nameof(PhysicalMemory.TakeOut)];
    private readonly Random _random;
    private readonly MachineTask _task;
    private readonly List<Pfn> _pages = [];
    private readonly List<object> _objects = [];
    private readonly HashSet<object> _known = new(ReferenceEqualityComparer.Instance);
    private int _values;

    public PublicSurface(Machine machine, MachineTask task, int seed)
    {
        (_task, _random) = (task, new Random(seed));
        for (var i = 0; i < 40; i++)
        {
            if (machine.Pages.Allocate(task, Gfp.NoWait, i % 4) is { } page) _pages.Add(page);
        }

        // Some of them are free again.
        for (var i = 0; i < 12; i++) machine.Pages.Free(task, _pages[i], i % 4);
        var all = new FrameRange(machine.Pages.Pages.First, machine.Memory.FrameCount);
        var model = new FlatModel(machine, all);
        model.Initialise(task, all);
        model.MakeReady(task);
        var memory = new VirtualMemory(task, new VirtualMemoryOptions { Pages = machine.Pages, Memory = machine.Memory, Model = model });
        foreach (var one in new object[] { machine, task, new PagePool(machine), model, memory, new KernelRanges(task, memory, 256), new MemoryMap(task, memory) }) Add(one);
        foreach (var type in _core.GetExportedTypes().Where(static type => IsMade(type)).OrderBy(static type => type.FullName, StringComparer.Ordinal)) _ = TryMake(type);
    }

    /// <summary>Calls a member.</summary>
    /// <param name="call">What was called, or null if nothing could be.</param>
    /// <returns>What it threw.</returns>
    public Exception? CallAny(out string? call)
    {
        call = null;
        var target = _objects[_random.Next(_objects.Count)];
        var members = MembersOf(target.GetType());
        if (members.Count == 0) return null;
        var member = members[_random.Next(members.Count)];
        var arguments = new object?[member.GetParameters().Length];
        foreach (var parameter in member.GetParameters())
        {
            var its = parameter.HasDefaultValue && parameter.ParameterType != typeof(MachineTask) && _random.Next(2) == 0 ? DefaultOf(parameter) : ArgumentFor(parameter.ParameterType);
            if (its is null && !parameter.IsOut) return null;
            arguments[parameter.Position] = its;
        }

        call = $"{target.GetType().Name}.{member.Name}({string.Join(", ", arguments.Select(Text))})";
        try
        {
            if (member.Invoke(target, arguments) is { } result) Add(result);
            return null;
        }
        catch (TargetInvocationException thrown)
        {
            return thrown.InnerException;
        }
    }

    private static List<MethodInfo> MembersOf(Type type) =>
    [
        .. type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(static member => member.DeclaringType!.Assembly == _core && !member.ContainsGenericParameters && !member.ReturnType.IsByRefLike && !_notCalled.Contains(member.Name))
            .Where(static member => member.GetParameters().All(static parameter => !ElementOf(parameter.ParameterType).IsByRefLike))
            .OrderBy(static member => member.ToString(), StringComparer.Ordinal),
    ];

    private static bool IsMade(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && !typeof(Exception).IsAssignableFrom(type) && !typeof(Delegate).IsAssignableFrom(type);

    private static Type ElementOf(Type type) => type.IsByRef ? type.GetElementType()! : type;

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue is { } value ? parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : value
        : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;

    private static string Text(object? argument) => argument switch
    {
        null => "out",
        Array several => $"[{several.Length}]",
        IFormattable or bool => argument.ToString()!,
        _ => argument.GetType().Name,
    };

    private object? ArgumentFor(Type given)
    {
        var type = ElementOf(given);
        if (type == typeof(MachineTask)) return _task;
        if (type == typeof(Pfn)) return _random.Next(6) == 0 ? new Pfn((uint)_random.Next()) : _pages[_random.Next(_pages.Count)];
        if (type == typeof(int)) return _numbers[_random.Next(_numbers.Length)];
        if (type == typeof(long)) return (long)_random.Next(-5, 100_000);
        if (type == typeof(uint)) return (uint)_random.Next(100);
        if (type == typeof(ulong)) return (ulong)_random.Next(100_000) * Pfn.PageSize;
        if (type == typeof(nint)) return (nint)_random.Next(100_000);
        if (type == typeof(bool)) return _random.Next(2) == 0;
        if (type == typeof(string)) return "some";
        if (type.IsEnum) return Enum.GetValues(type) is var values ? values.GetValue(_random.Next(values.Length)) : null;
        if (type.IsArray) return Several(type.GetElementType()!);
        var known = _objects.FindAll(type.IsInstanceOfType);
        if (known.Count != 0) return known[_random.Next(known.Count)];
        if (typeof(Delegate).IsAssignableFrom(type)) return DelegateOf(type);
        return type.Assembly == _core && (type.IsValueType || IsMade(type)) ? TryMake(type) : type is { IsValueType: true, ContainsGenericParameters: false } ? Activator.CreateInstance(type) : null;
    }

    private Array Several(Type type)
    {
        var several = Array.CreateInstance(type, _random.Next(4));
        for (var i = 0; i < several.Length; i++) several.SetValue(ArgumentFor(type), i);
        return several;
    }

    // Does nothing, and answers nothing.
    private static Delegate? DelegateOf(Type type) =>
        type.ContainsGenericParameters || type.GetMethod("Invoke") is not { } invoke || invoke.GetParameters().Any(static parameter => parameter.ParameterType.IsByRefLike)
            ? null
            : Expression.Lambda(type, Expression.Default(invoke.ReturnType), [.. invoke.GetParameters().Select(static parameter => Expression.Parameter(parameter.ParameterType))]).Compile();

    private object? TryMake(Type type)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length == 0) return type.IsValueType ? Activator.CreateInstance(type) : null;
        var constructor = constructors[_random.Next(constructors.Length)];
        var arguments = constructor.GetParameters().Select(parameter => parameter.ParameterType.IsByRefLike ? null : parameter.HasDefaultValue ? DefaultOf(parameter) : ArgumentFor(parameter.ParameterType)).ToArray();
        if (arguments.Contains(null)) return null;
        try
        {
            var made = constructor.Invoke(arguments);
            Add(made);
            return made;
        }
        catch (TargetInvocationException refused) when (AnyCallTests.SaysWhatIsWrong(refused.InnerException!))
        {
            return null;
        }
    }

    // With what it has: objects of the library, or of its collections.
    private void Add(object found)
    {
        var open = new Queue<object>([found]);
        while (open.TryDequeue(out var next))
        {
            var type = next.GetType();
            if (type.Assembly == _core && !type.IsEnum && !type.IsArray && next is not Exception)
            {
                if (type.IsValueType ? _values++ > MostValues : !_known.Add(next)) continue;
                _objects.Add(next);
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    if (property.GetIndexParameters().Length == 0 && !property.PropertyType.IsByRefLike && !property.PropertyType.IsByRef && ValueOf(property, next) is { } value) open.Enqueue(value);
                }
            }
            else if (next is IEnumerable several and not string)
            {
                foreach (var one in several.Cast<object?>().Take(4))
                {
                    if (one is not null) open.Enqueue(one);
                }
            }
        }
    }

    private static object? ValueOf(PropertyInfo property, object of)
    {
        try
        {
            return property.GetValue(of);
        }
        catch (TargetInvocationException refused) when (AnyCallTests.SaysWhatIsWrong(refused.InnerException!))
        {
            return null;
        }
    }
}
