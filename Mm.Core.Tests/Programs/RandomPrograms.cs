using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit;

namespace Mm.Core.Tests.Programs;

/// <summary>
/// Random programs of operations, checked after each, and shrunk where one fails: first to the fewest operations, then to the smallest
/// numbers. Every run tries the same programs, so that a red test stays red; <c>MM_PROGRAMS</c> multiplies how many there are.
/// </summary>
internal static class RandomPrograms
{
    private static readonly int _factor = int.TryParse(Environment.GetEnvironmentVariable("MM_PROGRAMS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1;

    /// <summary>Runs a program, such as a failed test has printed.</summary>
    public static void Run<TDo>(Func<Subject<TDo>> fresh, params Operation<TDo>[] program)
        where TDo : struct, Enum
    {
        if (Play(fresh, program) is { } failure) throw new Xunit.Sdk.XunitException($"Operation {failure.At} of {program.Length}: {failure.Why}");
    }

    /// <summary>Fails with the shortest program that does, if there is any.</summary>
    /// <param name="fresh">Makes what programs run on.</param>
    /// <param name="operations">Of what programs are made.</param>
    /// <param name="seed">Which programs.</param>
    /// <param name="length">How many operations each has.</param>
    /// <param name="count">How many programs.</param>
    public static void Hold<TDo>(Func<Subject<TDo>> fresh, Gen<Operation<TDo>> operations, int seed, int length, int count = 1)
        where TDo : struct, Enum
    {
        if (FindFailure(fresh, operations, seed, length, count) is { } failure) Assert.Fail(failure.ToString());
    }

    public static Failure<TDo>? FindFailure<TDo>(Func<Subject<TDo>> fresh, Gen<Operation<TDo>> operations, int seed, int length, int count)
        where TDo : struct, Enum
    {
        Failure<TDo>? last = null;
        var replay = new Replay(new Rnd((ulong)seed, 1), FSharpOption<int>.None);
        var config = Config.QuickThrowOnFailure.WithMaxTest(count * _factor).WithReplay(FSharpOption<Replay>.Some(replay)).WithQuietOnSuccess(true);
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(operations.ArrayOf(length), Shrink), Holds));
        }
        catch (Exception) when (last is not null)
        {
            return last;
        }

        return null;

        // The last that failed is the shortest: FsCheck goes on from what failed, until nothing that is smaller does.
        bool Holds(Operation<TDo>[] program)
        {
            if (Play(fresh, program) is not { } failure) return true;
            last = failure with { Seed = seed, FirstLength = last?.FirstLength ?? program.Length };
            return false;
        }

        IEnumerable<Operation<TDo>[]> Shrink(Operation<TDo>[] program)
        {
            // What comes behind the operation that failed has nothing to do with it.
            if (last is { } failure && failure.Program == program && failure.At < program.Length) yield return program[..failure.At];
            for (var size = program.Length / 2; size > 0; size /= 2)
            {
                for (var at = 0; at < program.Length; at += size) yield return [.. program.Take(at), .. program.Skip(at + size)];
            }

            // Without an operation, what came behind it may mean another thing, unless its number becomes one less.
            for (var i = 0; i < program.Length && program.Length <= 20; i++)
            {
                for (var j = i + 1; j < program.Length; j++)
                {
                    if (program[j].A != 0) yield return [.. program.Take(i), .. With(program, j, program[j] with { A = program[j].A - 1 }).Skip(i + 1)];
                }
            }

            for (var i = 0; i < program.Length; i++)
            {
                var (a, b, c) = (program[i].A, program[i].B, program[i].C);
                foreach (var less in Less(a)) yield return With(program, i, program[i] with { A = less });
                foreach (var less in Less(b)) yield return With(program, i, program[i] with { B = less });
                foreach (var less in Less(c)) yield return With(program, i, program[i] with { C = less });
            }
        }
    }

    private static Operation<TDo>[] With<TDo>(Operation<TDo>[] program, int index, Operation<TDo> other)
        where TDo : struct, Enum
    {
        var changed = program.ToArray();
        changed[index] = other;
        return changed;
    }

    // All small ones: a number chooses among a few things mostly.
    private static IEnumerable<int> Less(int number) =>
        Enumerable.Range(0, Math.Clamp(number, 0, 16)).Concat(number > 16 ? [number / 2, number - 1] : []);

    // Anything that is thrown is a failure, also where it comes out of the code under test.
    private static Failure<TDo>? Play<TDo>(Func<Subject<TDo>> fresh, Operation<TDo>[] program)
        where TDo : struct, Enum
    {
        var subject = fresh();
        var at = 0;
        Exception? thrown = null;
        try
        {
            foreach (var operation in program)
            {
                at++;
                subject.Do(operation);
                subject.Check();
            }

            at++;
            subject.End();
        }
        catch (Exception why)
        {
            thrown = why;
        }

        try
        {
            subject.Dispose();
        }
        catch (Exception why)
        {
            // What is broken may not let itself be put away: the first to fail says why.
            thrown ??= why;
        }

        return thrown is null ? null : new Failure<TDo>(subject.ToString()!, program, at, thrown);
    }
}

/// <summary>A program that failed.</summary>
/// <param name="Subject">How what it ran on is made, as C#.</param>
/// <param name="Program">The program.</param>
/// <param name="At">Its operation that failed, from 1; one more than it has if giving everything back failed.</param>
/// <param name="Why">How.</param>
/// <param name="Seed">Of the programs among which it was found.</param>
/// <param name="FirstLength">How long it was before it was shrunk.</param>
internal sealed record Failure<TDo>(string Subject, Operation<TDo>[] Program, int At, Exception Why, int Seed = 0, int FirstLength = 0)
    where TDo : struct, Enum
{
    /// <summary>What a failed test prints: a test to paste among its comments.</summary>
    public override string ToString() =>
        $"""
        {Why.GetType().Name}: {Why.Message}
        Operation {At} of {Program.Length}, the shortest program that fails; of {FirstLength} at first, with seed {Seed}:

                RandomPrograms.Run(
                    () => {Subject}{string.Concat(Program.Select(static operation => ",\n            " + operation))});

        {Why.StackTrace}
        """;
}
