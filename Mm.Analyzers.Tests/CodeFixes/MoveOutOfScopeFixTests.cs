using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class MoveOutOfScopeFixTests
{
    private const string Front = nameof(MoveOutOfScopeFix) + ".Front";
    private const string Back = nameof(MoveOutOfScopeFix) + ".Back";

    [Fact]
    public Task Call_FirstInAUsingBlock_GoesInFrontOfIt() => CheckAsync(
        Front,
        """
                Prepare();

                // The table is shared.
                using (_lock.Hold())
                {
                    // May wait.
                    _mutex.Acquire();
                    _count++;
                }
        """,
        """
                Prepare();
                // May wait.
                _mutex.Acquire();

                // The table is shared.
                using (_lock.Hold())
                {
                    _count++;
                }
        """);

    [Fact]
    public Task Declaration_FirstInAUsingBlock_TakesItsVariableAlong() => CheckAsync(
        Front,
        """
                using (var held = _lock.Hold())
                {
                    byte[] room = Wait(
                        size);
                    _room = room;
                }
        """,
        """
                byte[] room = Wait(
                    size);
                using (var held = _lock.Hold())
                {
                    _room = room;
                }
        """);

    [Fact]
    public Task Call_LastInAUsingBlock_GoesBehindIt() => CheckAsync(
        Back,
        """
                using (_lock.Hold())
                {
                    _count++;
                    Scheduler.Msleep(size);
                }

                Prepare();
        """,
        """
                using (_lock.Hold())
                {
                    _count++;
                }
                Scheduler.Msleep(size);

                Prepare();
        """);

    [Fact]
    public Task Call_BehindAUsingDeclaration_GoesInFrontOfIt() => CheckAsync(
        Front,
        """
                using var held = _lock.Hold();
                size++;
                _mutex.Acquire();
        """,
        """
                _mutex.Acquire();
                using var held = _lock.Hold();
                size++;
        """);

    [Fact]
    public Task Call_BetweenEnterAndLeave_GoesBehindTheLeave() => CheckAsync(
        Back,
        """
                _lock.Acquire();
                _count++;
                _mutex.Acquire();
                _lock.Release();
                Prepare();
        """,
        """
                _lock.Acquire();
                _count++;
                _lock.Release();
                _mutex.Acquire();
                Prepare();
        """);

    [Fact]
    public Task Call_InTheTryBehindAnEnter_GoesInFrontOfTheEnter() => CheckAsync(
        Front,
        """
                _lock.Acquire();
                try
                {
                    _mutex.Acquire();
                    _count++;
                }
                finally
                {
                    _lock.Release();
                }
        """,
        """
                _mutex.Acquire();
                _lock.Acquire();
                try
                {
                    _count++;
                }
                finally
                {
                    _lock.Release();
                }
        """);

    [Fact]
    public async Task Fault_UnderALock_CanBeMovedToo() => Assert.Equal(
        [Front, Back],
        await new FixRun(new MoveOutOfScopeFix(), "MM1002").OffersAsync(InMethod(
            """
                    using (_lock.Hold())
                    {
                        size = size + 1;
                        UserMemory.Touch(64);
                    }
            """)));

    [Theory]
    [InlineData("size = size + 1;\n            Scheduler.Msleep(size);", Back)]                   // reads what the scope wrote
    [InlineData("Scheduler.Msleep(size);\n            size = size + 1;", Front)]                  // and what it writes later
    [InlineData("_count++;\n            Scheduler.Msleep(_count);", null)]                          // the lock guards the field
    [InlineData("int room = Wait(1).Length;\n            _count = room;", Front)]                  // its variable is used behind it
    [InlineData("if (size > 0)\n                _mutex.Acquire();\n            _count++;", null)]  // only on one path
    [InlineData("_mutex.Acquire();", null)]                                                           // nothing else is in the scope
    [InlineData("_mutex.Acquire();\n            if (size > 0) return;\n            _count++;", Front)] // would not be reached
    [InlineData("_items.Add(1);\n            _items.AddRange(Wait(size));", null)]                  // order of calls on one object
    public async Task Call_ThatHasToDoWithWhatItWouldPass_StaysOnThatSide(string statements, string? offered) => Assert.Equal(
        offered is null ? [] : [offered],
        await new FixRun(new MoveOutOfScopeFix(), "MM1001").OffersAsync(InMethod(
            $$"""
                    using (_lock.Hold())
                    {
                        {{statements}}
                    }
            """)));

    [Fact]
    public async Task Declaration_OfANameThatIsTakenOutside_IsLeftAlone() => Assert.Empty(
        await new FixRun(new MoveOutOfScopeFix(), "MM1001").OffersAsync(InMethod(
            """
                    using (_lock.Hold())
                    {
                        byte[] room = Wait(size);
                        _room = room;
                    }
                    if (size > 0) { int room = 1; _count = room; }
            """)));

    [Fact]
    public async Task FixAll_SeveralInOneScope_KeepTheirOrder() => Assert.Equal(
        InMethod(
            """
                    Scheduler.Msleep(1);
                    byte[] room = Wait(size);
                    using (_lock.Hold())
                    {
                        _room = room;
                    }
            """),
        await new FixRun(new MoveOutOfScopeFix(), "MM1001") { Key = Front }.AllAsync(InMethod(
            """
                    using (_lock.Hold())
                    {
                        Scheduler.Msleep(1);
                        byte[] room = Wait(size);
                        _room = room;
                    }
            """)));

    private static async Task CheckAsync(string key, string statements, string @fixed) => Assert.Equal(
        InMethod(@fixed), await new FixRun(new MoveOutOfScopeFix(), "MM1001") { Key = key }.FirstAsync(InMethod(statements)));

    private static string InMethod(string statements) =>
        $$"""
        using System.Collections.Generic;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly SleepingMutex _mutex = new();
            readonly List<byte> _items = [];
            int _count;
            byte[] _room = [];

            void M(int size)
            {
        {{statements}}
            }

            void Prepare() => _count += _room.Length;

            static byte[] Wait(int size)
            {
                Scheduler.Schedule();
                return new byte[size];
            }
        }
        """;
}
