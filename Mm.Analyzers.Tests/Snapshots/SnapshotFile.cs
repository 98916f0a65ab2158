using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace VerifyTests;

/// <summary>
/// The pair of files of one snapshot, <c>prefix.received.txt</c> and <c>prefix.verified.txt</c>.
/// A received file outlives the test only when the test fails.
/// </summary>
internal sealed class SnapshotFile
{
    private static readonly ConcurrentDictionary<string, bool> _used = new();
    private static readonly UTF8Encoding _utf8WithMark = new(encoderShouldEmitUTF8Identifier: true);

    private readonly string _directory;
    private readonly string _prefix;

    internal SnapshotFile(string directory, string prefix)
    {
        _directory = directory;
        _prefix = prefix;

        if (!_used.TryAdd(Path.Combine(directory, prefix), true))
        {
            throw new InvalidOperationException($"Two verifications share one prefix, and so one file: {prefix}");
        }

        foreach (var left in FilesOfThisPrefix("received"))
        {
            File.Delete(left);
        }
    }

    private string ReceivedPath => Path.Combine(_directory, _prefix + ".received.txt");

    private string VerifiedPath => Path.Combine(_directory, _prefix + ".verified.txt");

    internal async Task CompareAsync(string received)
    {
        var verified = File.Exists(VerifiedPath) ? await File.ReadAllTextAsync(VerifiedPath) : null;
        var stale = FilesOfThisPrefix("verified").Where(path => path != VerifiedPath).Select(Path.GetFileName).Order().ToArray();
        var matches = verified is not null && SnapshotText.AreEqual(received, verified);

        if (matches && stale.Length == 0)
        {
            return;
        }

        if (!matches)
        {
            Directory.CreateDirectory(_directory);
            await File.WriteAllTextAsync(ReceivedPath, received, _utf8WithMark);
        }

        throw new VerifyException(Describe(received, verified, matches, stale!));
    }

    /// <summary>Sections in the order and form that tools parse: the file list first, the texts after it.</summary>
    private string Describe(string received, string? verified, bool matches, IReadOnlyList<string> stale)
    {
        var receivedName = Path.GetFileName(ReceivedPath);
        var verifiedName = Path.GetFileName(VerifiedPath);
        var section = verified is null ? "New:" : "NotEqual:";
        var message = new StringBuilder();
        message.AppendLine($"Directory: {_directory}");

        if (!matches)
        {
            message.AppendLine(section);
            message.AppendLine($"  - Received: {receivedName}");
            message.AppendLine($"    Verified: {verifiedName}");
        }

        if (stale.Count > 0)
        {
            message.AppendLine("Delete:");
            foreach (var name in stale)
            {
                message.AppendLine($"  - {name}");
            }
        }

        if (!matches)
        {
            message.AppendLine().AppendLine("FileContent:").AppendLine();
            message.AppendLine(section).AppendLine();
            message.AppendLine($"Received: {receivedName}").AppendLine(received);
            if (verified is not null)
            {
                message.AppendLine($"Verified: {verifiedName}").AppendLine(SnapshotText.WithUnixNewlines(verified));
            }
        }

        return message.ToString();
    }

    /// <summary><c>prefix.KIND.*</c> and <c>prefix.*.KIND.*</c>; a longer method name or another parameter is another prefix.</summary>
    private IEnumerable<string> FilesOfThisPrefix(string kind) =>
        !Directory.Exists(_directory)
            ? []
            : Directory.GetFiles(_directory).Where(path =>
            {
                var name = Path.GetFileName(path);
                return name.StartsWith(_prefix + ".", StringComparison.Ordinal)
                    && name[_prefix.Length..].Contains($".{kind}.", StringComparison.Ordinal);
            });
}

/// <summary>The text differs from what was verified, or nothing was verified yet.</summary>
public sealed class VerifyException(string message) : Exception(message);
