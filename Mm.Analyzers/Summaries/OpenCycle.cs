using System.Collections.Generic;
using Mm.Analyzers.Facts;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// What is known so far of bodies that call each other in a cycle. Notes what each of them reads of the others while it is computed:
/// a body is computed again only when something that it read has changed. For one thread.
/// </summary>
internal sealed class OpenCycle
{
    private readonly Dictionary<BodyKey, Member> _members = new();
    private Member? _running;
    private int _now;

    public OpenCycle(IEnumerable<BodyKey> members)
    {
        foreach (var key in members) _members.Add(key, new Member());
    }

    public bool Contains(BodyKey key) => _members.ContainsKey(key);

    /// <summary>The summary of a member so far; null of any other body.</summary>
    public Summary? Read(BodyKey key)
    {
        if (!_members.TryGetValue(key, out var member)) return null;
        _running?.Reads.Add(member);
        return member.Current;
    }

    public Summary this[BodyKey key] => _members[key].Current;

    /// <summary>From here on, this is what is known of the member; whether that is anything else than before.</summary>
    public bool Set(BodyKey key, Summary summary)
    {
        var member = _members[key];
        bool isNew = !summary.SameAs(member.Current);
        member.Current = summary;
        if (isNew) member.ChangedAt = ++_now;
        return isNew;
    }

    /// <summary>Begins anew from one summary for all.</summary>
    public void Reset(Summary summary)
    {
        foreach (var member in _members.Values)
        {
            member.Current = summary;
            member.Last = null;
        }
    }

    /// <summary>What computing the member came to the last time, if nothing has changed of what it read then; otherwise null.</summary>
    public Summary? StillHolding(BodyKey key)
    {
        var member = _members[key];
        if (member.Last is null) return null;
        foreach (var read in member.Reads)
        {
            if (read.ChangedAt > member.RunAt) return null;
        }

        return member.Last;
    }

    /// <summary>From here on, what is read is read for this member.</summary>
    public void Begin(BodyKey key)
    {
        _running = _members[key];
        _running.Reads.Clear();
        _running.Last = null;
        _running.RunAt = ++_now;
    }

    public void End(Summary? result)
    {
        _running!.Last = result;
        _running = null;
    }

    private sealed class Member
    {
        public Summary Current { get; set; } = Summary.Neutral;

        /// <summary>The result of the last time it was computed, null if that did not come to an end.</summary>
        public Summary? Last { get; set; }

        public int RunAt { get; set; }

        public int ChangedAt { get; set; }

        public HashSet<Member> Reads { get; } = new();
    }
}
