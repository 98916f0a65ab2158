using System.Collections.Generic;
using System.Linq;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>Programs with known verdicts, about as a driver or a memory manager would be written. No name occurs in two of them.</summary>
internal static partial class Corpus
{
    internal static readonly IReadOnlyDictionary<string, (string Path, string Markup)[]> Programs =
        Effects().Concat(Rest()).ToDictionary(program => program.Key, program => program.Value);

    /// <summary>What a call may do, in a context that forbids it.</summary>
    private static Dictionary<string, (string Path, string Markup)[]> Effects() => new()
    {
        ["SleepUnderLock"] =
        [
            ("PageCache.cs",
            """
            class PageCache
            {
                readonly TicketLock _treeLock = new();
                int _dirty;

                bool IsFull() => _dirty > 64;

                void Write()
                {
                    using (_treeLock.Hold())
                    {
                        _dirty++;
                        {|MM1001:Scheduler.Schedule()|};
                    }
                }

                void Flush(int budget)
                {
                    _treeLock.Acquire();
                    while (budget > 0)
                    {
                        budget--;
                        _treeLock.Release();
                        Scheduler.Msleep(1);
                        _treeLock.Acquire();
                    }

                    {|MM1001:Scheduler.Msleep(2)|};
                    _treeLock.Release();
                }

                void Shrink()
                {
                    if (!_treeLock.TryAcquire())
                    {
                        Scheduler.Schedule();
                        return;
                    }

                    if (IsFull()) {|MM1001:Scheduler.MightSleep()|}; else _dirty = 0;
                    _treeLock.Release();
                }

                void Count()
                {
                    using (_treeLock.Hold())
                    {
                        if (IsFull()) _dirty = 0; else _dirty++;
                    }
                }
            }
            """),
        ],
        ["SleepThroughCalls"] =
        [
            ("Reclaim.cs",
            """
            class Reclaimer
            {
                readonly TicketLock _zoneLock = new();

                void Balance(int order)
                {
                    using (_zoneLock.Hold())
                    {
                        {|MM1001:Compaction.Compact(order)|};
                        Compaction.Estimate(order);
                    }

                    Compaction.Compact(order);
                }

                void Visit(IShrinker shrinker)
                {
                    using (Rcu.Read())
                    {
                        {|MM1001:shrinker.Shrink(4)|};
                    }
                }
            }
            """),
            ("Compaction.cs",
            """
            interface IShrinker
            {
                void Shrink(int count);
            }

            class SlabShrinker : IShrinker
            {
                public void Shrink(int count)
                {
                    if (count > 0) Compaction.Compact(count);
                }
            }

            static class Compaction
            {
                public static void Compact(int order)
                {
                    if (order > 0) Migrate(order); else Estimate(order);
                }

                public static int Estimate(int order) => order <= 0 ? 0 : Estimate(order - 1) + 1;

                static void Migrate(int order)
                {
                    Compact(order - 1);
                    Scheduler.Schedule();
                }
            }
            """),
        ],
        ["Faults"] =
        [
            ("Copying.cs",
            """
            class Copying
            {
                readonly RawTicketLock _descriptors = new();

                byte Peek(ulong at)
                {
                    using (_descriptors.Hold())
                    {
                        return {|MM1002:UserMemory.Touch(at)|};
                    }
                }

                bool Probe(ulong at)
                {
                    using (PageFaults.Off())
                    {
                        if (UserMemory.TouchNoFault(at)) return true;
                        return {|MM1002:UserMemory.GetUser(at)|} != 0;
                    }
                }

                int Read(ulong at) => UserMemory.GetUser(at);

                int ReadLocked(ulong at)
                {
                    _descriptors.Acquire();
                    int read = {|MM1002:Read(at)|};
                    _descriptors.Release();
                    return read;
                }
            }
            """),
        ],
        ["Flags"] =
        [
            ("Buddy.cs",
            """
            class Buddy
            {
                readonly TicketLock _freeLock = new();
                object? _spare;

                void Refill()
                {
                    using (_freeLock.Hold())
                    {
                        {|MM1003:PageAllocator.AllocatePages(Gfp.Kernel, 0)|};
                        PageAllocator.AllocatePages(Gfp.Atomic, 0);
                        PageAllocator.AllocatePages(Gfp.Kernel & ~Gfp.MayBlock, 1);
                        _spare = {|MM1003:Slab.Allocate(8, Gfp.NoIo | Gfp.Zeroed)|};
                    }

                    _spare = Slab.Allocate(8, Gfp.Kernel);
                }

                object? Get(Gfp gfp)
                {
                    using (_freeLock.Hold())
                    {
                        return Slab.Allocate(16, gfp);
                    }
                }

                void Warm()
                {
                    _spare = Get(Gfp.Atomic);
                    _spare = {|MM1003:Get(Gfp.NoFs)|};
                }
            }
            """),
        ],
        ["Allocations"] =
        [
            ("Tracing.cs",
            """
            class Tracing
            {
                int _events;

                void Record(string name)
                {
                    using (GarbageCollection.Off())
                    {
                        _events++;
                        object entry = {|MM1004:new object()|};
                        {|MM1004:Describe(name)|};
                    }
                }

                string Describe(string name)
                {
                    return name + _events;
                }
            }
            """),
        ],
        ["OtherEffects"] =
        [
            ("Tlb.cs",
            """
            [Forbids<CrossCall>]
            readonly struct Shootdown : IContext;

            class Tlb
            {
                int _generation;

                void FlushAll()
                {
                    Interrupts.Disable();
                    _generation++;
                    {|MM1005:Broadcast()|};
                    Interrupts.Enable();
                    Broadcast();
                }

                [RunsIn<Shootdown>]
                void OnShootdown()
                {
                    {|MM1005:Broadcast()|};
                }

                void Broadcast()
                {
                    Scheduler.SmpCallFunction(static () => { });
                }
            }
            """),
        ],
    };
}
