using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Members of a class that compute with flags, numbers and conditions, and primitives whose effects hang on what comes out.</summary>
internal static class ValueCase
{
    /// <summary>Checks the marks; the first argument says in the name of the case what it is about.</summary>
    internal static Task CheckAsync(string what, string members)
    {
        Assert.NotEmpty(what);
        return AnalyzerTest.CheckAsync(
            $$"""
            using System;

            class Case
            {
                readonly TicketLock _lock = new();
                int _count;

                {{members}}
            }

            {{Types}}
            """);
    }

    private const string Types =
        """
        enum Kind { A, B, C, D }

        [Flags]
        enum B : byte { None = 0, Reclaim = 1, Io = 2, Hi = 128, All = 255 }

        [Flags]
        enum U : uint { None = 0, Reclaim = 0x80000000u, Io = 2 }

        [Flags]
        enum L : ulong { None = 0, Reclaim = 0x8000000000000000ul, Io = 2 }

        static class Primitive
        {
            [Might<Sleep>(When = nameof(flags), Has = B.Reclaim), Trusted("primitive")]
            public static void AllocB(B flags) { }

            [Might<Sleep>(When = nameof(flags), Has = B.Hi), Trusted("primitive")]
            public static void AllocHi(B flags) { }

            [Might<Sleep>(When = nameof(flags), Has = U.Reclaim), Trusted("primitive")]
            public static void AllocU(U flags) { }

            [Might<Sleep>(When = nameof(flags), Has = L.Reclaim), Trusted("primitive")]
            public static void AllocL(L flags) { }

            [Might<Sleep>(When = nameof(wait), Is = true), Trusted("primitive")]
            public static void WaitIfN(bool? wait) { }

            [Might<Sleep>(When = nameof(wait), IsNot = true), Trusted("primitive")]
            public static void WaitIfNotTrue(bool? wait) { }

            [Might<Sleep>(When = nameof(timeout), IsNot = 0), Trusted("primitive")]
            public static void WaitT(int timeout) { }

            [Might<Sleep>(When = nameof(kind), Is = Kind.C), Trusted("primitive")]
            public static void Do(Kind kind) { }
        }
        """;
}
