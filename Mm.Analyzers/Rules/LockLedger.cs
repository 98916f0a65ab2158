using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Flow;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Rules;

/// <summary>How an interrupt can come in the way.</summary>
[System.Flags]
internal enum Interruption
{
    None = 0,

    /// <summary>The hardware: a handler, and whoever has not switched interrupts off.</summary>
    Hard = 1,

    /// <summary>Bottom halves: a softirq, and whoever has switched off neither these nor interrupts.</summary>
    Soft = 2,
}

/// <summary>A lock is taken in a body, by itself or through callees.</summary>
/// <param name="Lock">Its class.</param>
/// <param name="Body">The body.</param>
/// <param name="Site">The step of the body.</param>
/// <param name="Path">The way to the primitive.</param>
internal sealed record Taking(ISymbol Lock, BodyKey Body, Location Site, Witness Path)
{
    /// <summary>Handlers of which kind take it here.</summary>
    public Interruption Handled { get; init; }

    /// <summary>What may interrupt here, as far as the body itself has not switched it off.</summary>
    public Interruption Open { get; init; }

    /// <summary>The body starts in a declared context, whoever calls it.</summary>
    public bool IsStart { get; init; }

    /// <summary>The visible bodies through which it is taken; empty where this body takes it.</summary>
    public ImmutableArray<BodyKey> Callees { get; init; } = ImmutableArray<BodyKey>.Empty;
}

/// <summary>A lock is taken while another is held.</summary>
internal sealed record Nesting(ISymbol Held, ISymbol Taken, Location Site, Witness Path);

/// <summary>A call waits for other CPUs while a lock is held.</summary>
internal sealed record Waiting(ISymbol Lock, Held Holder, Location Site, Witness Path);

/// <summary>
/// What the rules about the whole assembly need to know of each body, noted when the body is judged. Notes arrive in any order:
/// whoever reads them sorts by location.
/// </summary>
internal sealed class LockLedger
{
    private readonly ConcurrentBag<Taking> _takings = new();
    private readonly ConcurrentBag<Nesting> _nestings = new();
    private readonly ConcurrentBag<Waiting> _waitings = new();
    private readonly Session _session;
    private readonly ContextKind _irqOff;
    private readonly ContextKind _softIrq;
    private readonly ContextKind _hardIrq;

    public LockLedger(Session session)
    {
        _session = session;
        _irqOff = session.Contracts.Contexts.Named("IrqOff")!;
        _softIrq = session.Contracts.Contexts.Named("SoftIrq")!;
        _hardIrq = session.Contracts.Contexts.Named("HardIrq")!;
    }

    public IReadOnlyCollection<Taking> Takings => _takings;

    public IReadOnlyCollection<Nesting> Nestings => _nestings;

    public IReadOnlyCollection<Waiting> Waitings => _waitings;

    /// <summary>File, then place in it: an order that does not depend on that of the files.</summary>
    public static int Compare(Location left, Location right)
    {
        int order = string.CompareOrdinal(left.SourceTree?.FilePath, right.SourceTree?.FilePath);
        return order != 0 ? order : left.SourceSpan.CompareTo(right.SourceSpan);
    }

    /// <summary>The locks that handlers of this kind take, each with its first site.</summary>
    public Dictionary<ISymbol, Taking> TakenByHandlers(Interruption kind)
    {
        var locks = new Dictionary<ISymbol, Taking>(SymbolEqualityComparer.Default);
        foreach (var taking in _takings)
        {
            if ((taking.Handled & kind) == 0) continue;
            if (!locks.TryGetValue(taking.Lock, out var known) || Compare(taking.Site, known.Site) < 0) locks[taking.Lock] = taking;
        }

        return locks;
    }

    public void Note(FlowResult result, CancellationToken cancellation)
    {
        foreach (var conversion in result.Conversions) NoteHandler(result, conversion);
        foreach (var visit in result.Visits)
        {
            foreach (var reach in visit.Reaches)
            {
                if (reach.Before.IsExceptional) continue;
                foreach (var effect in reach.Effects)
                {
                    if (effect.IsDormant || effect.IsGeneric || effect.IsElsewhere) continue;
                    if (effect.Entry.Acquired is { } acquired)
                    {
                        NoteTaking(result, visit, reach.Before, effect, acquired, cancellation);
                        if (!acquired.IsTry) NoteNestings(result, visit, reach.Before, effect, acquired);
                    }
                    else if (effect.Entry.Effect.Equals(EffectKind.CrossCall))
                    {
                        NoteWaiting(result, visit, reach.Before, effect);
                    }
                }
            }
        }
    }

