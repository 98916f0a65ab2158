using System.Collections.Immutable;

namespace Mm.Analyzers.Facts;

/// <summary>
/// What the operations of a body show at a glance, without a control-flow graph: whom it calls, in any order. Of most bodies that is
/// enough to see that nothing in them can matter.
/// </summary>
internal sealed class Sketch
{
    /// <summary>Something in the body needs more than a glance.</summary>
    public static readonly Sketch Unclear = new();

    /// <summary>A body without code.</summary>
    public static readonly Sketch Empty = new() { IsPlain = true, IsListed = true, IsOpaque = true, Completes = true };

    /// <summary>All that the body does is call, compute and allocate.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Whom it calls is all there; a plain body is listed too. Others may also run delegates, which have no contracts. Everything below is said of listed bodies only.</summary>
    public bool IsListed { get; init; }

    /// <summary>Every call that may be made, written or implied; those in lambdas and local functions too.</summary>
    public ImmutableArray<CallTarget> Calls { get; init; } = ImmutableArray<CallTarget>.Empty;

    public bool Allocates { get; init; }

    /// <summary>There are lambdas or local functions in it.</summary>
    public bool HasFunctions { get; init; }

    /// <summary>It is given flags, and passes on such that are not simply these (MM4003).</summary>
    public bool ChoosesFlags { get; init; }

    /// <summary>How it returns says nothing to a caller: it gives nothing, or a number or text that takes long to make.</summary>
    public bool IsOpaque { get; init; }

    /// <summary>It is given a condition, and may end in an exception.</summary>
    public bool Asserts { get; init; }

    /// <summary>Some path goes to its end or to a return, if its callees return.</summary>
    public bool Completes { get; init; }
}
