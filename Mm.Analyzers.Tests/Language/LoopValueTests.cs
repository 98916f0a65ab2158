using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Flags through operators, calls, references, tuples and loops.</summary>
public class LoopValueTests
{
    public static TheoryData<string, string> Cases => new()
    {
        {
            "a counter",
            """
            void N()
            {
                using (_lock.Hold())
                {
                    for (int i = 0; i < 3; i++)
                    {
                        if (i == 2) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "a flag toggled",
            """
            void M()
            {
                bool flag = false;
                _lock.Acquire();
                for (int i = 0; i < 4; i++)
                {
                    if (flag) {|MM1001:Scheduler.Schedule()|};
                    flag = !flag;
                }
                _lock.Release();
            }
            """
        },
        {
            "this turn and the last",
            """
            int Next() => _count;
            void M()
            {
                _lock.Acquire();
                int prev = -1, n = 0;
                while (Next() > 0)
                {
                    if (n == prev) {|MM1001:Scheduler.Schedule()|};
                    prev = n;
                    n = Next() * 2;
                }
                _lock.Release();
            }
            """
        },
        {
            "a list",
            """
            class Node { public bool Busy; public Node? Next; } void M(Node? n)
            {
                while (n != null)
                {
                    if (n.Busy) _lock.Acquire();
                    Scheduler.Udelay(1);
                    if (n.Busy) _lock.Release();
                    n = n.Next;
                }
            }
            """
        },
        {
            "a list that is written",
            """
            class Node { public bool Busy; public Node? Next; } void M(Node? n)
            {
                using (_lock.Hold())
                {
                    while (n != null)
                    {
                        if (n.Busy)
                        {
                            {|MM1001:Scheduler.Schedule()|};
                        }
                        n.Busy = false;
                        n = n.Next;
                    }
                }
            }
            """
        },
        {
            "the first turn is another",
            """
            void M(int[] a)
            {
                bool first = true;
                using (_lock.Hold())
                {
                    foreach (var x in a)
                    {
                        if (first)
                        {
                            first = false;
                            continue;
                        }
                        {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "unknown values",
            """
            void M(int[] a)
            {
                using (_lock.Hold())
                {
                    int k = 0;
                    foreach (var x in a)
                    {
                        int y = x * a.Length;
                        if (y == 0)
                        {
                            k = 1;
                            continue;
                        }
                        if (k == 1 && y == 3) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
        {
            "a lock toggled",
            """
            void M(int n)
            {
                bool held = false;
                for (int i = 0; i < n; i++)
                {
                    if (!held)
                    {
                        _lock.Acquire();
                        held = true;
                    }
                    else
                    {
                        _lock.Release();
                        held = false;
                    }
                }
                if (held) _lock.Release();
            }
            """
        },
        {
            "flags that grow",
            """
            void M(int n)
            {
                Gfp g = Gfp.Atomic;
                using (_lock.Hold())
                {
                    for (int i = 0; i < n; i++)
                    {
                        {|MM1003:Slab.Allocate(64, g)|};
                        g |= Gfp.MayBlock;
                    }
                }
            }
            """
        },
        {
            "flags that grow harmlessly",
            """
            void M(int n)
            {
                Gfp g = Gfp.Atomic;
                using (_lock.Hold())
                {
                    for (int i = 0; i < n; i++)
                    {
                        Slab.Allocate(64, g);
                        g |= Gfp.Zeroed;
                    }
                }
            }
            """
        },
        {
            "counted at the end",
            """
            void M(int n)
            {
                using (_lock.Hold())
                {
                    int i = 0;
                    do
                    {
                        if (i == 5) {|MM1001:Scheduler.Schedule()|};
                    }
                    while (++i < n);
                }
            }
            """
        },
        {
            "counted down",
            """
            void M(int n)
            {
                using (_lock.Hold())
                {
                    int i = 10;
                    while (i --> 0)
                    {
                        if (i == 3) {|MM1001:Scheduler.Schedule()|};
                        if (i == 10) _count++;
                    }
                }
            }
            """
        },
        {
            "flags that shrink",
            """
            void M(int n)
            {
                using (_lock.Hold())
                {
                    Gfp g = Gfp.Kernel;
                    while (n-- > 0)
                    {
                        if ((g & Gfp.MayBlock) == 0)
                        {
                            Slab.Allocate(64, g);
                        }
                        g &= ~Gfp.MayBlock;
                    }
                }
            }
            """
        },
        {
            "a byte as counter",
            """
            void M(B b)
            {
                using (_lock.Hold())
                {
                    for (byte i = 0; i < 200; i += 50)
                    {
                        if (i == 150) {|MM1001:Scheduler.Schedule()|};
                    }
                }
            }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Values_InALoop_AreThoseOfThisTurn(string what, string members) => ValueCase.CheckAsync(what, members);
}
