// What is allocated here comes out of the budget of the region; what exceeds it ends the region, and nobody is told.
using System;
using System.IO;

namespace Regions.Wrong;

public sealed class WithoutGarbageCollection
{
    private string _text = "";
    private int[] _block = [];

    public void ReadAFile(string path)
    {
        if (!GC.TryStartNoGCRegion(1 << 20)) return;
        _text = File.ReadAllText(path); // MM1004
        GC.EndNoGCRegion();
    }

    public void Allocate()
    {
        if (!GC.TryStartNoGCRegion(1 << 20)) return;
        _block = TwoCallsAway.Room(64); // MM1004
        GC.EndNoGCRegion();
    }

    public int Sum() => _text.Length + _block.Length;
}
