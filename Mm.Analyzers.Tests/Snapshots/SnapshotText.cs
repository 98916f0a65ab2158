using System;

namespace VerifyTests;

/// <summary>How texts are brought to one form before they are written or compared.</summary>
internal static class SnapshotText
{
    /// <summary>What an empty target is written as: an empty file would look like a forgotten one.</summary>
    internal const string Empty = "emptyString";

    internal static string Received(string? target) => target switch
    {
        null => "null",
        "" => Empty,
        _ => WithUnixNewlines(target),
    };

    /// <summary>Exact, but for one final newline that an editor may have added to the verified file.</summary>
    internal static bool AreEqual(string received, string verified)
    {
        received = WithUnixNewlines(received);
        verified = WithUnixNewlines(verified);
        return string.Equals(received, verified, StringComparison.Ordinal)
            || string.Equals(received + "\n", verified, StringComparison.Ordinal);
    }

    internal static string WithUnixNewlines(string text) => text.Replace("\r\n", "\n").Replace('\r', '\n');
}
