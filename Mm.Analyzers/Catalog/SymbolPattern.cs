using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>
/// The symbols whose documentation ids have a form, such as 'M:Acme.*Latch.Take' or 'T:Acme.*Guard'. What stands before the last dot
/// speaks of the type, and '*' stands there for any text; what stands behind it names members.
/// </summary>
internal sealed class SymbolPattern
{
    private readonly string _type;
    private readonly string? _member;
    private readonly string? _parameters;
    private readonly char _kind;

    private SymbolPattern(string key)
    {
        _kind = key[0];
        int end = key.IndexOf('(');
        string path = end < 0 ? key.Substring(2) : key.Substring(2, end - 2);
        _parameters = end < 0 ? null : key.Substring(end);
        int dot = _kind == 'T' ? -1 : path.LastIndexOf('.');

        // A member without a type is no member of any.
        _type = _kind == 'T' ? path : path.Substring(0, Math.Max(0, dot));
        _member = _kind == 'T' ? null : path.Substring(dot + 1);
    }

    public static ImmutableArray<ISymbol> Of(string key, Compilation compilation)
    {
        var pattern = new SymbolPattern(key);
        var found = ImmutableArray.CreateBuilder<ISymbol>();
        var pending = new Stack<INamespaceOrTypeSymbol>();
        foreach (var root in pattern.RootsIn(compilation)) pending.Push(root);
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (next is INamedTypeSymbol type) pattern.AddFrom(type, found);
            foreach (var member in next.GetMembers())
            {
                if (member is INamespaceOrTypeSymbol inner) pending.Push(inner);
            }
        }

        return found.ToImmutable();
    }

    private void AddFrom(INamedTypeSymbol type, ImmutableArray<ISymbol>.Builder found)
    {
        if (type.GetDocumentationCommentId() is not { } id || !Matches(_type, 0, id, 2)) return;
        if (_member is null)
        {
            found.Add(type);
            return;
        }

        foreach (var member in type.GetMembers())
        {
            if (member is not (IMethodSymbol or IPropertySymbol or IEventSymbol)) continue;
            if (member.GetDocumentationCommentId() is not { } own || own[0] != _kind) continue;
            int start = id.Length + 1;
            int end = own.IndexOf('(');
            if (start > own.Length || _parameters is not null && (end < 0 || string.CompareOrdinal(own, end, _parameters, 0, int.MaxValue) != 0)) continue;
            if (Matches(_member, 0, end < 0 ? own : own.Substring(0, end), start)) found.Add(member);
        }
    }

    /// <summary>The namespace that the pattern spells out; without one, everything but .NET itself.</summary>
    private IEnumerable<INamespaceSymbol> RootsIn(Compilation compilation)
    {
        string literal = _type.Substring(0, Math.Max(0, _type.IndexOf('*') is var star and >= 0 ? star : _type.Length));
        var space = compilation.GlobalNamespace;
        int start = 0;
        for (int dot = literal.IndexOf('.'); dot >= 0; dot = literal.IndexOf('.', start))
        {
            INamespaceSymbol? inner = null;
            string name = literal.Substring(start, dot - start);
            foreach (var candidate in space.GetNamespaceMembers())
            {
                if (candidate.Name == name) inner = candidate;
            }

            // The rest names types.
            if (inner is null) break;
            space = inner;
            start = dot + 1;
        }

        if (start > 0)
        {
            yield return space;
            yield break;
        }

        yield return compilation.Assembly.GlobalNamespace;
        foreach (var reference in compilation.References)
        {
            if (compilation.GetAssemblyOrModuleSymbol(reference) is IAssemblySymbol assembly && !WellKnown.IsFramework(assembly)) yield return assembly.GlobalNamespace;
        }
    }

    /// <summary>Whether the text from a position on has the form, where '*' stands for any text.</summary>
    private static bool Matches(string form, int f, string text, int t)
    {
        int star = -1, mark = 0;
        while (t < text.Length)
        {
            if (f < form.Length && form[f] == '*')
            {
                star = f++;
                mark = t;
            }
            else if (f < form.Length && form[f] == text[t])
            {
                f++;
                t++;
            }
            else if (star >= 0)
            {
                f = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (f < form.Length && form[f] == '*') f++;
        return f == form.Length;
    }
}
