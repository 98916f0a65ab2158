using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Flow;

/// <summary>
/// What one call leads to through delegates and type arguments may come to one body on many ways. The shortest of them is followed, and
/// the others tell nothing new: without that, their number multiplies at each step.
/// </summary>
internal sealed partial class CalleeEffects
{
    private readonly Dictionary<Following, int> _followed = new();
    private readonly HashSet<(ISymbol Member, ISymbol? Through, ContextDepths Depths)> _asked = new();
    private object? _followedFor;

    private bool WasFollowed(BodyKey key, Site site, ImmutableArray<AppliedEffect>.Builder found, int depth)
    {
        ForCall(found);
        var following = new Following(key, site);
        if (_followed.TryGetValue(following, out int known) && known <= depth) return true;
        _followed[following] = depth;
        return false;
    }

    // Whichever way leads to a member of a type argument that nobody here knows, any of its implementations may run.
    private bool WasAsked(IMethodSymbol member, INamedTypeSymbol? through, Site site, ImmutableArray<AppliedEffect>.Builder found)
    {
        ForCall(found);
        return !_asked.Add((member, through, site.Alternative.Depths));
    }

    private void ForCall(ImmutableArray<AppliedEffect>.Builder found)
    {
        if (ReferenceEquals(_followedFor, found)) return;
        _followed.Clear();
        _asked.Clear();
        _followedFor = found;
    }

    /// <summary>A body with all that decides over its effects at a call, but the way to it.</summary>
    private sealed class Following : System.IEquatable<Following>
    {
        private readonly BodyKey _key;
        private readonly Site _site;

        public Following(BodyKey key, Site site) => (_key, _site) = (key, site);

        public bool Equals(Following? other) =>
            other is not null && _key.Equals(other._key) && SymbolEqualityComparer.Default.Equals(_site.Target, other._site.Target)
            && Equals(_site.Receiver, other._site.Receiver) && SymbolEqualityComparer.Default.Equals(_site.ReceiverType, other._site.ReceiverType)
            && _site.IsGeneric == other._site.IsGeneric && _site.IsOpen == other._site.IsOpen && _site.IsStarted == other._site.IsStarted
            && _site.Arguments.SequenceEqual(other._site.Arguments) && _site.Alternative.Depths.Equals(other._site.Alternative.Depths)
            && _site.Alternative.Facts.SameAs(other._site.Alternative.Facts);

        public override bool Equals(object? obj) => Equals(obj as Following);

        public override int GetHashCode() => (_key.GetHashCode() * 31) + SymbolEqualityComparer.Default.GetHashCode(_site.Target);
    }
}
