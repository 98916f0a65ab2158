using System;
using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>What a marker type is known by: its metadata name, and with it the type arguments of a generic one, as Held&lt;Disk&gt; and Held&lt;Net&gt; are two.</summary>
internal static partial class MarkerNames
{
    /// <summary>The marker of such a name; null for one that is nested in a generic type.</summary>
    public static INamedTypeSymbol? Find(string name, Func<string, INamedTypeSymbol?> find)
    {
        int open = name.IndexOf('<');
        if (open <= 0 || name[name.Length - 1] != '>') return find(name);
        var arguments = new List<ITypeSymbol>();
        int depth = 0, start = open + 1;
        for (int at = start; at < name.Length; at++)
        {
            char c = name[at];
            if (depth == 0 && (c == ',' || at == name.Length - 1))
            {
                if (Find(name.Substring(start, at - start).Trim(), find) is not { } argument) return null;
                arguments.Add(argument);
                start = at + 1;
            }
            else if (c == '<') depth++;
            else if (c == '>') depth--;
        }

        string head = name.Substring(0, open);
        string arity = "`" + arguments.Count;
        var definition = find(head.EndsWith(arity, StringComparison.Ordinal) ? head : head + arity);
        return definition is { ContainingType: not { IsGenericType: true } } && definition.Arity == arguments.Count ? definition.Construct(arguments.ToArray()) : null;
    }
}
