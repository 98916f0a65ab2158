using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A delegate that can be set and has an initialiser: an object that a method makes has that one until it is given another.</summary>
public class InitialHandlerTests
{
    private const string Types =
        """
        class Loud
        {
            public Action Run { get; set; } = () => Work.Do();
            public Action Field = Work.Do;
            public void Fire() => Run();
        }

        class Calm
        {
            public Action Run { get; set; } = () => { };
            public Action Field = Nothing;
            public Calm() { }
            public Calm(int count) : this() { }
            public void Fire() => Run();
            static void Nothing() { }
        }

        class Base { public Action Done { get; set; } = () => { }; }
        class Derived : Base { public void Fire() => Done(); }
        class Louder : Base { public Louder() { Done = Work.Do; } public void Fire() => Done(); }
        class Named(int count) { public Action Run { get; set; } = () => { if (count > 3) Work.Do(); }; }
        """;

    private const string Members =
        """
        static void Quiet() { }
        static void Fill(Calm calm) => calm.Field = Work.Do;
        static void Other() { var calm = new Calm(); calm.Run = Work.Do; calm.Fire(); }
        """;

    [Theory]
    [InlineData("{|MM1001:new Loud().Run()|};")]
    [InlineData("{|MM1001:new Loud().Field()|};")]
    [InlineData("{|MM1001:new Loud().Fire()|};")]
    [InlineData("var calm = new Calm { Run = Work.Do }; {|MM1001:calm.Run()|}; calm.Field();")]
    [InlineData("var calm = new Calm(); calm.Run = Work.Do; {|MM1001:calm.Fire()|};")]
    [InlineData("var calm = new Calm(); calm.Run += Work.Do; {|MM1001:calm.Run()|};")]
    [InlineData("var calm = new Calm(); Fill(calm); {|MM1001:calm.Field()|};")]
    [InlineData("{|MM1001:new Derived { Done = Work.Do }.Fire()|};")]
    [InlineData("{|MM1001:new Louder().Fire()|};")]
    [InlineData("{|MM1001:new Named(_count).Run()|};")]
    public Task Handler_ThatAnObjectStartsWith_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members, Types);

    [Theory]
    [InlineData("new Calm().Run();")]
    [InlineData("new Calm().Field();")]
    [InlineData("new Calm(3).Fire();")]
    [InlineData("new Derived().Fire();")]
    [InlineData("var loud = new Loud(); loud.Run = Quiet; loud.Run(); loud.Fire();")]
    [InlineData("var loud = new Loud { Run = Quiet, Field = Quiet }; loud.Run(); loud.Field();")]
    public Task Handler_OfAnotherObject_IsSilent(string statements) => LanguageCase.SilentAsync(statements, Members, Types);
}
