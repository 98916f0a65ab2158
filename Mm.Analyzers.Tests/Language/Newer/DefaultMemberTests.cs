using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language.Newer;

/// <summary>A body in a generic interface runs with the type arguments of whoever implements it.</summary>
public class DefaultMemberTests
{
    private const string Types =
        """
        interface IStep<T> where T : IStep<T> { static abstract void Go(); void Run() => T.Go(); }
        struct Slow : IStep<Slow> { public static void Go() => Work.Do(); }
        readonly record struct Fast(int Count) : IStep<Fast> { public static void Go() { } }
        static class Steps
        {
            public static void Once<T>(T step) where T : IStep<T> => step.Run();
            public static void Boxed<T>(T step) where T : struct, IStep<T> => ((IStep<T>)step).Run();
            public static void Given<T>(IStep<T> step) where T : IStep<T> => step.Run();
        }
        """;

    [Fact]
    public Task DefaultMember_OfATypeArgument_HasThatTypesMembers() => LanguageCase.FoundAsync(
        "{|MM1001:Steps.Once(new Slow())|}; {|MM1001:Steps.Boxed(new Slow())|}; {|MM1001:Steps.Given<Slow>(new Slow())|};"
        + " Steps.Once(new Fast()); Steps.Boxed(new Fast()); Steps.Given<Fast>(new Fast());",
        types: Types);
}
