// Who holds pages outside of the memory manager, and what asking him to let go can lead to.
// Context: a release handler runs in a task, may sleep, and is called with no lock held and the page pinned (matrix row 67).
// Invariants: H1 a handler is never called after Unregister has returned. Lifetime: Register to Unregister.
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Holders;

/// <summary>What a holder has done about a page that is wanted.</summary>
public enum ReleaseAnswer
{
    /// <summary>He uses the page no longer, and has given his references back.</summary>
    Released = 1,

    /// <summary>Not now; he may be asked again.</summary>
    Busy,

    /// <summary>He cannot.</summary>
    Failed,
}

/// <summary>Is asked to let a page go.</summary>
/// <param name="task">The running task.</param>
/// <param name="page">The page, with a reference of the caller's.</param>
[Might<Sleep>]
public delegate ReleaseAnswer ReleaseHandler(MachineTask task, Pfn page);

/// <summary>Somebody who holds pages.</summary>
public sealed class PageHolder
{
    internal PageHolder(string name, ReleaseHandler? release)
    {
        Name = name;
        Release = release;
    }

    /// <summary>His name, for reports.</summary>
    public string Name { get; }

    /// <summary>True if he can be asked to let go; otherwise he is only named.</summary>
    public bool CanRelease => Release is not null;

    internal ReleaseHandler? Release { get; }

    // Under the registry's lock.
    internal bool IsLeaving { get; set; }

    internal int Calls { get; set; }
}

/// <summary>One hold of one page: what <see cref="HolderRegistry.UnsetHold"/> wants back. A hold that was replaced or released is stale.</summary>
public readonly struct HoldToken
{
    internal HoldToken(Hold hold) => Hold = hold;

    internal Hold? Hold { get; }

    /// <summary>The number of the hold; no two of an allocator have the same.</summary>
    public long Generation => Hold?.Generation ?? 0;
}

/// <summary>Why a page was not put under a hold.</summary>
public enum HoldError
{
    /// <summary>It was.</summary>
    None,

    /// <summary>Somebody holds it already.</summary>
    HeldBy,

    /// <summary>Whoever holds it is just being asked to let go.</summary>
    Releasing,

    /// <summary>There is no holder, he is not registered here, or leaves.</summary>
    InvalidHolder,

    /// <summary>Nobody refers to the page, so the caller does not either.</summary>
    NoReference,
}

/// <summary>What became of a wish to hold a page.</summary>
/// <param name="Error">Why it failed, or <see cref="HoldError.None"/>.</param>
/// <param name="Token">The hold.</param>
/// <param name="Other">Who holds it instead, or held it until now.</param>
public readonly record struct HoldResult(HoldError Error, HoldToken Token, PageHolder? Other)
{
    /// <summary>True if the page is held now.</summary>
    public bool Succeeded => Error == HoldError.None;
}

/// <summary>What became of a wish to end a hold.</summary>
public enum UnsetResult
{
    /// <summary>It has ended.</summary>
    Removed,

    /// <summary>It had ended before: the page may be somebody else's by now.</summary>
    Stale,

    /// <summary>The holder is just being asked; nothing has changed.</summary>
    Releasing,
}

/// <summary>What became of asking a holder to let a page go.</summary>
public enum ReleaseOutcome
{
    /// <summary>He has, and the hold has ended.</summary>
    Released,

    /// <summary>Nobody holds it.</summary>
    NoHolder,

    /// <summary>Its holder is known by name only.</summary>
    HeldNoRelease,

    /// <summary>He is being asked by somebody else, or says "not now".</summary>
    Busy,

    /// <summary>He says that he cannot.</summary>
    Failed,

    /// <summary>Nobody refers to the page: it is free, or on its way.</summary>
    Gone,
}

/// <summary>A hold of a page. Its identity is its generation: a new hold of the same page is another object.</summary>
internal sealed class Hold(PageHolder holder, Pfn page, long generation)
{
    public PageHolder Holder { get; } = holder;

    public Pfn Page { get; } = page;

    public long Generation { get; } = generation;

    // Under the registry's lock.
    public bool IsReleasing { get; set; }
}
