using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Catalog;

/// <summary>A region that .NET itself knows, without an annotation.</summary>
internal enum Region
{
    SpinLock,
    Lock,
    Async,
    Callback,
    Finalizer,
    NoGc,
}

/// <summary>An option whose value says nothing.</summary>
internal sealed record OptionFault(string Option, string Value, string Expected);

/// <summary>
/// The options that make contexts of .NET's own regions: each names what is forbidden in one. A context forbids what any file of the
/// compilation asks for; a report that the file in which it would stand does not ask for is dropped.
/// </summary>
internal sealed class RegionRules
{
    public const string UnknownCallees = "mm_unknown_callees";

    private static readonly string[] s_options =
    {
        "mm_spinlock_rules", "mm_lock_rules", "mm_async_rules", "mm_unmanaged_callers_rules", "mm_finalizer_rules", "mm_nogc_rules",
    };

    private static readonly string[] s_contexts = { "SpinLockRegion", "LockRegion", "AsyncRegion", "CallbackRegion", "FinalizerRegion", "" };

    /// <summary>No option is set.</summary>
    public static readonly RegionRules None = new();

    private readonly Dictionary<SyntaxTree, ImmutableHashSet<EffectKind>?[]> _trees = new();
    private readonly ImmutableHashSet<EffectKind>[] _forbidden = new ImmutableHashSet<EffectKind>[s_options.Length];
    private readonly ContextKind?[] _contexts = new ContextKind?[s_options.Length];
    private readonly List<OptionFault> _faults = new();

    private RegionRules()
    {
        for (int i = 0; i < _forbidden.Length; i++) _forbidden[i] = ImmutableHashSet<EffectKind>.Empty;
    }

    /// <summary>Some region has become a context.</summary>
    public bool IsAny { get; private set; }

    /// <summary>Values that mean nothing, in the order of the files.</summary>
    public IReadOnlyList<OptionFault> Faults => _faults;

    /// <summary>Regions without garbage collection are left to the budget that the runtime grants.</summary>
    public bool TrustsBudget { get; private set; }

    public static RegionRules Of(Compilation compilation, AnalyzerConfigOptionsProvider provider, CancellationToken cancellation)
    {
        RegionRules? rules = null;
        AnalyzerConfigOptions? last = null;
        ImmutableHashSet<EffectKind>?[]? lastRead = null;
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellation.ThrowIfCancellationRequested();

            // Files of a folder share their options.
            var options = provider.GetOptions(tree);
            if (!ReferenceEquals(options, last))
            {
                last = options;
                lastRead = Read(options, ref rules);
            }

            if (lastRead is not null) rules!._trees.Add(tree, lastRead);
        }

        rules?.Close();
        return rules ?? None;
    }

    /// <summary>The context of a region, or null where nobody asks for one.</summary>
    public ContextKind? ContextOf(Region region) => _contexts[(int)region];

    public IEnumerable<ContextKind> Contexts
    {
        get
        {
            foreach (var context in _contexts)
            {
                if (context is not null) yield return context;
            }
        }
    }

    /// <summary>Whether some region forbids the effect, so that it has to be looked for.</summary>
    public bool Forbid(EffectKind effect)
    {
        if (!IsAny) return false;
        foreach (var context in Contexts)
        {
            if (context.Forbids.Contains(effect)) return true;
        }

        return false;
    }

    /// <summary>Whether a report about a region's context is asked for in a file.</summary>
    public bool IsAskedFor(ContextKind context, EffectKind effect, SyntaxTree? tree)
    {
        if (!context.IsRegion) return true;
        int region = Array.IndexOf(s_contexts, context.ShortName);
        return region >= 0 && tree is not null && _trees.TryGetValue(tree, out var asked) && asked[region]?.Contains(effect) == true;
    }

    private static ImmutableHashSet<EffectKind>?[]? Read(AnalyzerConfigOptions options, ref RegionRules? rules)
    {
        ImmutableHashSet<EffectKind>?[]? read = null;
        for (int i = 0; i < s_options.Length; i++)
        {
            if (!options.TryGetValue(s_options[i], out string? value)) continue;
            rules ??= new RegionRules();
            var region = (Region)i;
            if (Parse(region, value) is not { } forbidden)
            {
                rules.AddFault(s_options[i], value, ValuesOf(region));
                continue;
            }

            if (region == Region.NoGc) rules.TrustsBudget |= forbidden.IsEmpty;
            else if (!forbidden.IsEmpty) (read ??= new ImmutableHashSet<EffectKind>?[s_options.Length])[i] = forbidden;
            rules._forbidden[i] = rules._forbidden[i].Union(forbidden);
        }

        if (options.TryGetValue(UnknownCallees, out string? unknown) && unknown is not ("trust" or "report"))
        {
            (rules ??= new RegionRules()).AddFault(UnknownCallees, unknown, "trust or report");
        }

        return read;
    }

    private static string ValuesOf(Region region) => region switch
    {
        Region.NoGc => "none or no_allocations",
        Region.SpinLock => "blocking, documented, or some of no_allocations, no_spin_locks, no_virtual_calls and no_foreign_calls",
        _ => "none, or some of no_waits, no_locks, no_blocking and no_allocations",
    };

    /// <summary>The effects that a value forbids; null where it is no value of the option.</summary>
    private static ImmutableHashSet<EffectKind>? Parse(Region region, string value)
    {
        var effects = ImmutableHashSet.CreateBuilder<EffectKind>();
        foreach (string part in value.Split(','))
        {
            bool isLock = region == Region.SpinLock;
            bool isWord = region != Region.NoGc;
            switch (part.Trim())
            {
                case "none" when !isLock && value.IndexOf(',') < 0:
                case "blocking" when isLock && value.IndexOf(',') < 0:
                    break;
                case "documented" when isLock && value.IndexOf(',') < 0:
                    effects.UnionWith(new[] { EffectKind.Allocate, EffectKind.SecondSpinLock, EffectKind.VirtualCall, EffectKind.Unknown });
                    break;
                case "no_allocations": effects.Add(EffectKind.Allocate); break;
                case "no_spin_locks" when isLock: effects.Add(EffectKind.SecondSpinLock); break;
                case "no_virtual_calls" when isLock: effects.Add(EffectKind.VirtualCall); break;
                case "no_foreign_calls" when isLock: effects.Add(EffectKind.Unknown); break;
                case "no_waits" when isWord && !isLock: effects.Add(EffectKind.Wait); break;
                case "no_locks" when isWord && !isLock: effects.Add(EffectKind.TakeLock); break;
                case "no_blocking" when isWord && !isLock:
                    effects.Add(EffectKind.Wait);
                    effects.Add(EffectKind.TakeLock);
                    break;
                default:
                    return null;
            }
        }

        return effects.ToImmutable();
    }

    private void AddFault(string option, string value, string expected)
    {
        var fault = new OptionFault(option, value, expected);
        if (!_faults.Contains(fault)) _faults.Add(fault);
    }

    private void Close()
    {
        for (int i = 0; i < _forbidden.Length; i++)
        {
            if (_forbidden[i].IsEmpty || (Region)i == Region.NoGc) continue;
            string name = ContextKind.RegionPrefix + s_contexts[i];
            _contexts[i] = new ContextKind(name, ImmutableHashSet.Create(name), _forbidden[i]);
            IsAny = true;
        }
    }
}
