using System;
using Mm.Contexts;

namespace DotNet.Window;

/// <summary>The thread that owns the windows: only it may touch them, and while it waits nothing is drawn.</summary>
[Forbids<Sleep>]
public readonly struct UiThread : IContext;

public sealed class Label
{
    private string _text = "";

    public string Text
    {
        get => _text;
        [Requires<UiThread>] set => _text = value;
    }
}

public interface IDispatcher
{
    [Tests<UiThread>] bool IsHere { get; }

    void Post([Deferred, RunsIn<UiThread>] Action action);
}
