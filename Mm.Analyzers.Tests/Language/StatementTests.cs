using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What statements run without saying so: using, foreach, lock, switch, catch.</summary>
public class StatementTests
{
    [Fact]
    public Task Using_Block_Disposes() => LanguageCase.FoundAsync(
        """
        using ({|MM1001:new Resource()|})
        {
            _count++;
        }
        """,
        "sealed class Resource : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Using_Variable_Disposes() => LanguageCase.FoundAsync(
        """
        using (var {|MM1001:resource = new Resource()|})
        {
            _count++;
        }
        """,
        "sealed class Resource : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Using_Declaration_DisposesAtTheEnd() => LanguageCase.FoundAsync(
        "using var {|MM1001:resource = new Resource()|}; _count++;",
        "sealed class Resource : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Using_Structure_Disposes() => LanguageCase.FoundAsync(
        "using ({|MM1001:new Resource()|}) { }",
        "readonly struct Resource : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Using_RefStructure_DisposesByPattern() => LanguageCase.FoundAsync(
        "using ({|MM1001:new Resource()|}) { }",
        "readonly ref struct Resource { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Using_OfNull_DisposesNothing() => LanguageCase.SilentAsync(
        "using (Resource? resource = null) { }",
        "sealed class Resource : IDisposable { public void Dispose() => Work.Do(); }");

