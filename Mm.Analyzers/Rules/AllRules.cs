using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Rules;

/// <summary>Every rule, in the order in which they speak about one step.</summary>
internal static class AllRules
{
    /// <summary>Speaks of calls, and of methods without a visible body that go to a place with a promise.</summary>
    public static readonly UnverifiedCall Unverified = new();

    /// <summary>Speaks of steps, and of bodies that are objects.</summary>
    public static readonly ContractViolated Promises = new();

    public static readonly ImmutableArray<StepRule> Steps = ImmutableArray.Create<StepRule>(
        new ForbiddenContext(),
        new MissingContext(),
        new FaultInAtomicContext(),
        new SleepingAllocationInAtomicContext(),
        new SleepInAtomicContext(),
        new AwaitInAtomicContext(),
        new AllocationInNoGcContext(),
        new ForbiddenEffect(),
        Promises,
        new FlagsNotForwarded(),
        Unverified);

    public static readonly ImmutableArray<BodyRule> Bodies = ImmutableArray.Create<BodyRule>(
        new ContextNotLeft(),
        new ContextNotEntered(),
        new ContextDiffersOnMerge(),
        new ScopeDropped(),
        new ConversionWeakensContract(),
        new ContextLeaksOnException(),
        new LockTakenTwice(),
        new WrongLockReleased(),
        new AllocatorMismatch(),
        new ResultIgnored());

    /// <summary>Off by default: they run where somebody has switched them on.</summary>
    public static readonly ImmutableArray<BodyRule> OptIn = ImmutableArray.Create<BodyRule>(
        new NeedlesslyAtomic(),
        new UndeclaredEffect());

    public static readonly ImmutableArray<DeclarationRule> Declarations = ImmutableArray.Create<DeclarationRule>(
        new ContradictoryAnnotations(),
        new TrustWithoutReason());

    public static readonly ImmutableArray<AssemblyRule> Assembly = ImmutableArray.Create<AssemblyRule>(
        new InconsistentInterruptState(),
        new LockOrderInversion(),
        new CrossCallUnderIrqLock());

    public static readonly OverrideWeakensContract Overrides = new();

    public static readonly UnknownAnnotatedSymbol AnnotationFiles = new();

    public static readonly LockCopied Copies = new();

    public static readonly OptionWithoutMeaning Options = new();

    public static readonly ImmutableArray<DiagnosticDescriptor> Descriptors =
        Steps.Cast<Rule>().Concat(Bodies).Concat(OptIn).Concat(Declarations).Concat(Assembly).Append(Overrides).Append(AnnotationFiles).Append(Copies).Append(Options).Select(static rule => rule.Descriptor).ToImmutableArray();
}
