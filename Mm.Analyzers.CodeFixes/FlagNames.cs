using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mm.Analyzers.CodeFixes;

/// <summary>
/// Writes flags with some bits taken away or added, by the names that their own type gives: a mode such as <c>Gfp.Kernel</c> gives
/// way to the named mode nearest to it that lacks the bits, a single bit is left out, and anything else is masked.
/// </summary>
internal sealed class FlagNames
{
    private readonly SemanticModel _model;
    private readonly int _position;
    private readonly CancellationToken _cancellation;

    internal FlagNames(SemanticModel model, int position, CancellationToken cancellation)
    {
        _model = model;
        _position = position;
        _cancellation = cancellation;
    }

    /// <summary>The expression without the bits; null where no name says them.</summary>
    internal ExpressionSyntax? Without(ExpressionSyntax flags, ITypeSymbol type, long bits)
    {
        if (ConstantOf(flags) is { } whole && (whole & bits) == 0) return null;
        var terms = Terms(flags);
        var kept = new List<ExpressionSyntax>();
        foreach (var term in terms)
        {
            if (ConstantOf(term) is not { } value) return Masked(flags, type, bits);
            if ((value & bits) == 0)
            {
                kept.Add(term);
                continue;
            }

            if (_model.GetSymbolInfo(term, _cancellation).Symbol is not IFieldSymbol { IsConst: true } constant) return Masked(flags, type, bits);
            if ((value & ~bits) == 0 && terms.Count > 1) continue;
            if (Nearest(constant, value, bits) is not { } other) return Masked(flags, type, bits);
            kept.Add(Renamed(term, other));
        }

        return kept.Count == 0 ? null : Rebuilt(flags, kept);
    }

    /// <summary>The expression with the bits; null where no name says them.</summary>
    internal ExpressionSyntax? With(ExpressionSyntax flags, ITypeSymbol type, long bits)
    {
        if (Named(OwnerOf(flags, type), bits) is not { } added) return null;
        if (ConstantOf(flags) == 0) return added.WithTriviaFrom(flags);
        var left = flags.WithoutTrivia();
        if (left is ConditionalExpressionSyntax or AssignmentExpressionSyntax || left.IsKind(SyntaxKind.CoalesceExpression)) left = SyntaxFactory.ParenthesizedExpression(left);
        return Binary(SyntaxKind.BitwiseOrExpression, left, added).WithTriviaFrom(flags);
    }

    /// <summary>
    /// The constant beside this one that says the same without the bits. One that stands for several bits is a mode that somebody has
    /// composed, and gives way to the mode that has most in common with it.
    /// </summary>
    private IFieldSymbol? Nearest(IFieldSymbol constant, long value, long bits)
    {
        var others = Constants(constant.ContainingType, constant.Type).Where(other => (other.Value & bits) == 0).ToList();
        var exact = others.LastOrDefault(other => other.Value == (value & ~bits));
        if (exact.Field is not null) return exact.Field;
        return others
            .Where(other => Count(other.Value) > 1 && Count(other.Value & value) > 0)
            .OrderByDescending(other => Count(other.Value & value))
            .ThenBy(other => Count(other.Value & ~value))
            .FirstOrDefault().Field;
    }

    private ExpressionSyntax? Masked(ExpressionSyntax flags, ITypeSymbol type, long bits)
    {
        if (Named(OwnerOf(flags, type), bits) is not { } mask) return null;
        if (mask is BinaryExpressionSyntax) mask = SyntaxFactory.ParenthesizedExpression(mask);
        var left = flags.WithoutTrivia();
        if (left is not (IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ParenthesizedExpressionSyntax or ElementAccessExpressionSyntax)
            && !left.IsKind(SyntaxKind.BitwiseAndExpression))
        {
            left = SyntaxFactory.ParenthesizedExpression(left);
        }

        return Binary(SyntaxKind.BitwiseAndExpression, left, SyntaxFactory.PrefixUnaryExpression(SyntaxKind.BitwiseNotExpression, mask)).WithTriviaFrom(flags);
    }

