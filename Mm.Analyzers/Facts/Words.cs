using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis.Text;

namespace Mm.Analyzers.Facts;

/// <summary>
/// The identifiers in a text, as hashes. No lexer: words in comments and strings count too, because a filter may find too much
/// but never too little. A collision of two hashes is one more way to find too much.
/// </summary>
internal static class Words
{
    /// <summary>Stands for every word: an escape sequence may spell anything.</summary>
    public const int Any = 0;

    /// <summary>Stands for 'this' or 'base' as a whole: what runs on it without being named is a member of the type around.</summary>
    public static readonly int Self = Hash("this as a whole");

    private const int BufferSize = 8 * 1024;

    private static readonly int s_invoke = Hash("Invoke");
    private static readonly int s_this = Hash("this");
    private static readonly int s_base = Hash("base");

    [ThreadStatic]
    private static char[]? s_buffer;

    public static int Hash(string word)
    {
        uint hash = 2166136261;
        foreach (char c in word) hash = (hash ^ c) * 16777619;
        return unchecked((int)(hash | 1));
    }

    /// <summary>Adds the words of a span; to the second set, those that are called as a delegate would be.</summary>
    public static void Collect(SourceText text, TextSpan span, HashSet<int> words, HashSet<int>? called = null)
    {
        int last = 0;
        char[] buffer = s_buffer ??= new char[BufferSize];
        uint hash = 2166136261;
        bool isInWord = false;
        for (int at = span.Start; at < span.End;)
        {
            int count = Math.Min(buffer.Length, span.End - at);
            text.CopyTo(at, buffer, 0, count);
            for (int i = 0; i < count; i++)
            {
                char c = buffer[i];
                if (IsPartOfWord(c))
                {
                    hash = (hash ^ c) * 16777619;
                    isInWord = true;
                    continue;
                }

                if (isInWord)
                {
                    int word = unchecked((int)(hash | 1));
                    words.Add(word);
                    if (c == '(') called?.Add(word == s_invoke ? last : word);
                    if (c != '.' && (word == s_this || word == s_base)) words.Add(Self);
                    last = word;
                    hash = 2166136261;
                    isInWord = false;
                }

                if (c == '\\' && (i + 1 == count || buffer[i + 1] is 'u' or 'U')) words.Add(Any);
            }

            at += count;
        }

        if (!isInWord) return;
        int end = unchecked((int)(hash | 1));
        words.Add(end);
        if (end == s_this || end == s_base) words.Add(Self);
    }

    /// <summary>Whether a text contains one of a few fixed pieces, anywhere.</summary>
    public static bool Contains(SourceText text, params string[] pieces)
    {
        char[] buffer = s_buffer ??= new char[BufferSize];
        const int overlap = 64;
        for (int at = 0; at < text.Length; at += buffer.Length - overlap)
        {
            int count = Math.Min(buffer.Length, text.Length - at);
            text.CopyTo(at, buffer, 0, count);
            var window = new ReadOnlySpan<char>(buffer, 0, count);
            foreach (string piece in pieces)
            {
                if (window.IndexOf(piece.AsSpan()) >= 0) return true;
            }

            if (at + count == text.Length) break;
        }

        return false;
    }

    // Beyond ASCII everything counts as part of a word, except that a word with a formatting character in it reads differently.
    private static bool IsPartOfWord(char c) =>
        (uint)(c - 'a') <= 'z' - 'a' || (uint)(c - 'A') <= 'Z' - 'A' || (uint)(c - '0') <= 9 || c == '_' || c > 127;
}
