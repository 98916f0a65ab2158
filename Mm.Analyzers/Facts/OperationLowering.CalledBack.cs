using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Members of ours that code of the compiler calls back: what a string asks for its text, what a record compares, what 'fixed' pins.</summary>
internal sealed partial class OperationLowering
{
    private InterpolatedStringExpressionSyntax? _text;

    /// <summary>A part of a string gives its text. The string counts as allocated once, not once more for each part.</summary>
    private void AddText(IOperation part, Value value, bool isFormatted)
    {
        var written = Written(part);
        if (written.Type is not INamedTypeSymbol { SpecialType: SpecialType.None } type || written.ConstantValue.HasValue || TextOf(_store, type, isFormatted) is not { } method) return;
        AddCall(part, method, value, ImmutableArray<Value>.Empty, isVirtual: true, written);
        ((CallStep)_steps[_steps.Count - 1]).IsThrown = true;
    }

    /// <summary>A handler of .NET asks a part for its text.</summary>
    internal static bool IsFormatting(BodyStore store, IInvocationOperation call) =>
        call is { TargetMethod.Name: "AppendFormatted", Arguments.Length: > 0, Syntax.Parent: InterpolatedStringExpressionSyntax } && !store.IsSource(call.TargetMethod);

    /// <summary>The second part of a string that a handler of .NET puts together, or a later one: its allocations are those of the first.</summary>
    private bool IsLaterPart(IOperation at, IMethodSymbol target)
    {
        if (target.Name is not ("AppendLiteral" or "AppendFormatted") || at.Syntax.Parent is not InterpolatedStringExpressionSyntax text || _store.IsSource(target)) return false;
        bool isLater = _text == text;
        _text = text;
        return isLater;
    }

    /// <summary>What a type of ours is asked for its text by; null where .NET has the answer.</summary>
    internal static IMethodSymbol? TextOf(BodyStore store, INamedTypeSymbol type, bool isFormatted)
    {
        if (!store.IsSource(type) || type.TypeKind is not (TypeKind.Class or TypeKind.Struct)) return null;
        if (isFormatted)
        {
            foreach (var (name, member) in new[] { ("ISpanFormattable", "TryFormat"), ("IFormattable", "ToString") })
            {
                var asked = type.AllInterfaces.FirstOrDefault(implemented => implemented.Name == name && implemented.ContainingNamespace is { Name: "System" });
                if (asked?.GetMembers(member).FirstOrDefault() is { } declared && type.FindImplementationForInterfaceMember(declared) is IMethodSymbol method) return method;
            }
        }

        return OfObject(store, "ToString", 0);
    }

    private static IMethodSymbol? OfObject(BodyStore store, string name, int parameters) =>
        Member(store.Compilation.GetSpecialType(SpecialType.System_Object), name, parameters);

    /// <summary>What the compiler writes for a record: it asks the parts.</summary>
    public void LowerRecordMember(IMethodSymbol member, Location location)
    {
        var type = member.ContainingType;
        switch (member)
        {
            case { MethodKind: MethodKind.UserDefinedOperator }:
                AddMember(Own(type, "Equals"), type, Symbol.Parameter(0), location);
                break;
            case { Name: "Equals", Parameters.Length: 1 } when !SymbolEqualityComparer.Default.Equals(member.Parameters[0].Type, type):
                AddMember(Own(type, "Equals"), type, Symbol.This, location);
                break;
            case { Name: "Equals", Parameters.Length: 1 }:
                if (type.BaseType is { IsRecord: true } compared) AddMember(Own(compared, "Equals"), compared, Symbol.This, location, isVirtual: false);
                foreach (var part in Parts(type)) AddMember(EqualsOf(part), part, Fresh(), location);
                break;
            case { Name: "GetHashCode" }:
                if (type.BaseType is { IsRecord: true } hashed) AddMember(Member(hashed, "GetHashCode", 0), hashed, Symbol.This, location, isVirtual: false);
                foreach (var part in Parts(type)) AddMember(OfObject(_store, "GetHashCode", 0), part, Fresh(), location);
                break;
            case { Name: "ToString" }:
                Add(new AllocateStep(_next++, location, "a string"));
                AddMember(Member(type, "PrintMembers", 1), type, Symbol.This, location);
                break;
            case { Name: WellKnownMemberNames.DeconstructMethodName }:
                foreach (var parameter in member.Parameters)
                {
                    if (PropertyOf(type, parameter.Name) is { GetMethod: { } read } given) AddMember(read, given.ContainingType, Symbol.This, location);
                }

                break;
            case { Name: "<Clone>$" }:
                AddMember(WrittenCopyOf(type), type, Fresh(), location, isVirtual: false);
                break;
            case { Name: "PrintMembers" }:
                if (type.BaseType is { IsRecord: true } printed) AddMember(Member(printed, "PrintMembers", 1), printed, Symbol.This, location, isVirtual: false);
                foreach (var shown in type.GetMembers().Where(static shown => shown is { DeclaredAccessibility: Accessibility.Public, IsStatic: false }))
                {
                    if (shown is IPropertySymbol { IsIndexer: false, GetMethod: { } getter } property)
                    {
                        AddMember(getter, type, Symbol.This, location);
                        AddMember(Print(property.Type), property.Type, Fresh(), location);
                    }
                    else if (shown is IFieldSymbol field)
                    {
                        AddMember(Print(field.Type), field.Type, Fresh(), location);
                    }
                }

                break;
        }
    }

