using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Tests.Harness;

/// <summary>A diagnostic that a test wants: its id, and exactly the characters it stands on.</summary>
public readonly record struct ExpectedDiagnostic(string Path, string Id, TextSpan Span);

/// <summary>
/// One file of a test, whose text says itself what is to be found in it:
/// <c>{|MM1001:expression|}</c> marks the span of a diagnostic, <c>{|MM1001,MM4003:expression|}</c> of two.
/// Marks may be nested.
/// </summary>
public sealed partial class TestSource
{
    private TestSource(string path, string text, ImmutableArray<ExpectedDiagnostic> expected)
    {
        Path = path;
        Text = text;
        Expected = expected;
    }

    public string Path { get; }

    /// <summary>The text without the marks.</summary>
    public string Text { get; }

    public ImmutableArray<ExpectedDiagnostic> Expected { get; }

    public static TestSource Parse(string path, string markup)
    {
        var text = new StringBuilder(markup.Length);
        var open = new Stack<(string[] Ids, int Start)>();
        var expected = ImmutableArray.CreateBuilder<ExpectedDiagnostic>();

        for (var i = 0; i < markup.Length;)
        {
            if (Opening().Match(markup, i) is { Success: true } opening)
            {
                open.Push((opening.Groups["ids"].Value.Split(','), text.Length));
                i += opening.Length;
            }
            else if (open.Count > 0 && string.CompareOrdinal(markup, i, "|}", 0, 2) == 0)
            {
                var (ids, start) = open.Pop();
                foreach (var id in ids)
                {
                    expected.Add(new ExpectedDiagnostic(path, id, TextSpan.FromBounds(start, text.Length)));
                }

                i += 2;
            }
            else
            {
                text.Append(markup[i++]);
            }
        }

        return open.Count == 0
            ? new TestSource(path, text.ToString(), expected.ToImmutable())
            : throw new FormatException($"A mark for {string.Join(",", open.Peek().Ids)} is not closed in {path}.");
    }

    [GeneratedRegex(@"\G\{\|(?<ids>[A-Z]+[0-9]+(,[A-Z]+[0-9]+)*):")]
    private static partial Regex Opening();
}
