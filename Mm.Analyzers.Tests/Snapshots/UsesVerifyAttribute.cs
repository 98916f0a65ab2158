using System;
using System.Reflection;
using System.Threading;
using Xunit.Sdk;

namespace VerifyXunit;

/// <summary>Lets <see cref="Verifier"/> know which test of the class is running: the file name is made of it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UsesVerifyAttribute : BeforeAfterTestAttribute
{
    private static readonly AsyncLocal<MethodInfo?> _running = new();

    internal static MethodInfo? RunningTest => _running.Value;

    public override void Before(MethodInfo methodUnderTest) => _running.Value = methodUnderTest;

    public override void After(MethodInfo methodUnderTest) => _running.Value = null;
}
