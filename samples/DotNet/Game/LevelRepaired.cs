// A frame only says that the game is to be saved, and another thread does it; the sky is drawn once it is there; the score is written into its place.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Mm.Contexts;

namespace DotNet.Game.Repaired;

public sealed class Level
{
    private readonly List<Action<float>> _systems = new();
    private readonly AutoResetEvent _saveIsDue = new(false);
    private readonly Task<Texture> _sky;
    private readonly char[] _title = new char[16];
    private int _titleLength;
    private int _score;

    public Level(Task<Texture> sky)
    {
        _sky = sky;
        Register(Move);
        Register(Save);
        new Thread(SaveWhenDue) { IsBackground = true }.Start();
    }

    public ReadOnlySpan<char> Title => _title.AsSpan(0, _titleLength);

    [RunsIn<Frame>]
    public void Update(float elapsed)
    {
        foreach (var system in _systems) system(elapsed);
        _score.TryFormat(_title, out _titleLength);
        DrawSky();
    }

    private void Register(Action<float> system) => _systems.Add(system);

    private void Move(float elapsed) => _score += (int)elapsed;

    private void Save(float elapsed)
    {
        if (_score > 1000) _saveIsDue.Set();
    }

    private void DrawSky()
    {
        if (_sky.IsCompletedSuccessfully) _sky.Result.Draw();
    }

    private void SaveWhenDue()
    {
        while (_saveIsDue.WaitOne()) File.WriteAllText("level.save", Volatile.Read(ref _score).ToString());
    }
}