    [Fact]
    public Task Foreach_Pattern_GetsTheEnumerator() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag { public Enumerator GetEnumerator() { Work.Do(); return default; } } struct Enumerator { public int Current => 1; public bool MoveNext() => false; } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_Pattern_MovesNext() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag { public Enumerator GetEnumerator() => default; } struct Enumerator { public int Current => 1; public bool MoveNext() => Work.Get() > 1; } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_Pattern_ReadsCurrent() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag { public Enumerator GetEnumerator() => default; } struct Enumerator { public int Current => Work.Get(); public bool MoveNext() => Environment.TickCount > 0; } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_Pattern_DisposesTheEnumerator() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag { public Enumerator GetEnumerator() => default; } struct Enumerator : IDisposable { public int Current => 1; public bool MoveNext() => false; public void Dispose() => Work.Do(); } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_RefStructEnumerator_IsDisposedByPattern() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag { public Enumerator GetEnumerator() => default; } ref struct Enumerator { public int Current => 1; public bool MoveNext() => false; public void Dispose() => Work.Do(); } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_ExtensionEnumerator_IsACall() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:3|}) { }",
        types: """
        struct Enumerator { public int Current => 1; public bool MoveNext() => false; } static class Counting { internal static Enumerator GetEnumerator(this int count) { Work.Do(); return default; } }
        """);

    [Fact]
    public Task Foreach_OwnEnumerable_IsACall() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag : IEnumerable<int> { public IEnumerator<int> GetEnumerator() { Work.Do(); return null!; } System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null!; } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Foreach_Iterator_RunsItsBody() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:Numbers()|}) { }",
        "IEnumerable<int> Numbers() { Work.Do(); yield return 1; }");

    [Fact]
    public Task Foreach_IteratorInALocal_RunsItsBody() => LanguageCase.FoundAsync(
        """
        IEnumerable<int> numbers = Numbers();
        foreach (int x in {|MM1001:numbers|})
        {
        }
        """,
        "IEnumerable<int> Numbers() { Work.Do(); yield return 1; }");

    [Fact]
    public Task Foreach_IteratorOfAnEnumerable_RunsItsBody() => LanguageCase.FoundAsync(
        "foreach (int x in {|MM1001:_bag|}) { }",
        """
        sealed class Bag : IEnumerable<int> { public IEnumerator<int> GetEnumerator() { Work.Do(); yield return 1; } System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); } readonly Bag _bag = new();
        """);

    [Fact]
    public Task Iterator_CalledAndNotEnumerated_RunsNothing() => LanguageCase.SilentAsync(
        "IEnumerable<int> numbers = Numbers();",
        "IEnumerable<int> Numbers() { Work.Do(); yield return 1; }");

    [Fact]
    public Task Iterator_EnumeratedByDotNet_RunsItsBody() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Numbers().Count()|};",
        "IEnumerable<int> Numbers() { Work.Do(); yield return 1; }");

    [Fact]
    public Task Foreach_ArrayStringAndSpan_RunNothing() => LanguageCase.SilentAsync(
        """
        foreach (int x in _numbers) { }
        foreach (char x in "abc") { }
        foreach (int x in _numbers.AsSpan()) { }
        foreach (int x in new List<int>()) { }
        """,
        "readonly int[] _numbers = { 1 }; void Unused() => Work.Do();");

    [Fact]
    public Task Foreach_Deconstruction_IsACall() => LanguageCase.FoundAsync(
        "foreach ((int a, int b) in {|MM1001:_pairs|}) { }",
        """
        sealed class Pair { public void Deconstruct(out int a, out int b) => a = b = Work.Get(); } readonly Pair[] _pairs = { new() };
        """);

    [Fact]
    public Task Lock_OfAnObject_IsItselfASleep() => LanguageCase.ReportedInAsync(
        """
        using System.Runtime.CompilerServices;

        class Case
        {
            readonly TicketLock _lock = new();
            readonly object _gate = new();
            int _count;

            void M()
            {
                using (_lock.Hold())
                {
                    lock ({|MM1001:_gate|})
                    {
                        _count++;
                    }
                }

                lock (_gate)
                {
                    using (_lock.Hold())
                    {
                        _count++;
                    }
                }
            }
        }
        """);

    [Fact]
    public Task Lock_OfALock_IsItselfASleep() => LanguageCase.ReportedInAsync(
        """
        class Case
        {
            readonly TicketLock _lock = new();
            readonly System.Threading.Lock _gate = new();
            int _count;

            void M()
            {
                using (_lock.Hold())
                {
                    lock ({|MM1001:_gate|})
                    {
                        _count++;
                    }

                    using ({|MM1001:_gate.EnterScope()|})
                    {
                        _count++;
                    }

                    _ = _gate.TryEnter();
                }
            }
        }
        """);

    [Fact]
    public Task Lock_Synchronized_IsItselfASleep() => LanguageCase.ReportedInAsync(
        """
        using System.Runtime.CompilerServices;

        class Case
        {
            readonly TicketLock _lock = new();
            int _count;

            [MethodImpl(MethodImplOptions.Synchronized)]
            void Count() => _count++;

            [MethodImpl(MethodImplOptions.NoInlining)]
            void Peek() => _count++;

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Count()|};
                    Peek();
                }
            }
        }
        """);

    [Fact]
    public Task Lock_SynchronizedBodyThatPromisesNotToSleep_BreaksIt() => LanguageCase.ReportedInAsync(
        """
        using System.Runtime.CompilerServices;

        class Case
        {
            int _count;

            [Never<Sleep>, MethodImpl(MethodImplOptions.Synchronized)]
            public void {|MM3003:Count|}() => _count++;

            [RunsIn<SpinLockHeld>, MethodImpl(MethodImplOptions.Synchronized)]
            public void {|MM1001:Handle|}() => _count++;

            [Never<Sleep>, MethodImpl(MethodImplOptions.NoInlining)]
            public void Peek() => _count++;
        }
        """);

    [Fact]
    public Task Lock_Body_IsPartOfTheMethod() => LanguageCase.FoundAsync(
        "{|MM1001:First()|};",
        """
        void First() { _other.Acquire(); Second(); _other.Release(); } readonly TicketLock _other = new(); void Second() { if (_count > 1) { _other.Release(); Work.Do(); _other.Acquire(); } }
        """);

    [Fact]
    public Task Switch_Governing_IsEvaluated() => LanguageCase.FoundAsync("switch ({|MM1001:Work.Get()|}) { case 1: _count++; break; }");

    [Fact]
    public Task Switch_Section_IsReached() => LanguageCase.FoundAsync("switch (_count) { case 1: {|MM1001:Work.Do()|}; break; default: goto case 1; }");

    [Fact]
    public Task Switch_Guard_IsEvaluated() => LanguageCase.FoundAsync("switch (_count) { case > 1 when {|MM1001:Work.Get()|} > 0: _count++; break; }");

    [Fact]
    public Task Switch_GotoDefault_IsReached() => LanguageCase.FoundAsync("switch (_count) { case 1: goto default; default: {|MM1001:Work.Do()|}; break; }");

    [Fact]
    public Task Goto_Label_IsReached() => LanguageCase.FoundAsync(
        """
        if (_count > 0)
            goto done;
        return;
        done:
        {|MM1001:Work.Do()|};
        """);

    [Fact]
    public Task Goto_Backwards_IsALoop() => LanguageCase.FoundAsync(
        """
        again:
        _count++;
        {|MM1001:Work.Do()|};
        if (_count < 3)
            goto again;
        """);

    [Fact]
    public Task Goto_BehindTheOnlyReturn_IsDead() => LanguageCase.SilentAsync(
        """
        _count++;
        return;
        #pragma warning disable CS0162 // unreachable: that is the case
        Work.Do();
        """);

    [Fact]
    public Task Loop_Conditions_AreEvaluated() => LanguageCase.FoundAsync(
        """
        while ({|MM1001:Work.Get()|} > 1) { }
        do { } while ({|MM1001:Work.Get()|} > 1);
        for (int i = {|MM1001:Work.Get()|}; i < 3 + {|MM1001:Work.Get()|}; i += {|MM1001:Work.Get()|}) { }
        """);

    [Fact]
    public Task Catch_Body_IsReached() => LanguageCase.FoundAsync(
        """
        try
        {
            Scheduler.Udelay(1);
        }
        catch (InvalidOperationException)
        {
            {|MM1001:Work.Do()|};
        }
        """);

    [Fact]
    public Task Catch_Filter_IsEvaluated() => LanguageCase.FoundAsync(
        """
        try
        {
            Scheduler.Udelay(1);
        }
        catch (Exception) when ({|MM1001:Work.Get()|} > 0)
        {
        }
        """);

    [Fact]
    public Task Finally_Body_IsReached() => LanguageCase.FoundAsync(
        """
        try
        {
            Scheduler.Udelay(1);
        }
        finally
        {
            {|MM1001:Work.Do()|};
        }
        """);

    [Fact]
    public Task Throw_Operand_IsEvaluated() => LanguageCase.FoundAsync(
        "throw new InvalidOperationException({|MM1001:Text()|});",
        "string Text() { Work.Do(); return \"\"; }");

    [Fact]
    public Task Checked_Block_ChangesNothing() => LanguageCase.FoundAsync("checked { _count += {|MM1001:Work.Get()|}; } unchecked { _count++; }");
}
