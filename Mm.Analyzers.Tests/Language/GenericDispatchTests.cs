using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>What runs, where type arguments, variance, derived interfaces or covariant returns decide.</summary>
public class GenericDispatchTests
{
    private const string Handlers =
        """
        class Login { }
        sealed class Admin : Login { }
        class Logout { }
        interface IHandler<in TMessage> { void Handle(TMessage message); }
        sealed class Slow : IHandler<Login> { public void Handle(Login message) => Work.Do(); }
        sealed class Fast : IHandler<Logout> { public void Handle(Logout message) { } }
        sealed class Many<T> : IHandler<List<T>> { public void Handle(List<T> message) => Work.Do(); }
        """;

    [Theory]
    [InlineData("IHandler<Login> handler", "{|MM1001:handler.Handle(new Login())|};")]
    [InlineData("IHandler<Admin> handler", "{|MM1001:handler.Handle(new Admin())|};")]
    [InlineData("IHandler<List<int>> handler", "{|MM1001:handler.Handle(new List<int>())|};")]
    [InlineData("IHandler<Logout> handler", "handler.Handle(new Logout());")]
    public Task Interface_WithTypeArguments_IsThatOfItsImplementations(string parameter, string statement) => LanguageCase.FoundInAsync(
        $$"""
        using System.Collections.Generic;

        class Case
        {
            readonly TicketLock _lock = new();

            void M({{parameter}})
            {
                using (_lock.Hold())
                {
                    {{statement}}
                }
            }
        }

        {{Handlers}}
        """);

    [Fact]
    public Task TypeArgument_OfATypeArgument_Decides() => LanguageCase.FoundAsync(
        "new Wrapped<Fast>(default).Start(); {|MM1001:new Wrapped<Slow>(default).Start()|}; new Wrapped<Fast>(default).Run(); {|MM1001:new Wrapped<Slow>(default).Run()|};",
        types: """
        interface IWork { void Run(); }
        struct Slow : IWork { public void Run() => Work.Do(); }
        struct Fast : IWork { public void Run() { } }
        struct Wrapped<T>(T inner) : IWork where T : IWork { public void Run() => inner.Run(); }
        static class Starting { public static void Start<T>(this T work) where T : IWork => work.Run(); }
        """);

    [Theory]
    [InlineData("using (_resource) { }", "readonly Resource _resource = new Sluggish();", "", "_resource")]
    [InlineData("using (_resource) { }", "readonly IResource _resource = new Sluggish();", "", "_resource")]
    public Task Using_OfAnOpenType_RunsTheOverride(string statements, string members, string types, string reported) => LanguageCase.FoundAsync(
        statements.Replace("(" + reported + ")", "({|MM1001:" + reported + "|})", System.StringComparison.Ordinal),
        members,
        types + """
        interface IResource : IDisposable { }
        class Resource : IResource { public virtual void Dispose() { } }
        class Sluggish : Resource { public override void Dispose() => Work.Do(); }
        """);

    [Theory]
    [InlineData("{|MM1001:_part.Make()|};", "readonly Part _part = new();", "class Part { public virtual Part Make() => this; } class Other : Part { public override Other Make() { Work.Do(); return this; } }")]
    [InlineData("_part.Run();", "readonly Part _part = new();", "class Part { public void Run() { } } class Other : Part { public new void Run() => Work.Do(); }")]
    [InlineData("{|MM1001:_part.Run(1)|};", "readonly Part<List<int>> _part = null!;", "abstract class Part<T> { public abstract void Run<U>(U value); } class Other<T> : Part<List<T>> { public override void Run<U>(U value) => Work.Do(); }")]
    [InlineData("_part.Run(); ((IPart)_part).Run();", "readonly Part _part = new();", "interface IPart { void Run() => Work.Do(); } sealed class Part : IPart { public void Run() { } }")]
    [InlineData("{|MM1001:((IPart)_part).Run()|};", "readonly Part _part = new();", "interface IPart { void Run() => Work.Do(); } sealed class Part : IPart { }")]
    public Task Dispatch_ByTheRules_FindsWhatRuns(string statements, string members, string types) => LanguageCase.FoundAsync(statements, members, types);

    private const string Resources =
        """
        interface IResource : System.IDisposable { }
        sealed class Slow : IResource { public void Dispose() => Work.Do(); }
        sealed class Fast : IResource { public void Dispose() { } }
        """;

    // Who implements an interface of ours can be seen, also where the member is one that it inherits from .NET.
    [Theory]
    [InlineData("using (_lock.Hold()) {|MM1001:resource.Dispose()|};", "IResource")]
    [InlineData("using (_lock.Hold()) using ({|MM1001:resource|}) { }", "IResource")]
    [InlineData("using (_lock.Hold()) {|MM1001:resource.Dispose()|};", "class, IResource")]
    [InlineData("using (_lock.Hold()) resource.Dispose();", "System.IDisposable")]
    [InlineData("resource.Dispose();", "IResource")]
    public Task TypeParameter_BoundToAnInterfaceOfOurs_IsThatOfItsImplementations(string statement, string constraint) => LanguageCase.FoundInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();
            void M<T>(T resource) where T : {{constraint}} { {{statement}} }
        }

        {{Resources}}
        """);

    [Theory]
    [InlineData("using (_lock.Hold()) Close(new Fast());")]
    [InlineData("using (_lock.Hold()) {|MM1001:Close(new Slow())|};")]
    [InlineData("Close(new Slow());")]
    public Task TypeParameter_BoundToAnInterfaceOfOurs_IsWhatTheCallerPasses(string statement) => LanguageCase.FoundInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();
            static void Close<T>(T resource) where T : IResource => resource.Dispose();
            void M() { {{statement}} }
        }

        {{Resources}}
        """);

    [Fact]
    public Task TypeParameter_JudgedUnderItsOwnLock_IsNotJudgedAgainAtTheCaller() => LanguageCase.FoundInAsync(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();
            void Close<T>(T resource) where T : IResource { using (_lock.Hold()) {|MM1001:resource.Dispose()|}; }
            void M() => Close(new Slow());
        }

        {{Resources}}
        """);

    [Fact]
    public Task Operator_ThatAnInterfaceOfTheLibrariesDeclares_IsThatOfTheTypeArgument() => LanguageCase.FoundAsync(
        "Sum(1, 2); _ = Zero<decimal>(); Sum(new Quick(), new Quick()); {|MM1001:Sum(new Slow(), new Slow())|}; _ = {|MM1001:Zero<Slow>()|};",
        """
        static T Sum<T>(T a, T b) where T : System.Numerics.IAdditionOperators<T, T, T> => a + b;
        static T Zero<T>() where T : System.Numerics.IAdditiveIdentity<T, T> => T.AdditiveIdentity;
        """,
        """
        struct Quick : System.Numerics.IAdditionOperators<Quick, Quick, Quick> { public static Quick operator +(Quick a, Quick b) => a; }
        struct Slow : System.Numerics.IAdditionOperators<Slow, Slow, Slow>, System.Numerics.IAdditiveIdentity<Slow, Slow>
        {
            public static Slow operator +(Slow a, Slow b) { Work.Do(); return a; }
            public static Slow AdditiveIdentity { get { Work.Do(); return default; } }
        }
        """);
}
