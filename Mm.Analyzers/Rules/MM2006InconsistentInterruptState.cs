using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Rules;

/// <summary>A lock is taken in an interrupt handler and, elsewhere, with interrupts on.</summary>
internal sealed class InconsistentInterruptState : AssemblyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2006",
        "Lock of an interrupt handler is taken with interrupts on",
        "Lock '{0}' is taken with {1} on, but {2} takes it too{3}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "If the interrupt comes while the lock is held, its handler waits for the lock on the CPU that it has interrupted, for ever. Switch interrupts off before the lock is taken.",
        Documentation + "MM2006.md",
        WellKnownDiagnosticTags.CompilationEnd);

    public InconsistentInterruptState()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(LockLedger ledger)
    {
        foreach (var handled in ledger.TakenByHandlers(Interruption.Hard))
        {
            foreach (var violation in Judge(ledger, handled.Value, Interruption.Hard)) yield return violation;
        }

        // Where hardware interrupts are the trouble, bottom halves need not be named as well.
        foreach (var handled in ledger.TakenByHandlers(Interruption.Soft))
        {
            foreach (var violation in Judge(ledger, handled.Value, Interruption.Soft)) yield return violation;
        }
    }

    private IEnumerable<Violation> Judge(LockLedger ledger, Taking handler, Interruption kind)
    {
        var takings = ledger.Takings.Where(taking => SymbolEqualityComparer.Default.Equals(taking.Lock, handler.Lock)).ToList();
        var inHandlers = new HashSet<Location>();
        foreach (var taking in takings)
        {
            // No bottom half comes in the way of a hardware interrupt's handler.
            if ((taking.Handled & (kind | Interruption.Hard)) == 0) continue;
            inHandlers.Add(taking.Site);
            for (var hop = taking.Path.Next; hop is not null; hop = hop.Next) inHandlers.Add(hop.Location);
        }

        var interruptible = Interruptible(takings, kind);
        foreach (var taking in takings)
        {
            if ((taking.Open & kind) == 0 || !interruptible.Contains(taking.Body) || inHandlers.Contains(taking.Site)) continue;

            // Callees are noted themselves, except where the handler goes through the same place: then this is where the two part.
            if (!taking.Callees.IsEmpty && !taking.Callees.Any(callee => takings.Exists(inner => inner.Body.Equals(callee) && (inner.Open & kind) != 0 && inHandlers.Contains(inner.Site)))) continue;
            yield return new Violation(this, taking.Site)
            {
                Subject = NameOf(taking.Lock),
                Detail = kind == Interruption.Hard ? "interrupts" : "bottom halves",
                Declared = kind == Interruption.Hard ? "an interrupt handler" : "a softirq",
                Path = taking.Path,
                Related = ImmutableArray.Create(handler.Site),
            };
        }
    }

    /// <summary>The bodies that may run with interrupts on: those that nobody calls, and those that such a one calls with interrupts on.</summary>
    private static HashSet<BodyKey> Interruptible(List<Taking> takings, Interruption kind)
    {
        var called = new HashSet<BodyKey>();
        foreach (var taking in takings)
        {
            foreach (var callee in taking.Callees)
            {
                if (!callee.Equals(taking.Body)) called.Add(callee);
            }
        }

        var byBody = takings.ToLookup(static taking => taking.Body);
        var reached = new HashSet<BodyKey>();
        var found = new HashSet<BodyKey>();
        foreach (var taking in takings)
        {
            if (taking.IsStart || !called.Contains(taking.Body)) Follow(taking.Body);
        }

        // Bodies that only call each other: whichever comes first is called from outside.
        takings.Sort(static (a, b) => LockLedger.Compare(a.Site, b.Site));
        foreach (var taking in takings)
        {
            if (!reached.Contains(taking.Body)) Follow(taking.Body);
        }

        return found;

        void Follow(BodyKey root)
        {
            var pending = new Stack<(BodyKey Body, bool IsOpen)>();
            pending.Push((root, true));
            while (pending.Count > 0)
            {
                var (body, isOpen) = pending.Pop();
                bool isNew = reached.Add(body);
                if (isOpen) isNew |= found.Add(body);
                if (!isNew) continue;
                foreach (var taking in byBody[body])
                {
                    foreach (var callee in taking.Callees) pending.Push((callee, isOpen && (taking.Open & kind) != 0));
                }
            }
        }
    }
}
