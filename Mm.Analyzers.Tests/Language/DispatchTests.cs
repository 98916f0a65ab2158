using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Which body a call runs: extensions, interfaces, generics, partial and conditional methods.</summary>
public class DispatchTests
{
    [Fact]
    public Task Extension_Method_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_count.Run()|}; {|MM1001:Running.Run(3)|};",
        types: """
        static class Running { public static void Run(this int value) => Work.Do(); public static void Run(this string value) { } }
        """);

    [Fact]
    public Task Extension_OnAnotherType_IsSilent() => LanguageCase.SilentAsync(
        "\"x\".Run();",
        types: """
        static class Running { public static void Run(this int value) => Work.Do(); public static void Run(this string value) { } }
        """);

    [Fact]
    public Task Interface_Default_IsACall() => LanguageCase.FoundAsync(
        """
        IStep step = _step;
        {|MM1001:step.Run()|};
        """,
        "interface IStep { void Run() => Work.Do(); } sealed class Step : IStep { } readonly IStep _step = new Step();");

    [Fact]
    public Task Interface_DefaultThatIsReplaced_IsSilent() => LanguageCase.SilentAsync(
        "((IStep)_step).Run();",
        """
        interface IStep { void Run() => Work.Do(); } sealed class Step : IStep { public void Run() { } } readonly Step _step = new();
        """);

    [Fact]
    public Task Interface_ExplicitImplementation_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_step.Run()|};",
        """
        interface IStep { void Run(); } sealed class Step : IStep { void IStep.Run() => Work.Do(); } readonly IStep _step = new Step();
        """);

    [Fact]
    public Task Interface_StaticAbstract_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:RunAll<Slow>()|}; RunAll<Quick>();",
        """
        interface IStep { static abstract void Run(); } sealed class Slow : IStep { public static void Run() => Work.Do(); } sealed class Quick : IStep { public static void Run() { } } static void RunAll<T>() where T : IStep => T.Run();
        """);

    [Fact]
    public Task Interface_StaticVirtual_RunsItsDefault() => LanguageCase.FoundAsync(
        "{|MM1001:RunAll<Slow>()|}; RunAll<Quick>();",
        """
        interface IStep { static virtual void Run() => Work.Do(); } sealed class Slow : IStep { } sealed class Quick : IStep { public static void Run() { } } static void RunAll<T>() where T : IStep => T.Run();
        """);

    [Fact]
    public Task Interface_StaticAbstractOperator_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:Sum<Slow>(default, default)|}; Sum<Quick>(default, default);",
        """
        interface ISum<T> where T : ISum<T> { static abstract T operator +(T a, T b); } struct Slow : ISum<Slow> { public static Slow operator +(Slow a, Slow b) { Work.Do(); return a; } } struct Quick : ISum<Quick> { public static Quick operator +(Quick a, Quick b) => a; } static T Sum<T>(T a, T b) where T : ISum<T> => a + b;
        """);

    [Fact]
    public Task Interface_StaticAbstractProperty_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:Read<Slow>()|}; Read<Quick>();",
        """
        interface ISized { static abstract int Size { get; } } struct Slow : ISized { public static int Size => Work.Get(); } struct Quick : ISized { public static int Size => 1; } static int Read<T>() where T : ISized => T.Size;
        """);

    [Fact]
    public Task Virtual_Override_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_step.Run()|};",
        """
        class Step { public virtual void Run() { } } sealed class Slow : Step { public override void Run() => Work.Do(); } readonly Step _step = new Slow();
        """);

    [Fact]
    public Task Virtual_Hidden_IsSilent() => LanguageCase.SilentAsync(
        "_step.Run();",
        """
        class Step { public void Run() { } } sealed class Slow : Step { public new void Run() => Work.Do(); } readonly Step _step = new Slow();
        """);

    [Fact]
    public Task Virtual_BaseCall_IsExact() => LanguageCase.FoundAsync(
        "{|MM1001:_slow.Run()|}; _quick.Run();",
        """
        class Step { public virtual void Run() => Work.Do(); } sealed class Slow : Step { public override void Run() => base.Run(); } sealed class Quick : Step { public override void Run() { } } readonly Slow _slow = new(); readonly Quick _quick = new();
        """);

    [Fact]
    public Task Virtual_Covariant_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_step.Copy()|};",
        """
        class Step { public virtual Step Copy() => this; } sealed class Slow : Step { public override Slow Copy() { Work.Do(); return this; } } readonly Step _step = new Slow();
        """);

    [Fact]
    public Task Virtual_AbstractGeneric_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_step.Run(1)|};",
        """
        abstract class Step<T> { public abstract void Run(T value); } sealed class Slow : Step<int> { public override void Run(int value) => Work.Do(); } readonly Step<int> _step = new Slow();
        """);

    [Fact]
    public Task Generic_MethodOfAConstraint_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:RunAll(new Slow())|}; RunAll(new Quick());",
        """
        interface IStep { void Run(); } sealed class Slow : IStep { public void Run() => Work.Do(); } sealed class Quick : IStep { public void Run() { } } static void RunAll<T>(T step) where T : IStep => step.Run();
        """);

    [Fact]
    public Task Generic_ThroughTwoMethods_RunsThatOfTheArgument() => LanguageCase.FoundAsync(
        "{|MM1001:Outer(new Slow())|}; Outer(new Quick());",
        """
        interface IStep { void Run(); } sealed class Slow : IStep { public void Run() => Work.Do(); } sealed class Quick : IStep { public void Run() { } } static void Outer<T>(T step) where T : IStep => Inner(step); static void Inner<T>(T step) where T : IStep => step.Run();
        """);

    [Fact]
    public Task Partial_MethodWithABody_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Run()|};",
        "partial void Run();",
        "partial class Case { partial void Run() => Work.Do(); }");

    [Fact]
    public Task Partial_MethodWithoutABody_IsNoCall() => LanguageCase.SilentAsync(
        "Run(Work.Get());",
        "partial void Run(int value);");

    [Fact]
    public Task Partial_MethodWithAResult_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Run()|};",
        "private partial int Run();",
        "partial class Case { private partial int Run() => Work.Get(); }");

    [Fact]
    public Task Conditional_MethodThatIsCompiledOut_IsNoCall() => LanguageCase.SilentAsync(
        "Trace(Work.Get());",
        "[System.Diagnostics.Conditional(\"TRACED\")] static void Trace(int value) => Work.Do();");

    [Theory]
    [InlineData("", "Work.Get()")]
    [InlineData("#define DEBUG", "{|MM1001:Work.Get()|}")]
    public Task Conditional_TextForACall_IsPutTogetherWhereThatIsCompiledIn(string first, string part) => LanguageCase.FoundInAsync(
        $$$"""
        {{{first}}}
        class Case
        {
            readonly TicketLock _lock = new();
            int _count;

            void UnderLock()
            {
                using (_lock.Hold()) System.Diagnostics.Debug.Assert(_count > 3, $"wrong {{{{part}}}}");
            }
        }
        """);

    [Fact]
    public Task Conditional_MethodThatIsCompiledIn_IsACall() => LanguageCase.FoundInAsync(
        """
        #define TRACED
        class Case
        {
            readonly TicketLock _lock = new();

            [System.Diagnostics.Conditional("TRACED")]
            static void Trace(int value) => Work.Do();

            void M()
            {
                using (_lock.Hold())
                {
                    {|MM1001:Trace(1)|};
                }
            }
        }
        """);

    [Fact]
    public Task DoesNotReturn_CodeBehindIt_IsDead() => LanguageCase.SilentAsync(
        "if (_count > 1) { Fail(); Work.Do(); }",
        "[DoesNotReturn] static void Fail() => throw new InvalidOperationException();");

    [Fact]
    public Task DoesNotReturn_ItsOwnEffects_Count() => LanguageCase.FoundAsync(
        "if (_count > 1) {|MM1001:Fail()|};",
        "[DoesNotReturn] static void Fail() { Work.Do(); throw new InvalidOperationException(); }");

    [Fact]
    public Task Recursion_ThroughAnInterface_IsSolved() => LanguageCase.FoundAsync(
        "{|MM1001:_step.Run(3)|};",
        """
        interface IStep { void Run(int depth); } sealed class Step : IStep { IStep _next = null!; public void Run(int depth) { if (depth == 0) Work.Do(); else _next.Run(depth - 1); } } readonly IStep _step = new Step();
        """);

    private const string Shapes =
        "interface IShape { void Draw(); } sealed class Dot : IShape { public void Draw() { } } class Box : IShape { public virtual void Draw() { } } "
        + "sealed class Cloud : IShape { public void Draw() => Work.Do(); } sealed class Crate : Box { public override void Draw() => Work.Do(); } static IShape Shape() => s_shape; static IShape s_shape = new Cloud(); static IShape s_other = new Dot();";

    [Theory]
    [InlineData("if (s_shape is Dot) s_shape.Draw();")]
    [InlineData("var shape = Shape(); if (shape is Dot) shape.Draw();")]
    [InlineData("var shape = Shape(); if (shape is not Dot) return; shape.Draw();")]
    [InlineData("var shape = Shape(); switch (shape) { case Dot: shape.Draw(); break; }")]
    [InlineData("var shape = Shape(); if (shape is Dot dot) dot.Draw();")]
    public Task TypeTest_OfASealedType_SaysWhatRuns(string statements) => LanguageCase.SilentAsync(statements, Shapes);

    [Theory]
    [InlineData("var shape = Shape(); if (shape is Cloud) {|MM1001:shape.Draw()|};")]
    [InlineData("var shape = Shape(); if (shape is not Dot) {|MM1001:shape.Draw()|};")]
    [InlineData("var shape = Shape(); if (shape is Dot) { } {|MM1001:shape.Draw()|};")]
    [InlineData("var shape = Shape(); if (shape is Box) {|MM1001:shape.Draw()|};")]
    [InlineData("var shape = Shape(); var other = Shape(); if (shape is Dot) {|MM1001:other.Draw()|};")]
    public Task TypeTest_OfAnotherTypeOrObject_SaysNothing(string statements) => LanguageCase.FoundAsync(statements, Shapes);
}
