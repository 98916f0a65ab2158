using System;
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

    /// <summary>"sleep", "fault and sleep", or "sleep and have effects Prints and Beeps".</summary>
    public static string Effects(ImmutableArray<EffectKind> effects)
    {
        var verbs = new List<string>();
        var own = new List<string>();
        foreach (var effect in effects)
        {
            if (Verb(effect) is { } verb) verbs.Add(verb);
            else own.Add(effect.Name);
        }

        if (own.Count > 0) verbs.Add((own.Count == 1 ? "have effect " : "have effects ") + Join(ShortNames(own)));
        return Join(verbs);
    }

    private static string? Verb(EffectKind effect) => effect.ShortName switch
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
        _ => null,
    };

    /// <summary>" (Mutex.Lock)": the primitive behind the call, where it is not the call itself, and on what it hangs.</summary>
    public static string Primitive(Witness? path)
    {
        if (path is null) return "";
        string condition = path.Last.Condition.Length > 0 ? " " + path.Last.Condition : "";
        return path.Next is null ? condition : $" ({path.Last.Name}{condition})";
    }

    /// <summary>How a sentence begins: "'Flush'" of what has a name in code, "A lambda" of what has none.</summary>
    public static string Subject(string name) => IsCode(name) ? Quoted(name) : char.ToUpperInvariant(name[0]) + name.Substring(1);

    public static string Quoted(string name) => IsCode(name) ? $"'{name}'" : name;

    private static bool IsCode(string name)
    {
        if (name.Length == 0 || name.IndexOf(' ') < 0) return true;
        return name.StartsWith("new ", StringComparison.Ordinal) || name.StartsWith("operator ", StringComparison.Ordinal)
            || name.StartsWith("implicit ", StringComparison.Ordinal) || name.StartsWith("explicit ", StringComparison.Ordinal)
            || name.IndexOf('.') is > 0 and var dot && dot < name.IndexOf(' ') || name.IndexOf('<') is > 0 and var open && open < name.IndexOf(' ');
    }

    /// <summary>"with preemption off: spin lock '_lock' is held since line 31".</summary>
    public static string Situation(ContextKind context, Held? holder, Location at)
    {
        string since = Since(holder, at);
        string name = Name(holder?.Lock);
        string Lock(string kind, string state = "preemption") => name.Length == 0 || since.Length == 0
            ? $"with {state} off: a {kind} is held{since}"
            : $"with {state} off: {kind} '{name}' is held{since}";
        return context.ShortName switch
        {
            "SpinLockHeld" => Lock("spin lock"),
            "RawSpinLockHeld" => Lock("raw spin lock"),
            "PreemptOff" => LockIn(holder) is { } kind ? Lock(kind) : "with preemption off" + since,
            "SoftIrq" => since.Length == 0 ? "in a softirq" : LockIn(holder) is { } kind ? Lock(kind, "bottom halves") : "with bottom halves off" + since,
            "IrqOff" => LockIn(holder) is { } kind ? Lock(kind, "interrupts") : "with interrupts off" + since,
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

    /// <summary>" since line 31"; " since line 31 of Journal.cs", if that is not the file of the report.</summary>
    public static string Since(Held? holder, Location at)
    {
        if (holder?.Site is not { IsInSource: true } site) return "";
        string line = $" since line {site.GetLineSpan().StartLinePosition.Line + 1}";
        return site.SourceTree == at.SourceTree ? line : line + " of " + FileName(site.SourceTree!.FilePath);
    }

    private static string FileName(string path) => path.Substring(path.LastIndexOfAny(['/', '\\']) + 1);

    /// <summary>What was entered is a lock, which took care of preemption or interrupts as well.</summary>
    private static string? LockIn(Held? holder)
    {
        if (holder is null) return null;
        foreach (var context in holder.Contexts)
        {
            if (context.IsLock) return context.ShortName == "RawSpinLockHeld" ? "raw spin lock" : "spin lock";
        }

        return null;
    }

    public static string Contexts(ImmutableArray<ContextKind> contexts, Held? holder)
    {
        string name = Name(holder?.Lock);
        string which = name.Length == 0 ? "" : $" ('{name}')";
        return Join(ShortNames(contexts.Select(static context => context.Name).ToList())) + which;
    }

    // Markers of one name are told apart by what is around them.
    private static List<string> ShortNames(List<string> names)
    {
        var texts = names.ConvertAll(ContextKind.Shorten);
        return texts.Distinct().Count() == texts.Count ? texts : names.ConvertAll(static name => name.Replace('+', '.'));
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
        Symbol { Role: SymbolRole.Field, Key: ISymbol { IsStatic: false, Name: { Length: > 0 } part }, Parent: Symbol whole } when Name(whole) is { Length: > 0 } around => around + "." + part,
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