    private static IPropertySymbol? PropertyOf(INamedTypeSymbol? record, string name)
    {
        for (; record is not null; record = record.BaseType)
        {
            foreach (var member in record.GetMembers(name))
            {
                if (member is IPropertySymbol property) return property;
            }
        }

        return null;
    }

    private IMethodSymbol? Print(ITypeSymbol type) => type is INamedTypeSymbol named ? TextOf(_store, named, isFormatted: false) : null;

    private static ImmutableArray<ITypeSymbol> Parts(INamedTypeSymbol record) =>
        record.GetMembers().OfType<IFieldSymbol>().Where(static field => !field.IsStatic).Select(static field => field.Type).ToImmutableArray();

    private static IMethodSymbol? Own(INamedTypeSymbol record, string name) => record.GetMembers(name).OfType<IMethodSymbol>()
        .FirstOrDefault(method => method.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(method.Parameters[0].Type, record));

    private IMethodSymbol? EqualsOf(ITypeSymbol type)
    {
        if (Underlying(type) is not INamedTypeSymbol named) return null;
        var asked = named.AllInterfaces.FirstOrDefault(implemented =>
            implemented is { Name: "IEquatable", TypeArguments.Length: 1 } && SymbolEqualityComparer.Default.Equals(implemented.TypeArguments[0], named));
        return asked?.GetMembers("Equals").FirstOrDefault() is { } declared && named.FindImplementationForInterfaceMember(declared) is IMethodSymbol method
            ? method
            : OfObject(_store, "Equals", 1);
    }

    private void AddMember(IMethodSymbol? member, ITypeSymbol type, Value receiver, Location location, bool isVirtual = true)
    {
        if (member is null || Underlying(type) is not INamedTypeSymbol { SpecialType: SpecialType.None } asked || !_store.IsSource(asked)) return;
        int id = _next++;
        Add(new CallStep(id, location, member)
        {
            Receiver = receiver,
            ReceiverType = asked,
            IsVirtual = isVirtual && (member.IsVirtual || member.IsAbstract || member.IsOverride),
            IsImplicit = true,
            IsThrown = true,
            Result = Symbol.Result(id),
            ResultType = member.ReturnType,
        });
    }

    /// <summary>'fixed' asks an object of ours where it begins.</summary>
    private void AddPin(IOperation at, ILocalSymbol local, IOperation source, Value value)
    {
        var model = _store.ModelOf(at.Syntax.SyntaxTree);
        if (!local.IsFixed || model.GetTypeInfo(source.Syntax, _cancellation).Type is not INamedTypeSymbol type || !_store.IsSource(type)) return;
        if (Member(type, "GetPinnableReference", 0) is { } own)
        {
            AddCall(at, own, value, ImmutableArray<Value>.Empty, own.IsVirtual || own.IsAbstract || own.IsOverride);
            return;
        }

        foreach (var found in model.LookupSymbols(at.Syntax.SpanStart, type, "GetPinnableReference", includeReducedExtensionMethods: true))
        {
            if (found is not IMethodSymbol { Parameters.IsEmpty: true } pinned) continue;
            if (pinned.ReducedFrom is { } extension) AddCall(at, extension, null, ImmutableArray.Create(value), isVirtual: false);
            else AddCall(at, pinned, value, ImmutableArray<Value>.Empty, isVirtual: false);
            return;
        }
    }
}
