// The switch that takes the checks out of the code altogether.
using System;

namespace Mm.Core.Contexts;

/// <summary>
/// Whether this process checks its contexts at run time. Read once, when the process starts, from the configuration switch
/// <see cref="SwitchName"/>; the compiler then removes what is off, so that it costs nothing.
/// </summary>
public static class RuntimeChecks
{
    /// <summary>The switch, in <c>runtimeconfig.json</c> or by <c>AppContext.SetSwitch</c> before the first machine: on unless it says <c>false</c>.</summary>
    public const string SwitchName = "Mm.Core.RuntimeChecks";

    /// <summary>True if contexts and locks are checked.</summary>
    public static readonly bool Enabled = !AppContext.TryGetSwitch(SwitchName, out var on) || on;
}
