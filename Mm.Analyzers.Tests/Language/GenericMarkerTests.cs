using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Mm.Analyzers.Tests.Recording;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A marker type with a type argument is a marker of its own for each.</summary>
public class GenericMarkerTests
{
    private const string Markers =
        """

        [Implies<SpinLockHeld>] public readonly struct Held<T> : IContext;
        public readonly struct Touches<T> : IEffect;
        public readonly struct PoolOf<T>;
        [Forbids<Touches<Disk>>] public readonly struct WithoutDisk : IContext;
        [Scope<Held<Disk>>] public readonly ref struct DiskGuard { public void Dispose() { } }
        [Scope<WithoutDisk>] public readonly ref struct QuietGuard { public void Dispose() { } }

        public static class Disk2
        {
            public static DiskGuard Hold() => default;
            public static QuietGuard Quiet() => default;
            [Requires<Held<Disk>>] public static void Commit() { }
            public static void Seek() => Seeker.Seek();
        }

        public sealed class Disk;
        public sealed class Net;
        public static class Seeker { [Might<Touches<Disk>>, Trusted("seeks")] public static void Seek() { } }
        """;

    private const string Use =
        """
        static class Socket
        {
            [Requires<Held<Net>>] public static void Send() { }
            [Might<Touches<Net>>, Trusted("sends")] public static void Push() { }
            [return: OwnedBy<PoolOf<Net>>] public static object Take() => new();
            public static void Give([OwnedBy<PoolOf<Disk>>] object block) { }
            public static void GiveBack([OwnedBy<PoolOf<Net>>] object block) { }
        }

        class Case
        {
            void Contexts()
            {
                using (Disk2.Hold())
                {
                    Disk2.Commit();
                    {|MM1008:Socket.Send()|};
                }

                {|MM1008:Disk2.Commit()|};
            }

            void Effects()
            {
                using (Disk2.Quiet())
                {
                    Socket.Push();
                    {|MM1005:Disk2.Seek()|};
                }
            }

            void Families()
            {
                {|MM4001:Socket.Give(Socket.Take())|};
                Socket.GiveBack(Socket.Take());
            }
        }
        """;

    [Fact]
    public Task Markers_OfDifferentArguments_AreDifferent() => LanguageCase.ReportedInAsync(Use + Markers);

    [Fact]
    public Task Markers_OfARecordedAssembly_AreTheSame() => new AnalyzerTest(Use)
    {
        Kernel = Kernel.Reference, References = [Recorded.Of("Library", Markers).Reference],
    }.CheckAsync();

    [Fact]
    public Task Markers_InAFile_AreNamedWithTheirArguments() => new AnalyzerTest(
        """
        using Mm.Contexts;

        namespace Acme
        {
            public readonly struct Held<T> : IContext;
            public sealed class Disk;
            public sealed class Net;
            static class Locks { public static void Begin() { } public static void End() { } public static void OfDisk() { } public static void OfNet() { } }
        }

        class Case
        {
            void M()
            {
                Acme.Locks.Begin();
                Acme.Locks.OfDisk();
                {|MM1008:Acme.Locks.OfNet()|};
                Acme.Locks.End();
            }
        }
        """)
    {
        AdditionalFiles =
        {
            ["acme.contexts.txt"] =
                """
                M:Acme.Locks.Begin   enters Acme.Held<Acme.Disk>
                M:Acme.Locks.End     leaves Acme.Held<Acme.Disk>
                M:Acme.Locks.OfDisk  requires Acme.Held<Acme.Disk>
                M:Acme.Locks.OfNet   requires Acme.Held<Acme.Net>
                """,
        },
    }.CheckAsync();
}
