using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Rules;

/// <summary>A call waits for other CPUs while a lock is held that an interrupt handler also takes.</summary>
internal sealed class CrossCallUnderIrqLock : AssemblyRule
{
    private static readonly DiagnosticDescriptor s_descriptor = new(
        "MM2010",
        "Call waits for other CPUs under a lock of an interrupt handler",
        "{0} might wait for other CPUs{1} while lock '{2}' is held{3}, which an interrupt handler takes too{4}",
        Category.Balance,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Another CPU may be in that handler, waiting for the lock with interrupts off: it never answers. Release the lock before other CPUs are called.",
        Documentation + "MM2010.md",
        WellKnownDiagnosticTags.CompilationEnd);

    public CrossCallUnderIrqLock()
        : base(s_descriptor)
    {
    }

    public override IEnumerable<Violation> Judge(LockLedger ledger)
    {
        if (ledger.Waitings.Count == 0) yield break;
        var handled = ledger.TakenByHandlers(Interruption.Hard);
        foreach (var waiting in ledger.Waitings)
        {
            if (!handled.TryGetValue(waiting.Lock, out var handler)) continue;
            yield return new Violation(this, waiting.Site)
            {
                Subject = waiting.Path.Name,
                Declared = NameOf(waiting.Lock),
                Holder = waiting.Holder,
                Path = waiting.Path,
                Related = ImmutableArray.Create(handler.Site),
            };
        }
    }
}
