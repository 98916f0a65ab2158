using System;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace VerifyTests;

/// <summary>What a verification is told before it starts.</summary>
public class VerifySettings
{
    internal object?[]? Parameters { get; private set; }

    /// <summary>The arguments of a theory, in the order of its parameters: they become part of the file name.</summary>
    public void UseParameters(params object?[] parameters)
    {
        if (parameters.Length == 0)
        {
            throw new ArgumentException("At least one parameter is needed.", nameof(parameters));
        }

        Parameters = parameters;
    }
}

/// <summary>A verification that starts when it is awaited, and until then takes settings.</summary>
public class SettingsTask
{
    private readonly Func<VerifySettings, Task> _start;
    private readonly VerifySettings _settings;
    private Task? _started;

    internal SettingsTask(VerifySettings? settings, Func<VerifySettings, Task> start)
    {
        _settings = settings ?? new VerifySettings();
        _start = start;
    }

    public SettingsTask UseParameters(params object?[] parameters)
    {
        if (_started is not null)
        {
            throw new InvalidOperationException("The verification has already started.");
        }

        _settings.UseParameters(parameters);
        return this;
    }

    public Task ToTask() => _started ??= _start(_settings);

    public TaskAwaiter GetAwaiter() => ToTask().GetAwaiter();

    public ConfiguredTaskAwaitable ConfigureAwait(bool continueOnCapturedContext) => ToTask().ConfigureAwait(continueOnCapturedContext);

    public static implicit operator Task(SettingsTask verification) => verification.ToTask();
}
