using System;
using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What an inherited member calls on 'this' is what the class of the object runs, as far as the outer call tells it.</summary>
public class ReceiverBoundTests
{
    private const string Types =
        """
        abstract class Output
        {
            public void Copy() => Through();
            void Through() => Write();
            protected virtual void Write() { }
        }
        class InMemory : Output { }
        class Buffered : InMemory { protected override void Write() { } }
        class OnDisk : Output { protected override void Write() => Work.Do(); }
        sealed class Shared : OnDisk { }
        class Named : InMemory { public void All() => Copy(); public void Base() => base.Copy(); }
        """;

    [Theory]
    [InlineData("{|MM1001:((Output)null!).Copy()|};", "")]
    [InlineData("{|MM1001:output.Copy()|};", "Output output = null!;")]
    [InlineData("output.Copy();", "InMemory output = null!;")]
    [InlineData("output.Copy();", "Buffered output = null!;")]
    [InlineData("{|MM1001:output.Copy()|};", "OnDisk output = null!;")]
    [InlineData("{|MM1001:output.Copy()|};", "Shared output = null!;")]
    [InlineData("new InMemory().Copy();", "")]
    [InlineData("{|MM1001:new Shared().Copy()|};", "")]
    [InlineData("output.All(); output.Base();", "Named output = null!;")]
    [InlineData("Output local = new Buffered(); local.Copy();", "")]
    public Task Inherited_CalledOnABoundedReceiver_RunsItsOverrides(string statements, string members) => JudgeAsync(statements, members, Types);

    [Theory]
    [InlineData("text.Do(\"\"); text.Call(\"\");", "Handler<string> text = null!;")]
    [InlineData("{|MM1001:number.Do(1)|}; {|MM1001:number.Call(1)|};", "Handler<int> number = null!;")]
    [InlineData("Any<int>(number);", "static void Any<T>(Handler<T> handler) { } Handler<int> number = null!;")]
    public Task Generic_WithKnownArguments_IsNotOverriddenForOthers(string statements, string members) => JudgeAsync(
        statements,
        members,
        """
        abstract class Handler<T> { public virtual void Do(T value) { } public void Call(T value) => Do(value); }
        class OfText : Handler<string> { public override void Do(string value) { } }
        class OfNumber : Handler<int> { public override void Do(int value) => Work.Do(); }
        """);

    private static Task JudgeAsync(string statements, string members, string types) => statements.Contains("{|", StringComparison.Ordinal)
        ? LanguageCase.FoundAsync(statements, members, types)
        : LanguageCase.SilentAsync(statements, members, types);
}
