using System;
using System.IO;
using System.Runtime.CompilerServices;
using VerifyTests;

namespace VerifyXunit;

/// <summary>
/// Compares a text with the <c>.verified.txt</c> file that lies beside the test.
/// Stands in for the Verify.Xunit package, whose conventions it keeps, so that the property UseVerifyPackage can swap them.
/// </summary>
public static class Verifier
{
    public static SettingsTask Verify(string? target, VerifySettings? settings = null, [CallerFilePath] string sourceFile = "")
    {
        var test = UsesVerifyAttribute.RunningTest
            ?? throw new InvalidOperationException($"The test class has no [UsesVerify]. File: {Path.GetFileName(sourceFile)}");

        return new SettingsTask(settings, async given =>
        {
            var directory = Path.GetDirectoryName(sourceFile)!;
            var prefix = SnapshotName.Of(test, given.Parameters);
            var text = PathScrubber.For(directory).Scrub(SnapshotText.Received(target));
            await new SnapshotFile(directory, prefix).CompareAsync(text);
        });
    }
}
