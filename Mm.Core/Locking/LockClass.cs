// A lock class: all locks that are used by the same rules. Order and interrupt safety are judged by class, as lockdep does.
// Context: plain data; written under the registry's gate, read by anyone. Lifetime: as long as the machine.
using System;
using System.Collections.Generic;

namespace Mm.Core.Locking;

/// <summary>In which contexts a class has been taken.</summary>
[Flags]
internal enum LockUsage
{
    None = 0,
    UsedInHardIrq = 1,
    UsedInHardIrqRead = 2,
    TakenWithHardIrqsOn = 4,
    TakenWithHardIrqsOnRead = 8,
    UsedInSoftIrq = 16,
    UsedInSoftIrqRead = 32,
    TakenWithSoftIrqsOn = 64,
    TakenWithSoftIrqsOnRead = 128,
    UsedOutsideNmi = 256,
}

/// <summary>A kind of interrupts, and how a class may have been used with regard to it.</summary>
internal sealed record IrqLevel(string Name, string Interrupts, LockUsage Used, LockUsage UsedRead, LockUsage On, LockUsage OnRead)
{
    /// <summary>Hard and soft interrupts, in lockdep's order.</summary>
    public static readonly IReadOnlyList<IrqLevel> All =
    [
        new("HARDIRQ", "interrupts", LockUsage.UsedInHardIrq, LockUsage.UsedInHardIrqRead, LockUsage.TakenWithHardIrqsOn, LockUsage.TakenWithHardIrqsOnRead),
        new("SOFTIRQ", "soft interrupts", LockUsage.UsedInSoftIrq, LockUsage.UsedInSoftIrqRead, LockUsage.TakenWithSoftIrqsOn, LockUsage.TakenWithSoftIrqsOnRead),
    ];
}

/// <summary>How one lock was held while another was wanted: lockdep's -(EN)->, -(ER)->, -(SN)-> and -(SR)->.</summary>
/// <param name="PreviousIsRead">True if the lock that is held is held for reading.</param>
/// <param name="NextMayPassReaders">True if the other is wanted for reading by one who passes waiting writers, as interrupts do: he waits for writers only.</param>
internal readonly record struct Order(bool PreviousIsRead, bool NextMayPassReaders)
{
    private const int ThatBeginWithAReader = 0b1100;
    private const int ThatPassReaders = 0b1010;

    public int Bit => 1 << ((PreviousIsRead ? 2 : 0) + (NextMayPassReaders ? 1 : 0));

    public static Order Of(in HeldLocks.Entry outer, bool mayPassReaders) => new(outer.Read, mayPassReaders);

    /// <summary>Follows one of several orders after another.</summary>
    /// <param name="orders">The bits of those that there are.</param>
    /// <param name="afterPassingReaders">True if the order before passes readers: a reader does not hold it up.</param>
    /// <returns>True if what is left passes readers; null if nothing is left.</returns>
    public static bool? Continue(int orders, bool afterPassingReaders)
    {
        if (afterPassingReaders) orders &= ~ThatBeginWithAReader;
        return orders == 0 ? null : (orders & ~ThatPassReaders) == 0;
    }
}

internal sealed class LockClass(string name, int index, bool sleeps)
{
    private readonly Dictionary<LockClass, int> _after = [];
    private readonly Dictionary<LockUsage, (string File, int Line)> _sites = [];

    public string Name { get; } = name;

    public int Index { get; } = index;

    /// <summary>True for locks whose waiters give the CPU up.</summary>
    public bool Sleeps { get; } = sleeps;

    public LockUsage Usage { get; private set; }

    /// <summary>Adds ways in which the class has been taken, and remembers where each was the first time. Under the gate.</summary>
    public void AddUsage(LockUsage added, string file, int line)
    {
        for (var bit = 1; bit <= (int)added; bit <<= 1)
        {
            if (((int)added & bit) != 0) _ = _sites.TryAdd((LockUsage)bit, (file, line));
        }

        Usage |= added;
    }

    /// <summary>Where the class was first taken in one of several ways.</summary>
    public string SiteOf(LockUsage usage)
    {
        foreach (var (of, (file, line)) in _sites)
        {
            if ((of & usage) != 0) return Diagnostics.SourceSite.Format(file, line);
        }

        return "0x0";
    }

    /// <summary>The classes that have been taken while this one was held, each with the orders of which there were any.</summary>
    public IReadOnlyDictionary<LockClass, int> After => _after;

    // Four bits for each class. Read without the gate: a bit that is not seen yet only means a second, harmless look under it.
    private ulong[] _known = new ulong[4];

    public bool IsKnownBefore(LockClass later, Order order)
    {
        var known = _known;
        var word = later.Index >> 4;
        return word < known.Length && (known[word] & ((ulong)order.Bit << ((later.Index & 15) * 4))) != 0;
    }

    public void AddAfter(LockClass later, Order order)
    {
        _after[later] = _after.GetValueOrDefault(later) | order.Bit;
        var word = later.Index >> 4;
        if (word >= _known.Length)
        {
            var grown = new ulong[word + 4];
            _known.CopyTo(grown, 0);
            _known = grown;
        }

        _known[word] |= (ulong)order.Bit << ((later.Index & 15) * 4);
    }

    /// <summary>Four signs as lockdep prints them: hard and soft interrupts, each for writing and reading. <c>.</c> never, <c>-</c> in an interrupt, <c>+</c> with interrupts on, <c>?</c> both.</summary>
    public string Signs => string.Create(4, Usage, static (signs, usage) =>
    {
        for (var i = 0; i < 4; i++)
        {
            var used = (LockUsage)(i switch { 0 => 1, 1 => 2, 2 => 16, _ => 32 });
            var on = (LockUsage)((int)used << 2);
            signs[i] = ((usage & used) != 0, (usage & on) != 0) switch
            {
                (false, false) => '.',
                (true, false) => '-',
                (false, true) => '+',
                _ => '?',
            };
        }
    });

    /// <summary>The class as reports show it.</summary>
    public override string ToString() => $"({Name}){{{Signs}}}-{(Sleeps ? "{3:3}" : "{2:2}")}";
}
