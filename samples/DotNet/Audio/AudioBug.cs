// A synthesizer that makes a list in each block, and takes a lock that the user interface holds while it loads a file.
using System.Collections.Generic;
using Mm.Contexts;

namespace DotNet.Audio.Bug;

public sealed class Synthesizer
{
    private readonly object _voicesLock = new();
    private readonly List<float> _voices = new();

    public void Run(IAudioDevice device) => device.Start(block => Render(block)); // MM1001

    public void Add(float pitch)
    {
        lock (_voicesLock) _voices.Add(pitch);
    }

    [RunsIn<AudioCallback>]
    public void OnEnd(float[] block) => Fade(block); // MM1004

    private static void Fade(float[] block)
    {
        float[] curve = new float[block.Length];
        for (int i = 0; i < block.Length; i++) block[i] *= curve[i];
    }

    private void Render(float[] block)
    {
        lock (_voicesLock)
        {
            for (int i = 0; i < block.Length; i++) block[i] = Mix(i);
        }
    }

    private float Mix(int at)
    {
        float sum = 0;
        for (int i = 0; i < _voices.Count; i++) sum += _voices[i] * at;
        return sum;
    }
}
