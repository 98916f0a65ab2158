using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Reporting;

/// <summary>The words of a message: what might happen, in which context, since when, and the path.</summary>
internal static class Wording
{
    // Beyond this many hops the middle of a path is left out of the sentence; the related locations keep it.
    private const int PathLimit = 12;

    /// <summary>"sleep", or "fault and sleep".</summary>
    public static string Effects(ImmutableArray<EffectKind> effects) => Join(effects.Select(static effect => effect.ShortName switch
    {
        "Sleep" => "sleep",
        "Fault" => "fault",
        "Allocate" => "allocate",
        "CrossCall" => "wait for other CPUs",
        "SpinOnLock" => "spin on a lock",
        "SleepOnRt" => "sleep on a real-time kernel",
        "Wait" when effect.IsOfRegions => "wait",
        "TakeLock" when effect.IsOfRegions => "wait for a lock",
        "SecondSpinLock" when effect.IsOfRegions => "take a second spin lock",
        "VirtualCall" when effect.IsOfRegions => "make a virtual call",
        var own => $"have effect {own}",
    }).ToList());

    /// <summary>" (Mutex.Lock)": the primitive behind the call, where it is not the call itself.</summary>
    public static string Primitive(Witness? path) => path?.Next is null ? "" : $" ({path.Last.Name})";

    /// <summary>"with preemption off: spin lock '_lock' is held since line 31".</summary>
    public static string Situation(ContextKind context, Held? holder)
    {
        string since = holder?.Site is { } site && site.IsInSource ? $" since line {site.GetLineSpan().StartLinePosition.Line + 1}" : "";
        string name = Name(holder?.Lock);
        string Lock(string kind) => since.Length == 0
            ? $"with preemption off: a {kind} is held"
            : name.Length == 0 ? $"with preemption off: a {kind} is held{since}" : $"with preemption off: {kind} '{name}' is held{since}";
        return context.ShortName switch
        {
            "SpinLockHeld" => Lock("spin lock"),
            "RawSpinLockHeld" => Lock("raw spin lock"),
            "PreemptOff" => "with preemption off" + since,
            "SoftIrq" => since.Length == 0 ? "in a softirq" : "with bottom halves off" + since,
            "IrqOff" => "with interrupts off" + since,
            "HardIrq" => "in an interrupt handler" + since,
            "Nmi" => "in an NMI handler" + since,
            "FaultsOff" => "with page faults off" + since,
            "RcuRead" => "inside an RCU read section" + (since.Length == 0 ? "" : " entered" + since.Replace("since", "in")),
            "SpinLockRegion" when context.IsRegion => Lock("spin lock"),
            "LockRegion" when context.IsRegion => name.Length == 0 ? "under a lock" + since : $"under lock '{name}', held{since}",
            "AsyncRegion" when context.IsRegion => "in an async method",
            "CallbackRegion" when context.IsRegion => "in a callback from native code",
            "FinalizerRegion" when context.IsRegion => "in a finalizer",
            "NoGc" => "in a region without garbage collection" + since,
            var own => $"in context {own}" + since,
        };
    }

    public static string Contexts(ImmutableArray<ContextKind> contexts, Held? holder)
    {
        string name = Name(holder?.Lock);
        string which = name.Length == 0 ? "" : $" ('{name}')";
        return Join(contexts.Select(static context => context.ShortName).ToList()) + which;
    }

    /// <summary>". Path: A → B → Mutex.Lock", where there is more than the call itself.</summary>
    public static string Path(Witness? path)
    {
        if (path?.Next is null) return "";
        var names = new List<string>();
        for (var at = path; at is not null; at = at.Next) names.Add(at.Name);
        if (names.Count > PathLimit)
        {
            names.RemoveRange(PathLimit / 2, names.Count - PathLimit + 1);
            names.Insert(PathLimit / 2, "…");
        }

        return ". Path: " + string.Join(" → ", names);
    }

    /// <summary>The name by which a lock is known: the field, local or parameter it was reached through.</summary>
    public static string Name(Value? value) => value switch
    {
        Symbol { Key: ISymbol { Name: { Length: > 0 } name } symbol } when symbol is IFieldSymbol or ILocalSymbol or IPropertySymbol or IParameterSymbol => name,
        Symbol { Key: Facts.OperationLowering.Element, Parent: { } array } => Name(array) is { Length: > 0 } element ? element + "[]" : "",
        Symbol { Key: Symbol place } => Name(place),
        _ => "",
    };

    private static string Join(List<string> parts)
    {
        var text = new StringBuilder();
        for (int i = 0; i < parts.Count; i++)
        {
            if (i > 0) text.Append(i == parts.Count - 1 ? " and " : ", ");
            text.Append(parts[i]);
        }

        return text.ToString();
    }
}
