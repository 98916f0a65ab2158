using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using Mm.Analyzers.Catalog;

namespace Mm.Analyzers.Facts;

/// <summary>The names of one compilation that make a body matter, closed over declarations and over calls.</summary>
internal sealed partial class Interests
{
    [Flags]
    private enum Interest
    {
        None = 0,

        /// <summary>A body that mentions it matters.</summary>
        Mention = 1,

        /// <summary>A declaration whose head mentions it hands it on: a field of the type, a method that returns it, a type derived from it.</summary>
        Type = 2,

        /// <summary>A body that mentions it may leave a trace that its callers see: a context entered or left, flags passed on under a lock.</summary>
        Exposed = 4,

        /// <summary>The same, unless it stands behind 'using' and its guard goes nowhere.</summary>
        ExposedUnlessEnclosed = 8,

        /// <summary>Its effect hangs on flags that may come from the caller.</summary>
        Flags = 16,

        /// <summary>A body that mentions it may be in a context by that.</summary>
        Context = 32,

        /// <summary>It may run in a context what its callers hand it: a delegate, a sequence, a type argument.</summary>
        Invokes = 64,
    }

    private static readonly Dictionary<int, string> s_vocabulary = Vocabulary();
    private static readonly int s_readonly = Words.Hash("readonly");

    // What a head mentions that takes code from its caller; delegate types of the compilation are added.
    private static readonly int[] s_code =
    {
        Words.Any, Words.Hash("Action"), Words.Hash("Func"), Words.Hash("Predicate"), Words.Hash("Comparison"), Words.Hash("Converter"), Words.Hash("EventHandler"),
        Words.Hash("Delegate"), Words.Hash("MulticastDelegate"), Words.Hash("TimerCallback"), Words.Hash("WaitCallback"), Words.Hash("ThreadStart"),
        Words.Hash("ParameterizedThreadStart"), Words.Hash("AsyncCallback"), Words.Hash("SendOrPostCallback"), Words.Hash("SpanAction"), Words.Hash("delegate"),
        Words.Hash("IEnumerable"), Words.Hash("IEnumerator"), Words.Hash("IAsyncEnumerable"), Words.Hash("IAsyncEnumerator"), Words.Hash("IQueryable"), Words.Hash("where"),
    };

    private readonly Dictionary<int, Interest> _words = new();
    private readonly HashSet<int> _bound = new();
    private readonly HashSet<int> _boundTypes = new();
    private readonly HashSet<int> _startsInContext = new();
    private readonly HashSet<int> _called = new();
    private readonly HashSet<int> _aliases = new();
    private readonly List<NamedDeclaration> _declarations = new();
    private readonly Stack<int> _pending = new();
    private readonly HashSet<int> _code = new(s_code);
    private HashSet<int>? _places;

    private Interests()
    {
    }

    /// <summary>Names tell nothing apart: an annotation that reaches everything, or a member that runs without being named.</summary>
    public bool IsEverything { get; private set; }

    /// <summary>Some struct may be a lock or guard whose copy is another one.</summary>
    public bool HasLockValues { get; private set; }

    public static Interests Of(Compilation compilation, AnnotationTable annotations, CancellationToken cancellation)
    {
        var trees = new List<TreeNames>();
        foreach (var tree in compilation.SyntaxTrees)
        {
            cancellation.ThrowIfCancellationRequested();
            trees.Add(TreeNames.Of(tree));
        }

        var assemblies = new List<List<NamedDeclaration>>();
        foreach (var assembly in AssemblyNames.Annotated(compilation))
        {
            if (assembly.Name != WellKnown.Namespace) assemblies.Add(AssemblyNames.Of(assembly));
        }

        return KeptInterests.Of(compilation, trees.ToArray(), assemblies.ToArray(), annotations, () => Make(compilation, trees, assemblies, annotations, cancellation));
    }

    private static Interests Make(Compilation compilation, List<TreeNames> trees, List<List<NamedDeclaration>> assemblies, AnnotationTable annotations, CancellationToken cancellation)
    {
        var interests = new Interests();
        foreach (var names in trees)
        {
            interests._declarations.AddRange(names.Declarations);
            interests._called.UnionWith(names.Called);
            foreach (var attribute in names.AssemblyAttributes.Attributes ?? new List<NamedAttribute>())
            {
                interests.IsEverything |= s_vocabulary.ContainsKey(attribute.Name);
            }
        }

        foreach (var declarations in assemblies) interests._declarations.AddRange(declarations);
        interests.AddAliases();
        interests.AddDelegates();
        foreach (var declared in interests._declarations) interests.AddAttributes(declared);
        interests.AddLines(annotations, compilation);

        // Lambdas and local functions carry attributes inside of bodies.
        foreach (var word in s_vocabulary) interests.Raise(word.Key, word.Value is "Scope" or "Forbids" or "Implies" ? Interest.None : Interest.Mention);
        interests.AddRegions(annotations.Regions);
        foreach (int alias in interests._aliases) interests.Raise(alias, Interest.Mention | Interest.Exposed);
        interests.Raise(Words.Any, Interest.Mention | Interest.Exposed | Interest.Flags);
        if (!interests.IsEverything) interests.Close(cancellation);
        interests.Finish();
        return interests;
    }

