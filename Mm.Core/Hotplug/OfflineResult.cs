// How taking memory out ended, and what stood in its way.
using Mm.Core.Physical;

namespace Mm.Core.Hotplug;

/// <summary>How it ended.</summary>
public enum OfflineOutcome
{
    /// <summary>The memory is gone.</summary>
    Done,

    /// <summary>The range is not whole blocks of one zone that are all there.</summary>
    InvalidRange,

    /// <summary>The zone's allocator cannot isolate.</summary>
    NotSupported,

    /// <summary>A page can neither be moved nor let go: it is named.</summary>
    Unmovable,

    /// <summary>A notifier refused.</summary>
    Vetoed,

    /// <summary>Somebody wanted it to end.</summary>
    Interrupted,

    /// <summary>Pages that could go did not, however often they were asked: the first is named.</summary>
    Busy,
}

/// <summary>How taking memory out ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Page">The page that stood in the way, where there is one.</param>
/// <param name="Reason">What it is, for reports.</param>
public readonly record struct OfflineResult(OfflineOutcome Outcome, Pfn? Page = null, string Reason = "")
{
    /// <summary>True if the memory is gone.</summary>
    public bool Succeeded => Outcome == OfflineOutcome.Done;
}