    /// <summary>A method that is given to be run in a context takes its locks there, wherever else it takes them.</summary>
    private void NoteHandler(FlowResult result, ConversionVisit conversion)
    {
        if (conversion.Function is not Symbol { Role: SymbolRole.Function, Key: BodyKey { IsLambda: false } }) return;
        var handled = HandledBy(conversion.Place, conversion.Inside, conversion.Inside.Depths);
        if (handled == Interruption.None) return;
        foreach (var effect in conversion.Effects)
        {
            if (effect.Entry.Acquired is not { IsTry: false } acquired || LockIdentity.ClassOf(acquired.Lock) is not { } @lock) continue;
            _takings.Add(new Taking(@lock, result.Body.Key, conversion.Step.Location, effect.Entry.Witness) { Handled = handled });
        }
    }

    private void NoteTaking(
        FlowResult result, StepVisit visit, Alternative before, AppliedEffect effect, Acquisition acquired, CancellationToken cancellation)
    {
        // A lambda that says nothing runs where it is invoked, and is noted there.
        if (result.Body.Key.IsLambda && !result.Contract.SaysAnything) return;
        if (LockIdentity.ClassOf(acquired.Lock) is not { } @lock) return;
        var open = Interruption.None;
        if (!MayBeIn(_irqOff, before, effect.At, acquired))
        {
            open = MayBeIn(_softIrq, before, effect.At, acquired) ? Interruption.Hard : Interruption.Hard | Interruption.Soft;
        }

        _takings.Add(new Taking(@lock, result.Body.Key, visit.Step.Location, effect.Entry.Witness)
        {
            Handled = acquired.IsTry ? Interruption.None : HandledBy(result.Contract, before, effect.At),
            Open = open,
            IsStart = !result.Contract.RunsIn.IsEmpty,
            Callees = visit.Step is CallStep call ? Through(call, @lock, cancellation) : ImmutableArray<BodyKey>.Empty,
        });
    }

    private Interruption HandledBy(Contract contract, Alternative before, ContextDepths at)
    {
        var handled = before.IsIn(_hardIrq, at) ? Interruption.Hard : Interruption.None;
        foreach (var context in contract.RunsIn)
        {
            if (context.Implies(_irqOff)) handled |= Interruption.Hard;
            if (context.Implies(_softIrq)) handled |= Interruption.Soft;
        }

        return handled;
    }

    private static bool MayBeIn(ContextKind context, Alternative before, ContextDepths at, Acquisition acquired)
    {
        if (before.IsIn(context, at) || before.PossiblyIn(context, at) is not null) return true;
        foreach (var entered in acquired.Contexts)
        {
            if (entered.Implies(context)) return true;
        }

        return false;
    }

    /// <summary>The called bodies that take the lock themselves, as opposed to one that is handed a lock or a delegate.</summary>
    private ImmutableArray<BodyKey> Through(CallStep call, ISymbol @lock, CancellationToken cancellation)
    {
        var callees = ImmutableArray.CreateBuilder<BodyKey>();
        foreach (var key in _session.Resolver.Resolve(call, cancellation).Bodies)
        {
            if (_session.Summaries.Find(key) is not { } summary) continue;
            foreach (var entry in summary.Effects)
            {
                if (!SymbolEqualityComparer.Default.Equals(LockIdentity.ClassOf(entry.Acquired?.Lock), @lock)) continue;
                callees.Add(key);
                break;
            }
        }

        return callees.ToImmutable();
    }

    private void NoteNestings(FlowResult result, StepVisit visit, Alternative before, AppliedEffect effect, Acquisition acquired)
    {
        if (LockIdentity.ClassOf(acquired.Lock) is not { } taken) return;
        foreach (var held in before.LocksAt(effect.At))
        {
            if (!Balance.IsConflict(result, held)) NoteNesting(LockIdentity.ClassOf(held.Lock), taken, visit, effect);
        }

        foreach (var held in acquired.Under) NoteNesting(LockIdentity.ClassOf(held), taken, visit, effect);
    }

    private void NoteNesting(ISymbol? held, ISymbol taken, StepVisit visit, AppliedEffect effect)
    {
        if (held is null || SymbolEqualityComparer.Default.Equals(held, taken)) return;
        _nestings.Add(new Nesting(held, taken, visit.Step.Location, effect.Entry.Witness));
    }

    private void NoteWaiting(FlowResult result, StepVisit visit, Alternative before, AppliedEffect effect)
    {
        foreach (var other in visit.Reaches)
        {
            foreach (var reported in other.Effects)
            {
                // MM1005 or MM1007 speaks of this call.
                if (Judgement.Of(result, other.Before, reported).Verdict == Verdict.Violates) return;
            }
        }

        foreach (var held in before.LocksAt(effect.At))
        {
            if (LockIdentity.ClassOf(held.Lock) is { } @lock) _waitings.Add(new Waiting(@lock, held, visit.Step.Location, effect.Entry.Witness));
        }
    }
}
