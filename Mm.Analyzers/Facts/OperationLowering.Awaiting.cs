using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
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
            if (LowerPlace(task) is { } place && Catalog.AnnotationTable.FindProperty(task.Type, "IsCompleted") is { } done) all.Add(new Symbol(SymbolRole.Field, 0, done, place));
        }

        return all.ToImmutable();
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
        int id = _next++;
        bool loses = await.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Arguments: { Length: > 0 } arguments }
            && arguments[0].Value.ConstantValue is { HasValue: true, Value: false };
        var type = await.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance.Type: { } configuredType } ? configuredType : await.Operation.Type;
        var done = Catalog.AnnotationTable.FindProperty(type, "IsCompleted");
        Add(new SuspendStep(id, CallLocation(await), SuspendKind.Await)
        {
            LosesContext = loses,
            IsFinished = Written(await.Operation) is IPropertyReferenceOperation { Property: { Name: "CompletedTask", IsStatic: true } }
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
