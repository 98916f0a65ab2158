// The user interface publishes a new array, the callback reads the one that is there. What a block needs is made once.
using System.Threading;
using Mm.Contexts;

namespace DotNet.Audio.Repaired;

public sealed class Synthesizer
{
    private readonly object _voicesLock = new();
    private readonly float[] _curve = new float[4096];
    private float[] _voices = [];

    public void Run(IAudioDevice device) => device.Start(block => Render(block));

    public void Add(float pitch)
    {
        lock (_voicesLock)
        {
            float[] more = new float[_voices.Length + 1];
            _voices.CopyTo(more, 0);
            more[^1] = pitch;
            Volatile.Write(ref _voices, more);
        }
    }

    [RunsIn<AudioCallback>]
    public void OnEnd(float[] block)
    {
        for (int i = 0; i < block.Length; i++) block[i] *= _curve[i % _curve.Length];
    }

    private void Render(float[] block)
    {
        float[] voices = Volatile.Read(ref _voices);
        for (int i = 0; i < block.Length; i++)
        {
            float sum = 0;
            for (int v = 0; v < voices.Length; v++) sum += voices[v] * i;
            block[i] = sum;
        }
    }
}
