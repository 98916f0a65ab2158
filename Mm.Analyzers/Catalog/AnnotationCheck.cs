using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Mm.Analyzers.Catalog;

/// <summary>Whether everything that a line names is there: the symbol, the effect or context, the parameter, the constant.</summary>
internal static class AnnotationCheck
{
    /// <summary>The first thing that the line names and that is not there, or null.</summary>
    public static LineFault? FaultOf(AnnotationLine line, ContextTable contexts, Compilation compilation)
    {
        var symbols = AnnotatedSymbols.Of(line.Key, compilation);
        if (symbols.IsEmpty) return NoSymbol(line, compilation);
        if (line.IsNegated) return null;
        var methods = AnnotatedSymbols.MethodsOf(symbols).ToList();
        return OfSubject(line, symbols, methods, contexts) ?? OfCondition(line, symbols, methods);
    }

    private static LineFault NoSymbol(AnnotationLine line, Compilation compilation)
    {
        if (line.IsPattern) return new LineFault($"nothing has a name of the form '{line.Key.Substring(2)}'", line.KeyWord);
        if (line.Key[0] == 'T') return new LineFault($"there is no type '{line.Key.Substring(2)}'", line.KeyWord);
        string container = AnnotatedSymbols.ContainerOf(line.Key);
        if (AnnotatedSymbols.TypesOf(container, compilation).IsEmpty) return new LineFault($"there is no type '{container}'", line.KeyWord);
        int end = line.Key.IndexOf('(');
        string name = (end < 0 ? line.Key : line.Key.Substring(0, end)).Substring(container.Length + 3);
        string what = line.Key[0] switch { 'P' => "property", 'E' => "event", _ => "method" };
        bool hasOthers = end >= 0 && !AnnotatedSymbols.Of(line.Key.Substring(0, end), compilation).IsEmpty;
        return new LineFault(
            hasOthers ? $"no overload of '{container}.{name}' has the parameters {line.Key.Substring(end)}" : $"type '{container}' has no {what} '{name}'",
            line.KeyWord);
    }

    private static LineFault? OfSubject(AnnotationLine line, ImmutableArray<ISymbol> symbols, List<IMethodSymbol> methods, ContextTable contexts)
    {
        LineFault? Fault(string text) => new(text, line.SubjectWord);
        switch (line.Verb)
        {
            case "might" when line.Subject == "unknown":
                return null;
            case "might" or "never":
                return IsMarker(contexts, line.Subject, "IEffect", contexts.Effect(line.Subject) is not null) ? null : Fault($"there is no effect '{line.Subject}'");
            case "deferred":
                return methods.Exists(method => ParameterOf(method, line.Subject) is not null) ? null : Fault($"there is no parameter '{line.Subject}'");
            case "latch":
                if (line.Key[0] != 'P') return new LineFault("'latch' speaks of a property, and this is none", line.KeyWord);
                return HasProperty(symbols, line.Subject) ? null : Fault($"there is no property '{line.Subject}'");
            case "scope" when line.Key[0] != 'T':
                return new LineFault("'scope' speaks of a type, and this is none", line.KeyWord);
            case "tests" when line.Parameter is null && !methods.Exists(static method => method.ReturnType.SpecialType == SpecialType.System_Boolean):
                return new LineFault("'tests' speaks of a member that returns a bool, and this is none", line.KeyWord);
            default:
                return IsMarker(contexts, line.Subject, "IContext", contexts.Named(line.Subject) is not null) ? null : Fault($"there is no context '{line.Subject}'");
        }
    }

    private static LineFault? OfCondition(AnnotationLine line, ImmutableArray<ISymbol> symbols, List<IMethodSymbol> methods)
    {
        if (line.Latch is { } latch) return HasProperty(symbols, latch) ? null : new LineFault($"there is no property '{latch}'", line.LatchWord);
        if (line.Parameter is not { } name) return null;
        bool isTransition = line.Verb is "enters" or "leaves" || line.Verb == "tests" && name == AnnotationLine.Result && line.Relation == "is";
        if (!isTransition && line.Verb != "might") return new LineFault($"'{line.Verb}' takes no condition", line.ParameterWord);
        if (isTransition && name == AnnotationLine.Result)
        {
            if (methods.TrueForAll(static method => method.ReturnsVoid)) return new LineFault("there is no result", line.ParameterWord);
            if (line.Relation is null) return null;
            if (line.Relation != "is") return new LineFault("a result is compared with 'is'", line.OperandWord);
            return methods.Exists(method => AnnotationTable.TryOperand(line, method.ReturnType, out _)) ? null : NoOperand(line);
        }

        var parameters = methods.Select(method => ParameterOf(method, name)).OfType<IParameterSymbol>().ToList();
        if (parameters.Count == 0) return new LineFault($"there is no parameter '{name}'", line.ParameterWord);
        if (isTransition)
        {
            return line.Relation is null && parameters.Exists(static parameter => parameter.RefKind is RefKind.Ref or RefKind.Out && parameter.Type.SpecialType == SpecialType.System_Boolean)
                ? null
                : new LineFault($"'{line.Verb}' is told by 'if' and a 'ref bool' or 'out bool', and parameter '{name}' is none", line.ParameterWord);
        }

        if (line.Relation is null)
        {
            return parameters.Exists(static parameter => parameter.Type.SpecialType == SpecialType.System_Boolean)
                ? null
                : new LineFault($"'if' asks a bool, and parameter '{name}' is none", line.ParameterWord);
        }

        return parameters.Exists(parameter => AnnotationTable.TryOperand(line, parameter.Type, out _)) ? null : NoOperand(line);
    }

    private static LineFault NoOperand(AnnotationLine line) =>
        new($"'{line.OperandWord.Text}' is no constant with which '{line.Parameter}' can be compared by '{line.Relation}'", line.OperandWord);

    private static bool IsMarker(ContextTable contexts, string name, string marker, bool isKnown) =>
        isKnown && (contexts.Marker(name) is not { } type || type.AllInterfaces.Any(implemented => implemented.Name == marker));

    private static bool HasProperty(ImmutableArray<ISymbol> symbols, string name) =>
        symbols.Any(symbol => AnnotationTable.FindProperty(symbol as INamedTypeSymbol ?? symbol.ContainingType, name) is not null);

    private static IParameterSymbol? ParameterOf(IMethodSymbol method, string name) => method.Parameters.FirstOrDefault(parameter => parameter.Name == name);
}
