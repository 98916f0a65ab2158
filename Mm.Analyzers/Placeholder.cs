namespace Mm.Analyzers;

internal static class Placeholder;