    /// <summary>Whether a member of this name carries the vocabulary, or may inherit it.</summary>
    public bool Binds(int name) => _bound.Contains(name);

    public bool BindsType(int name) => _boundTypes.Contains(name);

    public bool Mentions(int[] words)
    {
        foreach (int word in words)
        {
            if (_words.TryGetValue(word, out var interest) && (interest & (Interest.Mention | Interest.Exposed | Interest.Flags)) != 0) return true;
        }

        return false;
    }

    /// <summary>Lets go of the declarations: from here on words are enough.</summary>
    private void Finish()
    {
        _sought.Add(s_readonly);
        foreach (var declared in _declarations)
        {
            if (declared.Kind == DeclarationKind.Place) _sought.Add(declared.Name);
        }

        _declarations.Clear();
        _declarations.Capacity = 0;
        _places = null;
        _called.Clear();
    }

    private static Dictionary<int, string> Vocabulary()
    {
        var words = new Dictionary<int, string>();
        foreach (string name in new[]
        {
            "Might", "Never", "RunsIn", "Requires", "ForbiddenIn", "Enters", "Leaves", "Scope", "Tests", "Deferred", "Trusted", "MustCheck",
            "OwnedBy", "Forbids", "Implies",
        })
        {
            words[Words.Hash(name)] = name;
            words[Words.Hash(name + "Attribute")] = name;
        }

        return words;
    }

    // 'using Blocking = Mm.Contexts.MightAttribute<…>': what it says cannot be told from its name.
    private void AddAliases()
    {
        foreach (var declared in _declarations)
        {
            if (declared.Kind != DeclarationKind.Alias) continue;
            foreach (int word in declared.Head)
            {
                if (s_vocabulary.ContainsKey(word)) _aliases.Add(declared.Name);
            }
        }
    }

    private void AddDelegates()
    {
        foreach (var declared in _declarations)
        {
            if (declared.Kind is DeclarationKind.Delegate or DeclarationKind.Alias) _code.Add(declared.Name);
        }
    }

    private bool TakesCode(NamedDeclaration declared)
    {
        foreach (int word in declared.Head)
        {
            if (_code.Contains(word)) return true;
        }

        return false;
    }

    private void AddAttributes(NamedDeclaration declared)
    {
        if (declared.Attributes is null) return;
        foreach (var attribute in declared.Attributes)
        {
            string? name = s_vocabulary.TryGetValue(attribute.Name, out string? known) ? known : _aliases.Contains(attribute.Name) ? "" : null;
            if (name is null or "Forbids" or "Implies") continue;
            if (declared.Kind is DeclarationKind.Type or DeclarationKind.Struct or DeclarationKind.Delegate)
            {
                AddTypeAttribute(declared, attribute, name);
                continue;
            }

            _bound.Add(declared.Name);
            if (name is "RunsIn" or "Requires" or "Leaves" or "") _startsInContext.Add(declared.Name);
            if (IsPrivateMatter(attribute, name)) continue;
            Mark(declared, name == "Might" ? Interest.Mention : Interest.Mention | Interest.Context);
            if (name is "Enters" or "Leaves" or "OwnedBy" or "Tests" or "") Mark(declared, Interest.Exposed);
            if (name is "Might" or "") Mark(declared, Interest.Flags);

            // A copy of a lock that is a struct locks nothing: whoever has one in a field or variable matters.
            if (!declared.IsInValue || name is not ("Enters" or "Leaves" or "")) continue;
            HasLockValues = true;
            Raise(declared.Container, Interest.Type | Interest.Mention);
        }
    }

    private void AddTypeAttribute(NamedDeclaration type, NamedAttribute attribute, string name)
    {
        if (name == "Scope")
        {
            HasLockValues |= type.Kind == DeclarationKind.Struct && Array.IndexOf(type.Head, s_readonly) < 0;
            Raise(type.Name, Interest.Type | Interest.Mention | Interest.Context | Interest.ExposedUnlessEnclosed);
            return;
        }

        HasLockValues |= name.Length == 0;
        if (!attribute.IsOnMember) Raise(type.Name, Interest.Type | Interest.Mention);
        _boundTypes.Add(type.Name);
        bool isPrivate = IsPrivateMatter(attribute, name);
        foreach (var member in _declarations)
        {
            if (member.Container != type.Name && member.Around != type.Name) continue;
            _bound.Add(member.Name);
            if (name is "RunsIn" or "Requires" or "") _startsInContext.Add(member.Name);
            if (!isPrivate) Mark(member, Interest.Mention | Interest.Context);
        }

        if (!isPrivate) Raise(type.Name, Interest.Type | Interest.Mention | Interest.Context);
    }

    /// <summary>Says something of the body, and to callers only where they are in a context by their own doing.</summary>
    private static bool IsPrivateMatter(NamedAttribute attribute, string name) =>
        attribute.IsOnMember && (name is "Never" or "Trusted" or "ForbiddenIn" or "RunsIn" || name == "Might" && !attribute.HasArguments);

