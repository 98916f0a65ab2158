using System.Collections.Immutable;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Mm.Analyzers.Catalog;
using Mm.Analyzers.Lattice;

namespace Mm.Analyzers.Facts;

/// <summary>Awaits: the members of the awaiter, and the point at which the method may be left.</summary>
internal sealed partial class OperationLowering
{
    // 'await M();' throws away what M has to say, and so does 'await M().ConfigureAwait(false);'.
    private void DropResult()
    {
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            if (_steps[i] is not CallStep call || call.Target.Name == "ConfigureAwait") continue;
            call.IsResultDropped = true;
            return;
        }
    }

    /// <summary>Behind 'await Task.WhenAll(left, right)', both are complete.</summary>
    private ImmutableArray<Value> DoneWithAll(IOperation awaited)
    {
        if (awaited is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured }) awaited = configured;
        if (awaited is not IInvocationOperation { TargetMethod: { Name: "WhenAll", IsStatic: true, ContainingType: { Name: "Task", ContainingNamespace.Name: "Tasks" } }, Arguments: { Length: 1 } arguments }) return ImmutableArray<Value>.Empty;
        var all = ImmutableArray.CreateBuilder<Value>();
        var given = Written(arguments[0].Value);
        foreach (var element in given is IArrayCreationOperation { Initializer: { } initializer } ? initializer.ElementValues : given.ChildOperations.ToImmutableArray())
        {
            var task = Written(element);
            if (task is not (ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation)) continue;
            if (LowerPlace(task) is { } place && AnnotationTable.FindProperty(task.Type, "IsCompleted") is { } done) all.Add(new Symbol(SymbolRole.Field, 0, done, place));
        }

        return all.ToImmutable();
    }

    /// <summary>What an awaiter of ours is told to do later, if it is not complete.</summary>
    internal static IMethodSymbol? ContinuationOf(BodyStore store, ITypeSymbol? awaiter)
    {
        if (awaiter is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } || !store.IsSource(awaiter)) return null;
        IMethodSymbol? found = null;
        foreach (var implemented in awaiter.AllInterfaces)
        {
            bool isCritical = implemented.Name == "ICriticalNotifyCompletion";
            if (!isCritical && implemented.Name != "INotifyCompletion" || implemented.ContainingNamespace is not { Name: "CompilerServices" }) continue;
            foreach (var member in implemented.GetMembers())
            {
                if (awaiter.FindImplementationForInterfaceMember(member) is IMethodSymbol method && (isCritical || found is null)) found = method;
            }
        }

        return found;
    }

    // 'IsCompleted => true': it is awaited, and never waited for.
    private bool IsAlwaysComplete(IPropertySymbol? completed)
    {
        if (completed is null || !_store.IsSource(completed.ContainingType) || completed.DeclaringSyntaxReferences.IsEmpty) return false;
        return completed.DeclaringSyntaxReferences[0].GetSyntax(_cancellation) is PropertyDeclarationSyntax { ExpressionBody.Expression: { } answer }
            && _store.ModelOf(answer.SyntaxTree).GetConstantValue(answer, _cancellation) is { HasValue: true, Value: true };
    }

    // 'false', or options without ContinueOnCapturedContext, which is 1.
    private static bool Loses(Optional<object?> configured) => configured is { HasValue: true, Value: false } || configured is { HasValue: true, Value: int options } && (options & 1) == 0;

    private static bool IsConfigured(ITypeSymbol? type) => type is { ContainingNamespace: { Name: "CompilerServices" } } && type.Name.StartsWith("Configured", System.StringComparison.Ordinal);

    /// <summary>What the statement or expression around an await awaits, as it is written.</summary>
    private static ExpressionSyntax? AwaitedAt(SyntaxNode syntax)
    {
        for (SyntaxNode? at = syntax; at is not null and not MemberDeclarationSyntax; at = at.Parent)
        {
            switch (at)
            {
                case AwaitExpressionSyntax await: return await.Expression;
                case CommonForEachStatementSyntax loop: return loop.Expression;
                case UsingStatementSyntax @using: return @using.Expression ?? Single(@using.Declaration);
                case LocalDeclarationStatementSyntax local: return Single(local.Declaration);
                case BlockSyntax or StatementSyntax: return null;
            }
        }

        return null;
    }

    private static ExpressionSyntax? Single(VariableDeclarationSyntax? declaration) =>
        declaration is { Variables: { Count: 1 } variables } ? variables[0].Initializer?.Value : null;

    /// <summary>Whether a sequence, a disposable or a task, perhaps in a local, was configured to go on anywhere.</summary>
    private bool LosesContext(ExpressionSyntax written, bool isStored)
    {
        switch (written)
        {
            case ParenthesizedExpressionSyntax parenthesized: return LosesContext(parenthesized.Expression, isStored);
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "WithCancellation", Expression: var inner } }: return LosesContext(inner, isStored);
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" }, ArgumentList.Arguments: { Count: > 0 } arguments }:
                return Loses(_store.ModelOf(written.SyntaxTree).GetConstantValue(arguments[arguments.Count - 1].Expression, _cancellation));
            case IdentifierNameSyntax when !isStored && _store.ModelOf(written.SyntaxTree).GetSymbolInfo(written, _cancellation).Symbol is ILocalSymbol { DeclaringSyntaxReferences: { Length: 1 } declared }:
                return declared[0].GetSyntax(_cancellation) is VariableDeclaratorSyntax { Initializer.Value: { } stored } && LosesContext(stored, isStored: true);
            default: return false;
        }
    }

    /// <summary>An awaiter is complete where its task is.</summary>
    private void NoteAwaiter(IInvocationOperation call, Value task, Value awaiter)
    {
        if (AnnotationTable.FindProperty(call.Type, "IsCompleted") is not { } done || _store.Contracts.LatchOf(done) is null) return;
        if (AnnotationTable.FindProperty(call.Instance?.Type, "IsCompleted") is not { } finished || _store.Contracts.LatchOf(finished) is null) return;
        Add(new AssignStep(_next++, call.Syntax.GetLocation(), new Symbol(SymbolRole.Field, 0, done, awaiter), new Symbol(SymbolRole.Field, 0, finished, task), null) { IsFirst = true });
    }

    /// <summary>A task that is made complete, of a value or an exception that is there, or that needs none.</summary>
    private static bool IsMadeComplete(IMethodSymbol target) =>
        WellKnown.IsTask(target.ContainingType)
        && (target.IsStatic
            ? target.Name is "FromResult" or "FromException" or "FromCanceled" or "get_CompletedTask"
            : target is { MethodKind: MethodKind.Constructor, Parameters: { Length: 1 } parameters } && target.ContainingType.Name == "ValueTask" && parameters[0].OriginalDefinition.Type is ITypeParameterSymbol);

    private void NoteComplete(IOperation at, Value task)
    {
        if (AnnotationTable.FindProperty(at.Type, "IsCompleted") is not { } done || _store.Contracts.LatchOf(done) is null) return;
        Add(new AssignStep(_next++, at.Syntax.GetLocation(), new Symbol(SymbolRole.Field, 0, done, task), Constant.True, null) { IsFirst = true });
    }

    /// <summary>'task.Status == TaskStatus.RanToCompletion', or another of the last three: only of a task that is complete, as the place says which tells that.</summary>
    private Value? DoneAtStatus(Value status, Value asked, ITypeSymbol? type)
    {
        if (type is not { TypeKind: TypeKind.Enum, Name: "TaskStatus", ContainingNamespace.Name: "Tasks" }) return null;
        if (status is Constant) (status, asked) = (asked, status);
        if (asked is not Constant { Item: >= (long)TaskStatus.RanToCompletion }) return null;
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            if (_steps[i] is not CallStep { Target.Name: "get_Status", Receiver: { } task } read || !status.Equals(read.Result)) continue;
            return AnnotationTable.FindProperty(read.Target.ContainingType, "IsCompleted") is { } done && _store.Contracts.LatchOf(done) is not null
                ? Fold.Make(Operator.And, new Symbol(SymbolRole.Field, 0, done, task), Fresh()) : null;
        }

        return null;
    }

    private Value LowerAwait(IAwaitOperation await)
    {
        var awaited = Lower(await.Operation);
        if (await.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: IInstanceReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation } configured)
        {
            awaited = LowerPlace(configured.Instance!) ?? awaited;
        }

        var task = _steps.Count > 0 && _steps[_steps.Count - 1] is CallStep { Target.Name: "ConfigureAwait", Receiver: { } inner } ? inner : awaited;
        var info = await.Syntax is AwaitExpressionSyntax syntax ? _store.ModelOf(syntax.SyntaxTree).GetAwaitExpressionInfo(syntax) : default;
        var awaiter = AddOwn(await, info.GetAwaiterMethod, awaited);
        AddOwn(await, info.IsCompletedProperty?.GetMethod, awaiter);
        bool isFinished = IsAlwaysComplete(info.IsCompletedProperty);
        if (!isFinished) AddOwn(await, ContinuationOf(_store, info.GetAwaiterMethod?.ReturnType), awaiter);
        int id = _next++;
        var type = await.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance.Type: { } configuredType } ? configuredType : await.Operation.Type;
        var done = AnnotationTable.FindProperty(type, "IsCompleted");
        Add(new SuspendStep(id, CallLocation(await), SuspendKind.Await)
        {
            LosesContext = await.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Arguments: { Length: > 0 } arguments }
                ? Loses(arguments[0].Value.ConstantValue)
                : IsConfigured(await.Operation.Type) && AwaitedAt(await.Syntax) is { } written && LosesContext(written, isStored: false),
            IsFinished = isFinished || Written(await.Operation) is IPropertyReferenceOperation { Property: { Name: "CompletedTask", IsStatic: true } }
                or IInvocationOperation { TargetMethod: { Name: "FromResult", IsStatic: true } },
            Awaited = task,
            ResultType = await.Type,
            Done = done is null ? null : new Symbol(SymbolRole.Field, 0, done, awaited),
            AllDone = DoneWithAll(await.Operation),
        });
        AddOwn(await, info.GetResultMethod, awaiter);
        return Symbol.Result(id);
    }
}
