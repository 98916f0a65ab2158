using Mm.Analyzers.Facts;
using Mm.Analyzers.Lattice;
using Mm.Analyzers.Summaries;

namespace Mm.Analyzers.Flow;

/// <summary>Values of another turn of a loop: they are others, and keep what variables know of them under another name.</summary>
internal sealed partial class StepTransfer
{
    /// <summary>Forgets what is known of the result of a step that runs again.</summary>
    private Alternative Renew(int step, Alternative alternative) => IsInLoop ? Renewed(step, alternative) : alternative;

    private static Alternative Renewed(int step, Alternative alternative)
    {
        bool IsResult(Symbol symbol) => symbol.Index == step && symbol.Role is SymbolRole.Result or SymbolRole.Fresh or SymbolRole.Instance or SymbolRole.Owned;
        var renewed = Renamed(alternative, IsResult, step);

        // The lock of another turn of a loop: of the same class, and no longer the same.
        var held = alternative.Held;
        for (int i = 0; i < held.Length; i++)
        {
            if (held[i].Lock is { } @lock && @lock.Mentions(IsResult)) held = held.SetItem(i, held[i] with { Lock = LockIdentity.Blurred(@lock) });
        }

        return held == alternative.Held ? renewed : renewed with { Held = held };
    }

    /// <summary>The same for values of which nothing is known: those of another turn of the loop are others.</summary>
    private Alternative RenewMade(Step step, Alternative alternative) =>
        IsInLoop && step.MadeFrom < step.MadeUntil ? RenewedMade(step, alternative) : alternative;

    private static Alternative RenewedMade(Step step, Alternative alternative)
    {
        bool IsMade(Symbol symbol) => symbol.Index >= step.MadeFrom && symbol.Index < step.MadeUntil
            && (symbol.Role == SymbolRole.Fresh || symbol.Role == SymbolRole.Instance && step is AllocateStep);
        return Renamed(alternative, IsMade, step.Id);
    }

    /// <summary>Forgets facts about old values; a variable that still has one gets a name for it, and so does one that has such a name of another's.</summary>
    private static Alternative Renamed(Alternative alternative, System.Func<Symbol, bool> isOld, int step)
    {
        bool IsOld(Symbol symbol) => isOld(symbol) || symbol.Role == SymbolRole.Merge && symbol.Index == -2 - step;
        System.Func<Symbol, bool> isForgotten = IsOld;
        var facts = alternative.Facts.Forget(isForgotten);
        var environment = alternative.Environment;
        foreach (var pair in alternative.Environment)
        {
            if (pair.Key.Role == SymbolRole.Result && pair.Key.Index == step || pair.Key.Parent?.Mentions(isForgotten) == true) environment = environment.Remove(pair.Key);
            else if (pair.Value.Mentions(isForgotten))
            {
                var named = new Symbol(SymbolRole.Merge, -2 - step, pair.Key);
                environment = environment.SetItem(pair.Key, named);

                // That it is something, or true, or false, is still so.
                var known = alternative.Facts.Of(pair.Value);
                if (known.Truth is not null || known.EqualTo(null) == false) facts = facts.Learn(named, known.Truth is { } truth ? Known.Exactly(truth) : Known.NotNull) ?? facts;
            }
        }

        return ReferenceEquals(facts, alternative.Facts) && ReferenceEquals(environment, alternative.Environment)
            ? alternative
            : alternative with { Facts = facts, Environment = environment };
    }
}
