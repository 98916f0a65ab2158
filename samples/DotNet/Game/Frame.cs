using Mm.Contexts;

namespace DotNet.Game;

/// <summary>The update of one frame: due sixty times a second, so it waits for nothing and leaves nothing to the garbage collector.</summary>
[Forbids<Sleep>, Forbids<Allocate>]
public readonly struct Frame : IContext;

public sealed class Texture
{
    public int Uses { get; private set; }

    public void Draw() => Uses++;
}
