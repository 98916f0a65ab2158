using Mm.Contexts;

namespace DotNet.Audio;

/// <summary>The thread of the sound card: a block of samples is due every few milliseconds, and nothing may delay it.</summary>
[Forbids<Sleep>, Forbids<Allocate>]
public readonly struct AudioCallback : IContext;

public interface IAudioDevice
{
    void Start([Deferred, RunsIn<AudioCallback>] BlockHandler handler);
}

public delegate void BlockHandler(float[] block);
