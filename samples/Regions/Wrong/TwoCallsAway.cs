using System.Threading;

namespace Regions.Wrong;

/// <summary>Two calls away from where it matters.</summary>
public static class TwoCallsAway
{
    public static void Settle() => Pause();

    public static int[] Room(int size) => Make(size);

    private static void Pause() => Thread.Sleep(1);

    private static int[] Make(int size) => new int[size];
}
