using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Summaries;

/// <summary>
/// Values over the parameters of a method, and what is known of them, as text: <c>p0</c> is the first parameter, <c>(And p0 1)</c> an
/// operation. What speaks of anything else has no text.
/// </summary>
internal static class ValueText
{
    private const int TextLimit = 80;
    private const int DepthLimit = 32;

    public static string? Of(Value value)
    {
        switch (value)
        {
            case Symbol { Role: SymbolRole.Parameter, Index: >= 0, Parent: null, Key: null } parameter:
                return "p" + parameter.Index.ToString(CultureInfo.InvariantCulture);
            case Constant constant:
                return OfConstant(constant.Item);
            case Operation operation:
                if (Of(operation.Left) is not { } left) return null;
                if (operation.Right is null) return $"({operation.Kind} {left})";
                return Of(operation.Right) is { } right ? $"({operation.Kind} {left} {right})" : null;
            default:
                return null;
        }
    }

    public static string? Of(Known known)
    {
        if (known.IsExact) return OfConstant(known.Exact) is { } exact ? "=" + exact : null;
        var parts = new List<string>();
        if (known.Ones != 0) parts.Add("+" + known.Ones.ToString("x", CultureInfo.InvariantCulture));
        if (known.Zeros != 0) parts.Add("-" + known.Zeros.ToString("x", CultureInfo.InvariantCulture));
        foreach (object? excluded in known.Excluded)
        {
            if (OfConstant(excluded) is not { } constant) return null;
            parts.Add("!" + constant);
        }

        return parts.Count == 0 ? null : string.Join(",", parts);
    }

    public static Value? ReadValue(string text)
    {
        int at = 0;
        var value = Read(text, ref at, 0);
        return at == text.Length ? value : null;
    }

    public static Known? ReadKnown(string text)
    {
        if (text.Length > 0 && text[0] == '=') return TryConstant(text.Substring(1), out object? exact) ? Known.Exactly(exact) : null;
        ulong ones = 0, zeros = 0;
        var excluded = new List<object?>();
        foreach (string part in text.Split(','))
        {
            if (part.Length < 2) return null;
            string rest = part.Substring(1);
            switch (part[0])
            {
                case '+' when ulong.TryParse(rest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ones): break;
                case '-' when ulong.TryParse(rest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out zeros): break;
                case '!' when TryConstant(rest, out object? constant): excluded.Add(constant); break;
                default: return null;
            }
        }

        if ((ones & zeros) != 0) return null;
        Known? known = (ones | zeros) == 0 ? Known.Nothing : Known.Bits(ones, zeros);
        foreach (object? constant in excluded) known = known?.And(Known.Not(constant));
        return known;
    }

    private static string? OfConstant(object? constant) => constant switch
    {
        null => "null",
        true => "true",
        false => "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        string { Length: <= TextLimit } text => "'" + Escaped(text),
        _ => null,
    };

    // Blanks, brackets and commas are what the other texts are made of.
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text)
        {
            if (c < 128 && char.IsLetterOrDigit(c)) escaped.Append(c);
            else escaped.Append('%').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    private static bool TryConstant(string text, out object? constant)
    {
        constant = null;
        switch (text)
        {
            case "null": return true;
            case "true": constant = true; return true;
            case "false": constant = false; return true;
        }

        if (text.Length > 0 && text[0] == '\'') return (constant = Unescaped(text)) is not null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)) return false;
        constant = number;
        return true;
    }

    private static string? Unescaped(string text)
    {
        var plain = new StringBuilder();
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                plain.Append(text[i]);
                continue;
            }

            if (i + 4 >= text.Length || !int.TryParse(text.Substring(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)) return null;
            plain.Append((char)code);
            i += 4;
        }

        return plain.ToString();
    }

    private static Value? Read(string text, ref int at, int depth)
    {
        if (depth > DepthLimit || at >= text.Length) return null;
        if (text[at] != '(')
        {
            string word = Word(text, ref at);
            if (word.Length > 1 && word[0] == 'p' && int.TryParse(word.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)) return Symbol.Parameter(ordinal);
            return TryConstant(word, out object? constant) ? Constant.Of(constant) : null;
        }

        at++;
        string kind = Word(text, ref at);
        if (!Enum.TryParse(kind, out Operator @operator) || !Enum.IsDefined(typeof(Operator), @operator) || char.IsDigit(kind[0])) return null;
        if (!Skip(text, ref at, ' ') || Read(text, ref at, depth + 1) is not { } left) return null;
        Value? right = null;
        if (at < text.Length && text[at] == ' ')
        {
            at++;
            right = Read(text, ref at, depth + 1);
            if (right is null) return null;
        }

        bool isUnary = @operator is Operator.Not or Operator.Complement;
        return Skip(text, ref at, ')') && isUnary == right is null ? Fold.Make(@operator, left, right) : null;
    }

    private static string Word(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is not (' ' or '(' or ')')) at++;
        return text.Substring(start, at - start);
    }

    private static bool Skip(string text, ref int at, char expected)
    {
        if (at >= text.Length || text[at] != expected) return false;
        at++;
        return true;
    }
}
