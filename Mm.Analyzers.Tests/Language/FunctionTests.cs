using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Lambdas, local functions and delegates.</summary>
public class FunctionTests
{
    [Fact]
    public Task Lambda_Invoked_IsACall() => LanguageCase.FoundAsync("Action work = () => Work.Do(); {|MM1001:work()|};");

    [Fact]
    public Task Lambda_NotInvoked_IsSilent() => LanguageCase.SilentAsync("Action work = () => Work.Do(); Action same = work;");

    [Fact]
    public Task Lambda_InvokedThroughInvoke_IsACall() => LanguageCase.FoundAsync("Action work = () => Work.Do(); {|MM1001:work.Invoke()|};");

    [Fact]
    public Task Lambda_InvokedConditionally_IsACall() => LanguageCase.FoundAsync("Action? work = _count > 1 ? () => Work.Do() : null; work?{|MM1001:.Invoke()|};");

    [Fact]
    public Task Lambda_InvokedAtOnce_IsACall() => LanguageCase.FoundAsync("{|MM1001:((Action)(() => Work.Do()))()|};");

    [Fact]
    public Task Lambda_Static_IsACall() => LanguageCase.FoundAsync("Func<int> work = static () => Work.Get(); _ = {|MM1001:work()|};");

    [Fact]
    public Task Lambda_WithADefaultParameter_IsACall() => LanguageCase.FoundAsync("var work = (int value = 3) => Work.Get() + value; _ = {|MM1001:work()|};");

    [Fact]
    public Task Lambda_NestedInALambda_IsACall() => LanguageCase.FoundAsync("Func<Action> outer = () => () => Work.Do(); {|MM1001:outer()()|};");

    [Fact]
    public Task AnonymousMethod_Invoked_IsACall() => LanguageCase.FoundAsync("Action work = delegate { Work.Do(); }; {|MM1001:work()|};");

    [Fact]
    public Task MethodGroup_Invoked_IsACall() => LanguageCase.FoundAsync("Action work = Work.Do; {|MM1001:work()|};");

    [Fact]
    public Task MethodGroup_PassedOn_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Run(Work.Do)|}; Run(Rest);",
        "static void Run(Action action) => action(); static void Rest() { }");

    [Fact]
    public Task Delegate_InAField_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_work()|}; _rest();",
        "readonly Action _work = () => Work.Do(); readonly Action _rest = () => { };");

    [Fact]
    public Task Delegate_InAProperty_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Job()|};",
        "Action Job { get; } = () => Work.Do();");

    [Fact]
    public Task Delegate_Returned_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Make()()|};",
        "static Action Make() => () => Work.Do();");

    [Fact]
    public Task Delegate_MulticastField_RunsAll() => LanguageCase.FoundAsync(
        "{|MM1001:_work!()|};",
        "Action? _work; void Add() { _work += Work.Do; _work += () => { }; }");

    [Fact]
    public Task Delegate_FromAnExtension_IsACall() => LanguageCase.FoundAsync(
        "Action work = \"x\".Run; {|MM1001:work()|};",
        types: "static class Running { public static void Run(this string value) => Work.Do(); }");

    [Fact]
    public Task LocalFunction_Called_IsACall() => LanguageCase.FoundAsync("{|MM1001:Run()|}; void Run() => Work.Do();");

    [Fact]
    public Task LocalFunction_Static_IsACall() => LanguageCase.FoundAsync("{|MM1001:Run(1)|}; static void Run(int value) => Work.Do();");

    [Fact]
    public Task LocalFunction_NotCalled_IsSilent() => LanguageCase.SilentAsync(
        """
        #pragma warning disable CS8321 // nobody calls it: that is the case
        void Run() => Work.Do();
        """);

    [Fact]
    public Task LocalFunction_Capturing_IsACall() => LanguageCase.FoundAsync("int depth = 3; {|MM1001:Run()|}; void Run() { depth--; Work.Do(); }");

    [Fact]
    public Task LocalFunction_Recursive_IsACall() => LanguageCase.FoundAsync("{|MM1001:Run(3)|}; void Run(int depth) { if (depth > 0) Run(depth - 1); else Work.Do(); }");

    [Fact]
    public Task LocalFunction_MutuallyRecursive_IsACall() => LanguageCase.FoundAsync("{|MM1001:Even(3)|}; void Even(int n) { if (n > 0) Odd(n - 1); } void Odd(int n) { Work.Do(); Even(n - 1); }");

    [Fact]
    public Task LocalFunction_Generic_IsACall() => LanguageCase.FoundAsync("{|MM1001:Run<int>()|}; void Run<T>() => Work.Do();");

    [Fact]
    public Task LocalFunction_Nested_IsACall() => LanguageCase.FoundAsync("{|MM1001:Outer()|}; void Outer() { Inner(); void Inner() => Work.Do(); }");

    [Fact]
    public Task LocalFunction_AsADelegate_IsACall() => LanguageCase.FoundAsync("Action work = Run; {|MM1001:work()|}; void Run() => Work.Do();");

    [Fact]
    public Task LocalFunction_PassedToALambda_IsACall() => LanguageCase.FoundAsync("Action work = () => Run(); {|MM1001:work()|}; void Run() => Work.Do();");

    [Fact]
    public Task Delegate_RunByDotNet_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_numbers.ForEach(x => Work.Do())|};",
        "readonly List<int> _numbers = new();");

    [Fact]
    public Task Delegate_PassedOnTwice_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Outer(() => Work.Do())|}; Outer(() => { });",
        "static void Outer(Action action) => Inner(action); static void Inner(Action action) => action();");

    [Fact]
    public Task Delegate_ThroughALambdaThatCapturesIt_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Outer(() => Work.Do())|}; Outer(() => { });",
        "static void Outer(Action action) => Inner(() => action()); static void Inner(Action action) => action();");
}