    /// <summary>The bits by name: one constant, or several that are a bit each.</summary>
    private ExpressionSyntax? Named(INamedTypeSymbol? owner, long bits)
    {
        if (owner is null) return null;
        var constants = Constants(owner, owner.TypeKind == TypeKind.Enum ? owner : null).ToList();
        var whole = constants.FirstOrDefault(constant => constant.Value == bits).Field;
        if (whole is not null) return Reference(whole);
        ExpressionSyntax? all = null;
        foreach (var (field, value) in constants)
        {
            if (Count(value) != 1 || (value & bits) == 0) continue;
            bits &= ~value;
            all = all is null ? Reference(field) : Binary(SyntaxKind.BitwiseOrExpression, all, Reference(field));
        }

        return bits == 0 ? all : null;
    }

    /// <summary>Whose constants name the bits: the enumeration, or the class that holds the constants that are used.</summary>
    private INamedTypeSymbol? OwnerOf(ExpressionSyntax flags, ITypeSymbol type) => type.TypeKind == TypeKind.Enum
        ? (INamedTypeSymbol)type
        : Terms(flags).Select(term => _model.GetSymbolInfo(term, _cancellation).Symbol).OfType<IFieldSymbol>().FirstOrDefault(static field => field.IsConst)?.ContainingType;

    private IEnumerable<(IFieldSymbol Field, long Value)> Constants(INamedTypeSymbol owner, ITypeSymbol? type)
    {
        foreach (var member in owner.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true } field && Number(field.ConstantValue) is { } value && _model.IsAccessible(_position, field)
                && (type is null || SymbolEqualityComparer.Default.Equals(field.Type, type))) yield return (field, value);
        }
    }

    private long? ConstantOf(ExpressionSyntax expression) => _model.GetConstantValue(expression, _cancellation) is { HasValue: true, Value: var value } ? Number(value) : null;

    private static long? Number(object? constant) => constant switch
    {
        int number => number,
        uint number => number,
        long number => number,
        ulong number => unchecked((long)number),
        byte number => number,
        sbyte number => number,
        short number => number,
        ushort number => number,
        _ => null,
    };

    private ExpressionSyntax Reference(IFieldSymbol field) =>
        SyntaxFactory.ParseExpression(field.ContainingType.ToMinimalDisplayString(_model, _position) + "." + field.Name);

    private ExpressionSyntax Renamed(ExpressionSyntax term, IFieldSymbol field) => term switch
    {
        MemberAccessExpressionSyntax access => access.WithName(SyntaxFactory.IdentifierName(field.Name).WithTriviaFrom(access.Name)),
        _ => Reference(field).WithTriviaFrom(term),
    };

    private static List<ExpressionSyntax> Terms(ExpressionSyntax flags)
    {
        var terms = new List<ExpressionSyntax>();
        var pending = new Stack<ExpressionSyntax>();
        pending.Push(flags);
        while (pending.Count > 0)
        {
            switch (pending.Pop())
            {
                case ParenthesizedExpressionSyntax inner:
                    pending.Push(inner.Expression);
                    break;
                case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.BitwiseOrExpression } or:
                    pending.Push(or.Right);
                    pending.Push(or.Left);
                    break;
                case var term:
                    terms.Add(term);
                    break;
            }
        }

        return terms;
    }

    private static ExpressionSyntax Rebuilt(ExpressionSyntax flags, List<ExpressionSyntax> terms)
    {
        var whole = terms[0].WithoutTrivia();
        for (int i = 1; i < terms.Count; i++) whole = Binary(SyntaxKind.BitwiseOrExpression, whole, terms[i].WithoutTrivia());
        return whole.WithTriviaFrom(flags);
    }

    private static ExpressionSyntax Binary(SyntaxKind kind, ExpressionSyntax left, ExpressionSyntax right)
    {
        var @operator = SyntaxFactory.Token(kind == SyntaxKind.BitwiseOrExpression ? SyntaxKind.BarToken : SyntaxKind.AmpersandToken);
        return SyntaxFactory.BinaryExpression(kind, left, @operator.WithLeadingTrivia(SyntaxFactory.Space).WithTrailingTrivia(SyntaxFactory.Space), right);
    }

    private static int Count(long value)
    {
        int count = 0;
        for (ulong rest = unchecked((ulong)value); rest != 0; rest &= rest - 1) count++;
        return count;
    }
}
