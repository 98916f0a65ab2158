using System;
using System.Collections.Generic;
using Xunit;

namespace Mm.Core.Tests.Contexts;

/// <summary>
/// Runs a program of a machine once for every interleaving with no more than a few switches: a task goes on until it waits, except where
/// one of these is spent. Most races need two (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007).
/// </summary>
internal static class Interleavings
{
    // What the schedule asks to learn whether interrupts are served at a point: 0 is yes. No program here has so many tasks.
    private const int ServesInterrupts = 4;

    /// <returns>How many there were.</returns>
    public static int ForEach(int switches, Action<Func<int, int>> run)
    {
        var script = new List<Step>();
        var runs = 0;
        do
        {
            var (at, last) = (0, 0);
            run(of =>
            {
                var usual = of == ServesInterrupts ? 1 : Math.Min(last, of - 1);
                if (at == script.Count) script.Add(new Step(of, usual, usual));
                var step = script[at++];
                Assert.True(step.Of == of, "The same choices led elsewhere: the program hangs on something else, too.");
                if (of != ServesInterrupts) last = step.Taken;
                return step.Taken;
            });
            script.RemoveRange(at, script.Count - at);
            runs++;
        }
        while (TryNext(script, switches));
        return runs;
    }

    // The last step that can be taken otherwise is; what came behind it is open again.
    private static bool TryNext(List<Step> script, int switches)
    {
        var spent = 0;
        foreach (var step in script) spent += step.IsUsual ? 0 : 1;
        for (var i = script.Count - 1; i >= 0; i--)
        {
            var step = script[i];
            if (!step.IsUsual) spent--;
            if (spent >= switches || step.Next() is not { } other) continue;
            script.RemoveRange(i, script.Count - i);
            script.Add(step with { Taken = other });
            return true;
        }

        return false;
    }

    private readonly record struct Step(int Of, int Taken, int Usual)
    {
        public bool IsUsual => Taken == Usual;

        // The usual one comes first, and then the others in order.
        public int? Next()
        {
            if (Of == ServesInterrupts) return IsUsual ? 0 : null;
            var next = IsUsual ? 0 : Taken + 1;
            if (next == Usual) next++;
            return next < Of ? next : null;
        }
    }
}
