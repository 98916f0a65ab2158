using System.Collections.Generic;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>Programs with known verdicts, about as a driver or a memory manager would be written. No name occurs in two of them.</summary>
internal static class Corpus
{
    internal static readonly IReadOnlyDictionary<string, (string Path, string Markup)[]> Programs = new Dictionary<string, (string, string)[]>
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
        ["Awaits"] =
        [
            ("Writeback.cs",
            """
            using System.Threading.Tasks;

            class Writeback
            {
                readonly TicketLock _queueLock = new();
                int _queued;

                async Task Drain(Task work)
                {
                    _queueLock.Acquire();
                    _queued--;
                    {|MM1006:await work|};
                    _queueLock.Release();
                    await work;
                }
            }
            """),
        ],
        ["Requirements"] =
        [
            ("PerCpu.cs",
            """
            class PerCpuLists
            {
                readonly TicketLock _listLock = new();
                int _hot;

                void Pop()
                {
                    int early = {|MM1008:Preemption.CurrentCpu|};
                    using (Preemption.Off())
                    {
                        _hot = Preemption.CurrentCpu + early;
                    }
                }

                [RunsIn<HardIrq>]
                void OnInterrupt()
                {
                    using ({|MM1007:_listLock.HoldIrq()|})
                    {
                        _hot++;
                    }
                }

                [Requires<PreemptOff>]
                void Push(int page)
                {
                    _hot += page;
                }

                void PushAll(int pages)
                {
                    {|MM1008:Push(1)|};
                    using var off = Preemption.Off();
                    while (pages > 0)
                    {
                        Push(pages);
                        pages--;
                    }
                }
            }
            """),
        ],
        ["Balance"] =
        [
            ("Slots.cs",
            """
            class Slots
            {
                readonly TicketLock _slotLock = new();
                readonly TicketLock _swapLock = new();
                int _used;

                bool IsBusy() => _used > 0;

                int Find(int wanted)
                {
                    _slotLock.Acquire();
                    if (wanted < _used)
                    {
                        {|MM2001:return -1;|}
                    }

                    _slotLock.Release();
                    return wanted;
                }

                void Discard()
                {
                    _used--;
                    {|MM2002:_slotLock.Release()|};
                }

                void Move()
                {
                    _slotLock.Acquire();
                    if (IsBusy())
                    {
                        _slotLock.Release();
                    }

                    {|MM2003:_used++;|}
                }

                void Swap(bool locked)
                {
                    if (!locked) _swapLock.Acquire();
                    _used++;
                    if (!locked) _swapLock.Release();
                }
            }
            """),
        ],
        ["Guards"] =
        [
            ("Epochs.cs",
            """
            class Epochs
            {
                readonly TicketLock _epochLock = new();
                int _epoch;

                void Advance()
                {
                    {|MM2004:_epochLock.Hold()|};
                    _epoch++;
                }

                void Retire()
                {
                    var guard = {|MM2004:_epochLock.Hold()|};
                    _epoch++;
                }

                void Pin()
                {
                    var guard = _epochLock.Hold();
                    _epoch++;
                    guard.Dispose();
                }
            }
            """),
        ],
        ["Promises"] =
        [
            ("Watchdog.cs",
            """
            class Watchdog
            {
                int _ticks;

                [Never<Sleep>]
                public void Tick()
                {
                    _ticks++;
                    {|MM3003:Bark()|};
                }

                [Never<Sleep>]
                public void Tock()
                {
                    Scheduler.Udelay(5);
                }

                void Bark()
                {
                    if (_ticks > 3) Scheduler.Msleep(10);
                }
            }
            """),
        ],
        ["Handlers"] =
        [
            ("Device.cs",
            """
            class Device
            {
                readonly SleepingMutex _setup = new();
                int _state;

                [RunsIn<HardIrq>]
                void OnReady()
                {
                    _state++;
                    {|MM1001:Configure()|};
                }

                [RunsIn<SoftIrq>]
                void OnDone(int code)
                {
                    if (code == 0) _state = 0; else {|MM1001:Scheduler.Schedule()|};
                }

                void Start()
                {
                    Configure();
                }

                void Configure()
                {
                    using (_setup.Hold())
                    {
                        _state = 1;
                    }
                }
            }
            """),
        ],
        ["Deferred"] =
        [
            ("Timers.cs",
            """
            class Timers
            {
                readonly TicketLock _wheel = new();
                int _pending;

                void Arm()
                {
                    using (_wheel.Hold())
                    {
                        _pending++;
                        Rcu.AfterReaders(() => { _pending--; });
                        {|MM1001:Each(4)|};
                    }
                }

                void Each(int count)
                {
                    for (int at = 0; at < count; at++)
                    {
                        Cascade(at);
                    }
                }

                void Cascade(int level)
                {
                    Rcu.WaitForReaders();
                }
            }
            """),
        ],
    };
}
