namespace Mm.Benchmarks.Generated;

/// <summary>The knobs of a synthetic project.</summary>
internal sealed record ProjectShape
{
    public int Methods { get; init; } = 1000;

    public int MethodsPerFile { get; init; } = 25;

    /// <summary>The part of the methods that enter a context: half by a guard, half by an explicit pair.</summary>
    public double Share { get; init; } = 0.2;

    /// <summary>Length of a chain of calls, across files.</summary>
    public int Depth { get; init; } = 10;

    /// <summary>The part of the calls that go through an interface with several implementations.</summary>
    public double Virtual { get; init; } = 0.1;

    /// <summary>Every method says what it may do, or what it never does.</summary>
    public bool IsAnnotated { get; init; }

    /// <summary>The vocabulary is referenced and not used: no lock, no attribute.</summary>
    public bool IsPlain { get; init; }

    public static ProjectShape From(CommandLine options, int methods) => new()
    {
        Methods = options.Number("methods", methods),
        Share = options.Has("plain") ? 0 : options.Share("share", options.Has("annotated") ? 0.5 : 0.2),
        Depth = options.Number("depth", 10),
        Virtual = options.Share("virtual", 0.1),
        IsAnnotated = options.Has("annotated"),
        IsPlain = options.Has("plain"),
    };
}