    /// <summary>A member is of interest; one that runs without being named makes its type so.</summary>
    private void Mark(NamedDeclaration member, Interest interest)
    {
        Raise(member.Name, interest);
        if (!member.IsImplicit) return;
        if (member.IsExtension || member.Container == Words.Any) IsEverything = true;
        else Raise(member.Container, interest | Interest.Type | Interest.Mention);
    }

    private void Raise(int word, Interest interest)
    {
        _words.TryGetValue(word, out var before);
        if ((before | interest) == before) return;
        _words[word] = before | interest;
        _pending.Push(word);
    }

    private void Close(CancellationToken cancellation)
    {
        if (_declarations.Count == 0) return;
        var heads = Invert(static declared => declared.Head);
        var bodies = Invert(static declared => declared.Body);
        var states = new Dictionary<NamedDeclaration, Interest>();
        while (_pending.Count > 0 && !IsEverything)
        {
            cancellation.ThrowIfCancellationRequested();
            int word = _pending.Pop();
            var interest = _words[word];
            if (heads.TryGetValue(word, out var declarations))
            {
                foreach (var declared in declarations)
                {
                    if ((interest & Interest.Type) != 0) HandOn(declared, interest);
                    Mention(declared, word, interest, states);
                }
            }

            if (!bodies.TryGetValue(word, out declarations)) continue;
            foreach (var declared in declarations) Mention(declared, word, interest, states);
        }
    }

    private void HandOn(NamedDeclaration declared, Interest interest)
    {
        if (declared.Kind is DeclarationKind.Method or DeclarationKind.Place)
        {
            Mark(declared, Interest.Mention | (interest & (Interest.Exposed | Interest.ExposedUnlessEnclosed | Interest.Context)));

            // Whoever copies a struct copies the lock in it.
            if (declared.IsInValue && declared.Kind == DeclarationKind.Place) Raise(declared.Container, Interest.Type | Interest.Mention);
            return;
        }

        Raise(declared.Name, interest & ~Interest.Flags);
    }

    private void Mention(NamedDeclaration declared, int word, Interest interest, Dictionary<NamedDeclaration, Interest> states)
    {
        if (declared.Kind is not (DeclarationKind.Method or DeclarationKind.Place)) return;
        states.TryGetValue(declared, out var state);
        var before = state;
        if ((before & Interest.Exposed) != 0) return;
        state |= interest & (Interest.Mention | Interest.Flags | Interest.Context | Interest.Invokes);
        if (_startsInContext.Contains(declared.Name)) state |= Interest.Context;
        bool isExposed = (interest & Interest.Exposed) != 0
            || (interest & Interest.ExposedUnlessEnclosed) != 0 && Array.IndexOf(declared.Enclosed, word) < 0
            || (state & (Interest.Flags | Interest.Context)) == (Interest.Flags | Interest.Context);
        if (isExposed) state |= Interest.Exposed;
        if (state == before) return;
        states[declared] = state;
        if (IsTrusted(declared)) return;
        if ((state & Interest.Flags) != 0) Mark(declared, Interest.Flags);
        if ((state & (Interest.Context | Interest.Invokes)) != 0 && TakesCode(declared)) Mark(declared, Interest.Mention | Interest.Invokes);
        if (!isExposed) return;
        Mark(declared, Interest.Exposed);

        // A delegate that is stored in a field of the type is run by whoever calls the field.
        foreach (int other in declared.Body)
        {
            if (_called.Contains(other) && IsPlace(other)) Raise(other, Interest.Exposed);
        }
    }

    private static bool IsTrusted(NamedDeclaration declared)
    {
        if (declared.Attributes is null) return false;
        foreach (var attribute in declared.Attributes)
        {
            if (attribute.IsOnMember && s_vocabulary.TryGetValue(attribute.Name, out string? name) && name == "Trusted") return true;
        }

        return false;
    }

    private bool IsMentioned(int word)
    {
        foreach (var declared in _declarations)
        {
            if (Array.IndexOf(declared.Head, word) >= 0 || Array.IndexOf(declared.Body, word) >= 0) return true;
        }

        return false;
    }

    private bool IsPlace(int word)
    {
        if (_places is null)
        {
            _places = new HashSet<int>();
            foreach (var declared in _declarations)
            {
                if (declared.Kind == DeclarationKind.Place) _places.Add(declared.Name);
            }
        }

        return _places.Contains(word);
    }

    /// <summary>Which declarations mention a word; only words that are declared somewhere can ever be asked for.</summary>
    private Dictionary<int, List<NamedDeclaration>> Invert(Func<NamedDeclaration, int[]> wordsOf)
    {
        var declaredNames = new HashSet<int>(_words.Keys);
        foreach (var declared in _declarations) declaredNames.Add(declared.Name);
        var index = new Dictionary<int, List<NamedDeclaration>>();
        foreach (var declared in _declarations)
        {
            foreach (int word in wordsOf(declared))
            {
                if (!declaredNames.Contains(word)) continue;
                if (!index.TryGetValue(word, out var list)) index.Add(word, list = new List<NamedDeclaration>());
                list.Add(declared);
            }
        }

        return index;
    }
}
