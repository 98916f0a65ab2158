using System.Globalization;
using System.Text;

namespace Mm.Catalogue;

/// <summary>The catalogue's lines about one assembly, as they are checked in.</summary>
internal sealed record CatalogueFile(string Assembly, string Text);

/// <summary>Turns what was derived into lines, for members that a program can name and of which the written part does not speak.</summary>
internal sealed class Derivation
{
    private readonly Framework _framework;
    private readonly EffectFlow _flow;
    private readonly DelegateFlow _delegates;
    private readonly Review _scope;
    private readonly Review _fates;
    private readonly HashSet<string> _offered;
    private readonly Dictionary<string, HashSet<string>> _written = new(StringComparer.Ordinal);

    /// <param name="framework">The implementation.</param>
    /// <param name="reference">The assemblies that programs are compiled against: they say what can be named.</param>
    /// <param name="written">The part of the catalogue that is written by hand.</param>
    public Derivation(Framework framework, Framework reference, string written)
    {
        _framework = framework;
        Primitives = Review.Read("primitives.txt");
        Cuts = Review.Read("cuts.txt");
        _scope = Review.Read("assemblies.txt");
        _fates = Review.Read("delegates.txt");
        _flow = new EffectFlow(framework, Primitives, Cuts);
        _delegates = new DelegateFlow(framework);
        _offered = [.. reference.Methods.Where(static method => method.IsVisible).Select(static method => method.Id)];
        foreach (string row in written.Split('\n'))
        {
            string[] words = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || words[0].StartsWith('#')) continue;
            if (!_written.TryGetValue(words[0], out var said)) _written.Add(words[0], said = new HashSet<string>(StringComparer.Ordinal));
            said.Add(words[1] + " " + words[2]);
        }
    }

    public Review Primitives { get; }

    public Review Cuts { get; }

    public Review Fates => _fates;

    public Review Scope => _scope;

    /// <summary>One file for each assembly in scope that has lines; sorted, so that the same framework gives the same text.</summary>
    public IEnumerable<CatalogueFile> Files()
    {
        foreach (var module in _framework.Modules.OrderBy(static module => module.Name, StringComparer.Ordinal))
        {
            var lines = new SortedSet<string>(StringComparer.Ordinal);
            var kinds = KindsOf(module.Name);
            foreach (var method in module.Types.Values.SelectMany(static type => type.Methods))
            {
                if (!method.IsVisible || !_offered.Contains(method.Id)) continue;
                foreach (string line in LinesOf(method, kinds)) lines.Add(line);
            }

            if (lines.Count == 0) continue;
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"#{module.Name}: derived, see docs/catalogue.md\n");
            foreach (var type in lines.GroupBy(TypeOf).OrderBy(static type => type.Key, StringComparer.Ordinal))
            {
                // The heading is how the analyzers find the lines of a type without reading the others.
                text.Append("# ").Append(type.Key).Append('\n');
                foreach (string line in type) text.Append(line).Append('\n');
            }

            yield return new CatalogueFile(module.Name, text.ToString());
        }
    }

    private static string TypeOf(string line) => line[2..line.LastIndexOf('.', line.AsSpan().IndexOfAny('(', ' '))];

    private Effects KindsOf(string assembly)
    {
        foreach (var line in _scope.Lines)
        {
            if (line.Key != assembly) continue;
            line.Uses++;
            return Review.Parse(line.Says);
        }

        return Effects.Sleep | Effects.CrossCall | Effects.Allocate;
    }

    private IEnumerable<string> LinesOf(MethodNode method, Effects kinds)
    {
        var effects = _flow.Of(method) & kinds;
        if (method.Type.IsException || method.Name is "Finalize" or ".cctor" || method.HasAttribute("System.ObsoleteAttribute") && method.Type.IsException) yield break;
        foreach (var kind in Enum.GetValues<Effects>())
        {
            if (kind == Effects.None || (effects & kind) == 0) continue;

            if (kind == Effects.Sleep && method.IsAsyncBase) continue;

            // Who might sleep anyway says nothing new by a short lock.
            if (kind == Effects.SpinOnLock && ((_flow.Of(method) & Effects.Sleep) != 0 || IsWritten(method, "might Sleep"))) continue;
            if (!IsWritten(method, "might " + kind)) yield return method.Id + " might " + kind;
        }

        if (kinds == Effects.None) yield break;
        for (int i = 0; i < method.Signature.ParameterTypes.Length; i++)
        {
            string name = method.ParameterName(i);
            if (IsKept(method, i) && !IsWritten(method, "deferred " + name)) yield return method.Id + " deferred " + name;
        }
    }

    /// <summary>Whether a delegate argument outlives the call: kept, and not invoked on the way.</summary>
    public bool IsKept(MethodNode method, int ordinal)
    {
        if (!IsDelegate(method, ordinal)) return false;
        if (_fates.Of(method) is { } reviewed) return reviewed.Says == "kept";

        // The analyzers know without a line that events and properties keep what they are given.
        if (method.Name.StartsWith("add_", StringComparison.Ordinal) || method.Name.StartsWith("remove_", StringComparison.Ordinal) || method.Name.StartsWith("set_", StringComparison.Ordinal)) return false;
        return _delegates.Of(method, ordinal + (method.IsStatic ? 0 : 1)) == Fate.Kept;
    }

    public Fate FateOf(MethodNode method, int ordinal) => _delegates.Of(method, ordinal + (method.IsStatic ? 0 : 1));

    public bool IsDelegate(MethodNode method, int ordinal)
    {
        string type = method.Signature.ParameterTypes[ordinal];
        int arguments = type.IndexOf('{');
        if (arguments >= 0) type = type[..arguments] + "`" + ArityOf(type[arguments..]);
        foreach (var module in _framework.Modules)
        {
            if (module.Types.TryGetValue(type, out var found)) return found.IsDelegate;
        }

        return false;
    }

    private static int ArityOf(string arguments)
    {
        int depth = 0;
        int count = 1;
        foreach (char c in arguments)
        {
            if (c == '{') depth++;
            else if (c == '}') depth--;
            else if (c == ',' && depth == 1) count++;
        }

        return count;
    }

    private bool IsWritten(MethodNode method, string what)
    {
        string id = method.Id;
        int parameters = id.IndexOf('(');
        string bare = parameters < 0 ? id : id[..parameters];
        int dot = bare.LastIndexOf('.');
        string name = bare[(dot + 1)..];
        return Says(id) || Says(bare) || name.StartsWith("get_", StringComparison.Ordinal) && Says("P:" + bare[2..(dot + 1)] + name[4..]);

        bool Says(string key) => _written.TryGetValue(key, out var said) && said.Contains(what);
    }
}
