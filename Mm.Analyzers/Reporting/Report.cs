using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Rules;

namespace Mm.Analyzers.Reporting;

/// <summary>Makes the diagnostic of a violation.</summary>
internal static class Report
{
    public static Diagnostic Of(Violation violation)
    {
        var related = new List<Location>();
        var repair = violation.Repair;
        if (violation.Holder?.Site is { IsInSource: true } entry && !entry.Equals(violation.Location))
        {
            related.Add(entry);
            if (!violation.Holder.IsOfCallee) repair = repair.SetItem(RepairKeys.IsEntryKnown, "");
        }

        related.AddRange(violation.Related);

        // The first hop is the reported call itself.
        for (var hop = violation.Path?.Next; hop is not null; hop = hop.Next)
        {
            if (hop.Location.IsInSource && !hop.Location.Equals(violation.Location) && !related.Contains(hop.Location)) related.Add(hop.Location);
        }

        return Diagnostic.Create(violation.Rule.Descriptor, violation.Location, related, repair, Arguments(violation));
    }

    private static object[] Arguments(Violation violation)
    {
        string path = Wording.Path(violation.Path);
        var first = violation.Contexts.IsEmpty ? null : violation.Contexts[0];
        string situation = first is null ? "" : Wording.Situation(first, violation.Holder, violation.Location);
        string contexts = Wording.Contexts(violation.Contexts, violation.Holder);
        return violation.Rule switch
        {
            ContextNotLeft when violation.Detail == "kept" => [$"{contexts} still entered, although the declaration says that {(violation.Contexts.Length > 1 ? "they are" : "it is")} left"],
            ContextNotLeft when violation.Detail.Length > 0 => [$"{contexts} not entered, although the declaration says so"],
            ContextNotLeft => [$"{contexts} still entered{Since(violation)}"],
            ContextNotEntered when violation.Contexts.Length > 1 => [contexts + LockIn(violation) + " are", "them"],
            ContextNotEntered => [contexts + LockIn(violation) + " is", "it"],
            ContextDiffersOnMerge => [contexts],
            ScopeDropped => [contexts + (violation.Contexts.Length > 1 ? " stay" : " stays"), violation.Subject, violation.Detail],
            AllocatorMismatch => [violation.Declared, violation.Subject, violation.Detail, path],
            FlagsNotForwarded => [violation.Subject, Wording.Effects(violation.Effects) + (violation.Path?.Next is null ? "" : $" ({violation.Path.Last.Name})"), violation.Detail],
            ContradictoryAnnotations or UnknownAnnotatedSymbol => [violation.Detail],
            NeedlesslyAtomic or ResultIgnored or TrustWithoutReason => [violation.Subject],
            UndeclaredEffect => [violation.Subject, violation.Detail, path],
            OverrideWeakensContract => [Override(violation, contexts) + path],
            ConversionWeakensContract => [Conversion(violation, situation, contexts) + path],
            MissingContext => [Wording.Subject(violation.Subject), contexts + (violation.Contexts.Length > 1 ? ", which are" : ", which is"), path],
            ForbiddenContext => [Wording.Subject(violation.Subject), situation, path],
            ContextLeaksOnException => [contexts, violation.Detail],
            LockTakenTwice => [LockOf(violation), Since(violation), path],
            WrongLockReleased => [LockOf(violation), HeldInstead(violation), Since(violation)],
            InconsistentInterruptState => [violation.Subject, violation.Detail, violation.Declared, path],
            LockOrderInversion => [violation.Subject, violation.Declared, violation.Detail, path],
            OptionWithoutMeaning => [violation.Subject, violation.Declared, violation.Detail],
            LockCopied => [violation.Subject, violation.Detail, violation.Declared],
            CrossCallUnderIrqLock => [Wording.Subject(violation.Subject), Wording.Primitive(violation.Path), violation.Declared, Since(violation), path],
            UnverifiedCall when first is null => [Wording.Quoted(violation.Subject), $"and {violation.Declared} promises never to {Wording.Effects(violation.Effects)}", path],
            UnverifiedCall => [Wording.Quoted(violation.Subject), $"which runs {situation}", path],
            SleepingAllocationInAtomicContext when violation.Path is { Last.Condition.Length: 0 } => [Wording.Subject(violation.Subject), Wording.Effects(violation.Effects) + Wording.Primitive(violation.Path) + " with these flags", situation, path],
            AwaitInAtomicContext => [violation.Subject, "", situation, path],
            _ => [Wording.Subject(violation.Subject), Wording.Effects(violation.Effects) + Wording.Primitive(violation.Path), situation, path],
        };
    }

    private static string Conversion(Violation violation, string situation, string contexts)
    {
        string subject = Wording.Subject(violation.Subject);
        string effects = violation.Effects.IsEmpty ? "" : Wording.Effects(violation.Effects);
        return violation.Detail switch
        {
            "promise" => $"{subject} might {effects}{Wording.Primitive(violation.Path)}, which {violation.Declared} promises never to do",
            "unknown" => $"{subject} makes no promise, but {violation.Declared} promises never to {effects}",
            "context" => $"{subject} might {effects}{Wording.Primitive(violation.Path)} but {violation.Declared} is run {situation}",
            "forbidden" => $"{subject} must not be called {situation}, which is where {violation.Declared} is run",
            "requires" => $"{subject} requires {contexts}, which {violation.Declared} does not promise",
            _ => $"{subject} changes {contexts}, which {violation.Declared} does not say",
        };
    }

    private static string Override(Violation violation, string contexts)
    {
        string subject = Wording.Subject(violation.Subject);
        string declared = $"'{violation.Declared}'";
        return violation.Detail switch
        {
            "promise" => $"{subject} might {Wording.Effects(violation.Effects)}{Wording.Primitive(violation.Path)}, which {declared} promises never to do",
            "requires" => $"{subject} requires {contexts}, which {declared} does not require",
            "argument" when violation.Effects.IsEmpty => $"{subject} runs a delegate argument in {contexts}, which {declared} does not say",
            "argument" => $"{subject} asks its delegate argument never to {Wording.Effects(violation.Effects)}, which {declared} does not",
            "result" => $"{subject} returns a delegate that might {Wording.Effects(violation.Effects)}, which {declared} promises never to do",
            "forbidden" => $"{subject} must not be called in {contexts}, which {declared} does not say",
            _ => $"{subject} changes {contexts} otherwise than {declared} says",
        };
    }

    /// <summary>"Lock '_lock'", or, of one that has no name here, "The lock".</summary>
    private static string LockOf(Violation violation) => Wording.Name(violation.Lock) is { Length: > 0 } name ? $"Lock '{name}'" : "The lock";

    private static string HeldInstead(Violation violation) =>
        Wording.Name(violation.Holder?.Lock) is { Length: > 0 } name && name != Wording.Name(violation.Lock) ? $"'{name}'" : "another lock";

    /// <summary>" ('_lock')", of a lock that has a name.</summary>
    private static string LockIn(Violation violation) => Wording.Name(violation.Lock) is { Length: > 0 } name ? $" ('{name}')" : "";

    private static string Since(Violation violation) =>
        Wording.Since(violation.Holder, violation.Location);
}
