// How the last reference to a page goes without a locked instruction, although anybody may ask for one by the page's number alone.
//
//   the last put   at the stacks of a CPU:  exposed? then the long way;  references = 1?  references := 0
//   a getter       exposed: one swap of flags and count, and that is all
//                  not exposed: one swap exposes the page and adds Asking to the count;  barrier everywhere, and a wait for each CPU that
//                  is at its stacks;  Asking still there? it becomes a reference.  Not? then a put was faster: from the beginning
//
// Who has a reference exposes the page before anybody can find it, and then getters never wait. A put that has not seen the flag is over
// when the wait is, and if it came after the swap, its plain store has wiped Asking out. As long as Asking is there, a put of a reference
// is not the last: it counts as one itself.
// Context: any. Invariant: LR1 a getter has its reference, or none: a page on its way to the stacks is nobody's. Explored in the tests.
using System.Runtime.CompilerServices;
using Mm.Core.Allocation;

namespace Mm.Core.Frames;

/// <summary>What came of asking for a reference.</summary>
internal enum Asked
{
    /// <summary>The page has one more.</summary>
    Taken,

    /// <summary>Nobody refers to it.</summary>
    Gone,

    /// <summary>Another asks at this moment, and waits.</summary>
    Busy,

    /// <summary>To be redeemed, once no put is under way that may have looked before.</summary>
    Asking,
}

/// <summary>The steps of the last put and of its rivals on one descriptor.</summary>
internal static class LastReference<TAtomics>
    where TAtomics : struct, IAtomics
{
    /// <summary>Among the flags: others may come to the page by its number, or its cold half may hold something.</summary>
    public const uint Exposed = 1u << 28;

    /// <summary>In the count: a reference that was asked for. No page has so many others.</summary>
    public const uint Asking = 1u << 30;

    private const ulong ExposedInWord = (ulong)Exposed << 32;

    /// <summary>Gives the only reference back. At the stacks of a CPU only: nobody waits for any other place.</summary>
    /// <param name="page">The page's descriptor.</param>
    /// <param name="asked">Flags that are looked at, <see cref="Exposed"/> among them.</param>
    /// <param name="wanted">What these must be.</param>
    /// <returns>False if they are not, or if there is another number of references: then nothing has changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPut(ref HotPage page, uint asked, uint wanted = 0)
    {
        // Two loads, since the first of them may follow a store of as many bytes closely.
        if ((TAtomics.Read(ref page.Flags) & asked) != wanted || TAtomics.Read(ref page.Count) != 1) return false;
        TAtomics.Write(ref page.Count, 0);
        return true;
    }

    /// <summary>Takes a reference unless nobody has one, or says what to do for it.</summary>
    public static Asked TryGet(ref HotPage page)
    {
        while (true)
        {
            var word = TAtomics.Read(ref page.Word);
            if ((int)word <= 0) return Asked.Gone;
            if ((uint)word >= Asking) return Asked.Busy;
            var isExposed = (word & ExposedInWord) != 0;
            if (TAtomics.TrySwap(ref page.Word, word, isExposed ? word + 1 : (word | ExposedInWord) + Asking))
                return isExposed ? Asked.Taken : Asked.Asking;
        }
    }

    /// <summary>Makes a reference of what <see cref="Asked.Asking"/> stands for, after the wait.</summary>
    /// <returns>False if the last put came first. The page may be another's by now.</returns>
    public static bool TryRedeem(ref HotPage page)
    {
        while (true)
        {
            var word = TAtomics.Read(ref page.Word);
            if ((int)word < (int)Asking) return false;
            if (TAtomics.TrySwap(ref page.Word, word, word - Asking + 1)) return true;
        }
    }
}
