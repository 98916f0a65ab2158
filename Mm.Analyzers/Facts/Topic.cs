using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Facts;

/// <summary>A part of the vocabulary that many projects never touch, by the pieces of text that all who touch it write.</summary>
internal sealed class Topic
{
    /// <summary>Somebody forbids allocations: the effect as an argument of an attribute, and the context and the regions that forbid it.</summary>
    public static readonly Topic Allocation = new("<Allocate", "(Allocate", "Contexts.Allocate", "NoGc", "NoGC");

    /// <summary>Somebody forbids sleeping: the effect, or any context that does, .NET's spin lock among them.</summary>
    public static readonly Topic Sleeping = new("<Sleep", "(Sleep", "Contexts.Sleep", "PreemptOff", "SpinLock", "Irq", "Nmi", "RcuRead");

    /// <summary>Somebody forbids waiting for spin locks.</summary>
    public static readonly Topic Spinning = new("<SpinOnLock", "(SpinOnLock", "Contexts.SpinOnLock", "Nmi");

    /// <summary>Somebody switches interrupts off or handles them, or waits for other CPUs.</summary>
    public static readonly Topic Interrupts = new("Irq", "Nmi", "CrossCall");

    private readonly string[] _pieces;
    private readonly ConditionalWeakTable<SyntaxTree, object> _known = new();

    private Topic(params string[] pieces) => _pieces = pieces;

    public bool IsIn(SyntaxTree tree) => (bool)_known.GetValue(tree, tree => Words.Contains(tree.GetText(), _pieces));

    /// <summary>Whether the name of an effect or a context belongs to it.</summary>
    public bool IsNamed(string name)
    {
        foreach (string piece in _pieces)
        {
            if (name.Contains(piece.TrimStart('<', '('))) return true;
        }

        return false;
    }
}
