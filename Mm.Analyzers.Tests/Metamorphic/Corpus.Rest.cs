using System.Collections.Generic;

namespace Mm.Analyzers.Tests.Metamorphic;

/// <summary>The programs about the other rules: awaits, requirements, balance, guards, promises, handlers.</summary>
internal static partial class Corpus
{
    private static Dictionary<string, (string Path, string Markup)[]> Rest() => new()
    {
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
