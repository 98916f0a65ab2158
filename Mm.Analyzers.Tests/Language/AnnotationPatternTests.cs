using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Lines about all names of a form, and locks of a library that says nothing itself.</summary>
public class AnnotationPatternTests
{
    // Nothing of this names the vocabulary.
    private const string Library =
        """
        namespace Acme.Storage
        {
            public interface ILatch { void Enter(); void Exit(); bool TryEnter(); }

            public sealed class FileLatch : ILatch { public void Enter() { } public void Exit() { } public bool TryEnter() => true; }

            public sealed class PageLatch : ILatch { public void Enter() { } public void Exit() { } public bool TryEnter() => true; }

            public sealed class Gate
            {
                public Lease Take() => new Lease();

                public struct Lease : System.IDisposable { public void Dispose() { } }
            }

            public class Log { public virtual void Write(string text) { } public void Flush() { } public void FlushAll() { } }
        }
        """;

    [Fact]
    public Task Pattern_OfTypesAndMembers_SpeaksOfEachOfThem() => CheckAsync(
        """
        M:Acme.*Latch.Enter      enters SpinLockHeld
        M:Acme.*Latch.Exit       leaves SpinLockHeld
        M:Acme.*Latch.TryEnter   enters SpinLockHeld if result
        T:Acme.*.Gate.L*         scope SpinLockHeld
        M:Acme.Storage.Log.Flush* might Sleep
        """,
        """
        class Case
        {
            readonly FileLatch _file = new();
            readonly PageLatch _page = new();
            readonly Gate _gate = new();
            readonly Log _log = new();

            void Wrong()
            {
                _file.Enter();
                {|MM1001:_log.Flush()|};
                _file.Exit();
                if (!_page.TryEnter()) return;
                {|MM1001:_log.FlushAll()|};
                _page.Exit();
                using (_gate.Take()) {|MM1001:_log.Flush()|};
            }

            void Right()
            {
                _file.Enter();
                _log.Write("");
                _file.Exit();
                _log.Flush();
            }
        }
        """);

    [Fact]
    public Task Pattern_BesideANearerLine_GivesWay() => CheckAsync(
        """
        M:Acme.Storage.Log.*         might Fault
        M:Acme.*Log.Flush*           might Sleep
        M:Acme.Storage.Log.Flush     never Sleep
        !M:Acme.Storage.Log.FlushAll might Sleep
        """,
        """
        class Case
        {
            readonly TicketLock _lock = new();
            readonly Log _log = new();

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1002:_log.Flush()|};
                    {|MM1002:_log.FlushAll()|};
                    {|MM1002:_log.Write("")|};
                }
            }
        }
        """);

    [Fact]
    public Task Negation_OfAPattern_TakesBackWhatTheCatalogueSays() => CheckAsync(
        "!M:System.Threading.Thread.Sl*  might Sleep",
        """
        class Case
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    System.Threading.Thread.Sleep(1);
                    {|MM1001:System.Threading.Thread.CurrentThread.Join()|};
                }
            }
        }
        """);

    [Fact]
    public Task Lock_OfALibraryThroughItsInterface_IsFollowedAcrossMethods() => CheckAsync(
        """
        M:Acme.Storage.ILatch.Enter     enters SpinLockHeld
        M:Acme.Storage.ILatch.Exit      leaves SpinLockHeld
        M:Acme.Storage.ILatch.TryEnter  enters SpinLockHeld if result
        M:Store.Begin                   enters SpinLockHeld
        M:Store.End                     leaves SpinLockHeld
        M:Acme.Storage.Log.Write        might Sleep
        """,
        """
        class Store
        {
            readonly ILatch _latch;
            readonly Log _log = new();

            public Store(ILatch latch) => _latch = latch;

            public void Begin() => _latch.Enter();

            public void End() => _latch.Exit();

            void Wrong(Store other)
            {
                Begin();
                Append();
                End();
                if (other._latch.TryEnter())
                {
                    {|MM1001:_log.Write("")|};
                    other._latch.Exit();
                }
            }

            void Append() => _log.Flush();

            void Forgotten()
            {
                Begin();
            {|MM2001:}|}

            void Right()
            {
                Begin();
                End();
                _log.Write("");
            }
        }

        class Client
        {
            void Wrong(Store store, Log log)
            {
                store.Begin();
                {|MM1001:Note(log)|};
                store.End();
                Note(log);
            }

            static void Note(Log log) => log.Write("");
        }
        """);

    [Fact]
    public Task File_ListedTwice_CountsOnce() => new AnalyzerTest(
        """
        class Latch { int _state; public void Enter() => _state = 1; public void Exit() => _state = 0; }
        class Case { void M(Latch latch) { latch.Enter(); latch.Exit(); } }
        """)
    {
        AdditionalFiles =
        {
            ["one.contexts.txt"] = "M:Latch.Enter enters SpinLockHeld\nM:Latch.Exit leaves SpinLockHeld",
            ["ONE.contexts.txt"] = "M:Latch.Enter enters SpinLockHeld\nM:Latch.Exit leaves SpinLockHeld",
        },
    }.CheckAsync();

    private static Task CheckAsync(string lines, string code)
    {
        var library = new AnalyzerTest(("Library.cs", Library)) { Kernel = Kernel.None }.ToReference("Acme.Storage");
        return new AnalyzerTest("using Acme.Storage;\n" + code) { References = { library }, AdditionalFiles = { ["acme.contexts.txt"] = lines } }.CheckAsync();
    }
}
