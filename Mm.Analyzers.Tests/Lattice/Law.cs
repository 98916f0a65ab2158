using System;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Mm.Analyzers.Tests.Lattice;

/// <summary>
/// A sentence that holds for all values of a generator. Every run tries the same values, so that a red test stays red;
/// <c>MM_LAW_SEED</c> and <c>MM_LAW_RUNS</c> look elsewhere and longer.
/// </summary>
internal static class Law
{
    private static readonly ulong _seed = FromEnvironment("MM_LAW_SEED", 20240229);
    private static readonly int _runs = (int)FromEnvironment("MM_LAW_RUNS", 400);

    internal static void Holds<T>(Gen<T> values, Func<T, bool> law)
    {
        var replay = new Replay(new Rnd(_seed, 1), FSharpOption<int>.None);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(_runs).WithReplay(FSharpOption<Replay>.Some(replay)).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(values), law));
    }

    internal static void Holds<T>(Gen<T> values, Func<T, T, bool> law) =>
        Holds(values.Two(), pair => law(pair.Item1, pair.Item2));

    internal static void Holds<T>(Gen<T> values, Func<T, T, T, bool> law) =>
        Holds(values.Three(), triple => law(triple.Item1, triple.Item2, triple.Item3));

    private static ulong FromEnvironment(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out ulong given) ? given : otherwise;
}
