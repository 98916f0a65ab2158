// A level whose frames stutter: a system that somebody registered saves the game, the sky waits to be loaded, the score is a new string each time.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Mm.Contexts;

namespace DotNet.Game.Bug;

public sealed class Level
{
    private readonly List<Action<float>> _systems = new();
    private readonly Task<Texture> _sky;
    private string _title = "";
    private int _score;

    public Level(Task<Texture> sky)
    {
        _sky = sky;
        Register(Move);
        Register(Save);
    }

    public string Title => _title;

    [RunsIn<Frame>]
    public void Update(float elapsed)
    {
        foreach (var system in _systems) system(elapsed); // MM1001
        _title = "Score " + _score; // MM1004
        DrawSky(); // MM1001
    }

    private void Register(Action<float> system) => _systems.Add(system);

    private void Move(float elapsed) => _score += (int)elapsed;

    private void Save(float elapsed)
    {
        if (_score > 1000) File.WriteAllText("level.save", _title);
    }

    private void DrawSky() => _sky.Result.Draw();
}
