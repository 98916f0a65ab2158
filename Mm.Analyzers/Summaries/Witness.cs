using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Summaries;

/// <summary>The way from a call to the primitive that has the effect.</summary>
internal class Witness
{
    public Witness(string name, Location location, Witness? next)
    {
        Name = name;
        Location = location;
        Next = next;
        Length = 1 + (next?.Length ?? 0);
    }

    /// <summary>What is called: a simple name, for the primitive at the end with its type.</summary>
    public string Name { get; }

    public Location Location { get; }

    /// <summary>Of a primitive: the condition on which it has the effect, in words.</summary>
    public virtual string Condition => "";

    public Witness? Next { get; }

    public int Length { get; }

    public Witness Last
    {
        get
        {
            var at = this;
            while (at.Next is { } next) at = next;
            return at;
        }
    }

    public static Witness Of(string name, Location location, Witness? next, string condition) =>
        condition.Length == 0 ? new Witness(name, location, next) : new Conditional(name, location, next, condition);

    /// <summary>A total order, so that the choice between two ways does not depend on the order of files.</summary>
    public static int Compare(Witness left, Witness right)
    {
        if (left.Length != right.Length) return left.Length - right.Length;
        for (Witness? a = left, b = right; a is not null && b is not null; a = a.Next, b = b.Next)
        {
            if (ReferenceEquals(a, b)) return 0;
            int order = string.CompareOrdinal(a.Name, b.Name);
            if (order != 0) return order;
        }

        // Ways of the same names are told apart by where they are.
        for (Witness? a = left, b = right; a is not null && b is not null && !ReferenceEquals(a, b); a = a.Next, b = b.Next)
        {
            int order = string.CompareOrdinal(a.Location.SourceTree?.FilePath, b.Location.SourceTree?.FilePath);
            if (order == 0) order = a.Location.SourceSpan.Start - b.Location.SourceSpan.Start;
            if (order != 0) return order;
        }

        return 0;
    }

    // There are many hops, and few of them have one.
    private sealed class Conditional(string name, Location location, Witness? next, string condition) : Witness(name, location, next)
    {
        public override string Condition => condition;
    }
}
