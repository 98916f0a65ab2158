using System.IO;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM3005UnknownAnnotatedSymbolTests
{
    [Theory]
    [InlineData("{|MM3005:Acme.Latch.Take|} might Sleep")]
    [InlineData("{|MM3005:X:Acme.Latch.Take|} might Sleep")]
    [InlineData("{|MM3005:!!M:Acme.Latch.Take|} might Sleep")]
    [InlineData("{|MM3005:M:Acme.Latch.Take|}")]
    [InlineData("M:Acme.Latch.Take {|MM3005:mihgt|} Sleep")]
    [InlineData("M:Acme.Latch.Take {|MM3005:might|}")]
    [InlineData("M:Acme.Latch.Take might Sleep {|MM3005:whenever|} it likes")]
    [InlineData("M:Acme.Latch.Take might Sleep {|MM3005:when|}")]
    [InlineData("M:Acme.Latch.Take might Sleep when timeout {|MM3005:equals|} 0")]
    [InlineData("M:Acme.Latch.Take might Sleep when timeout {|MM3005:is|}")]
    [InlineData("M:Acme.Latch.Take might Sleep when timeout is 0 {|MM3005:or|} 1")]
    [InlineData("M:Acme.Latch.TryTake enters SpinLockHeld if taken {|MM3005:perhaps|}")]
    [InlineData("!M:Acme.Latch.Take might Sleep {|MM3005:when|} timeout is 0")]
    public Task Line_ThatCannotBeRead_IsReportedOnItsWord(string line) => Check(line);

    [Theory]
    [InlineData("{|MM3005:T:Acme.Lock|} scope SpinLockHeld")]
    [InlineData("{|MM3005:M:Acme.Lock.Take|} might Sleep")]
    [InlineData("{|MM3005:M:Acme.Latch.Grab|} might Sleep")]
    [InlineData("{|MM3005:M:Acme.Latch.Take(System.String)|} might Sleep")]
    [InlineData("{|MM3005:P:Acme.Latch.Take|} might Sleep")]
    [InlineData("{|MM3005:M:Acme.Lock.*|} might Sleep")]
    [InlineData("!{|MM3005:M:Acme.Latch.Grab|}")]
    [InlineData("{|MM3005:M:Acme.*Lock.Take|} might Sleep")]
    [InlineData("{|MM3005:M:Acme.*Latch.Grab*|} might Sleep")]
    [InlineData("{|MM3005:M:*Take|} might Sleep")]
    [InlineData("{|MM3005:T:Acme.*Guards|} scope SpinLockHeld")]
    [InlineData("{|MM3005:M:*.*|} might Sleep")]
    [InlineData("M:Acme.*Latch.T* might Sleep when {|MM3005:timeuot|} is 0")]
    [InlineData("M:Acme.Latch.Take might {|MM3005:Slep|}")]
    [InlineData("M:Acme.Latch.Take might {|MM3005:Acme.Latch|}")]
    [InlineData("M:Acme.Latch.Take requires {|MM3005:Acme.Nothing|}")]
    [InlineData("M:Acme.Latch.Take requires {|MM3005:Sleep|}")]
    [InlineData("M:Acme.Latch.Take might Sleep when {|MM3005:timeuot|} is not 0")]
    [InlineData("M:Acme.Latch.Take might Sleep when timeout is {|MM3005:Forever|}")]
    [InlineData("M:Acme.Latch.Get might Sleep when how has {|MM3005:How.Later|}")]
    [InlineData("M:Acme.Latch.Take might Sleep unless {|MM3005:IsTaken|}")]
    [InlineData("M:Acme.Latch.Take deferred {|MM3005:callback|}")]
    [InlineData("M:Acme.Latch.TryTake enters SpinLockHeld if {|MM3005:token|}")]
    [InlineData("M:Acme.Latch.Take enters SpinLockHeld if {|MM3005:timeout|}")]
    [InlineData("M:Acme.Latch.Drop enters SpinLockHeld if {|MM3005:result|}")]
    [InlineData("{|MM3005:M:Acme.Latch.Take|} scope SpinLockHeld")]
    [InlineData("{|MM3005:M:Acme.Latch.Drop|} tests SpinLockHeld")]
    public Task Line_ThatNamesNothing_IsReportedOnTheName(string line) => Check(line);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment")]
    [InlineData("M:Acme.Latch.Take might Sleep # with a comment")]
    [InlineData("M:Acme.Latch.Take(System.Int32) might Sleep when timeout is not 0")]
    [InlineData("M:Acme.Latch.Take might Acme.Blocks")]
    [InlineData("M:Acme.Latch.#ctor might Sleep")]
    [InlineData("M:Acme.Latch.Get might Sleep when how has How.Wait|How.Now")]
    [InlineData("M:Acme.Latch.Get might Sleep when how has 0x1")]
    [InlineData("M:Acme.Latch.Get``1 might Sleep")]
    [InlineData("M:Acme.Latch.TryTake(System.Boolean@) enters SpinLockHeld if taken always")]
    [InlineData("M:Acme.Latch.TryTake enters SpinLockHeld if result")]
    [InlineData("M:Acme.Latch.Take enters SpinLockHeld when result is 0")]
    [InlineData("M:Acme.Latch.Later deferred callback")]
    [InlineData("M:Acme.Latch.Later runs in Acme.Held")]
    [InlineData("M:Acme.Latch.Drop forbidden in IrqOff")]
    [InlineData("M:Acme.Latch.* might Sleep")]
    [InlineData("M:Acme.*.Take might Sleep")]
    [InlineData("M:Acme.L*ch.T* might Sleep")]
    [InlineData("M:Acme.Latch.T*(System.Int32) might Sleep when timeout is not 0")]
    [InlineData("T:Acme.*Guard scope SpinLockHeld")]
    [InlineData("P:*Latch.Is* tests Acme.Held")]
    [InlineData("!M:System.Threading.Th*.Sl* might Sleep")]
    [InlineData("!M:Acme.Latch.Take")]
    [InlineData("!M:System.Threading.Thread.Sleep might Sleep")]
    [InlineData("P:Acme.Latch.IsHeld tests Acme.Held")]
    [InlineData("T:Acme.Latch.Guard scope Acme.Held")]
    [InlineData("T:Acme.Latch.Nested`1 might Sleep")]
    [InlineData("E:Acme.Latch.Taken might Sleep")]
    public Task Line_ThatNamesWhatIsThere_IsSilent(string line) => Check(line);

    [Fact]
    public Task File_EveryLine_IsJudgedAndOthersStillCount() => Check(
        """
        # Latches
        M:Acme.Latch.Drop                       might Sleep

        {|MM3005:M:Acme.Latch.Drup|}                       might Sleep
        M:Acme.Latch.Take                       {|MM3005:sleeps|}
        """,
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M(Acme.Latch latch)
            {
                using (_lock.Hold())
                {
                    {|MM1001:latch.Drop()|};
                }
            }
        }
        """);

    [Fact]
    public Task File_OfAnotherName_IsNoneOfOurs() =>
        new AnalyzerTest(("Latch.cs", Latch)) { AdditionalFiles = { ["notes.txt"] = "M:Nowhere might Sleep" } }.CheckAsync();

    [Fact]
    public Task Wildcard_SpeaksOfAllMembers_UnlessANearerLineDoes() => Check(
        """
        M:Acme.Latch.*                          might Sleep
        M:Acme.Latch.Drop                       never Sleep
        """,
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M(Acme.Latch latch)
            {
                using (_lock.Hold())
                {
                    {|MM1001:latch.Take(1)|};
                    latch.Drop();
                }
            }
        }
        """);

    [Fact]
    public Task Negation_TakesBackWhatFartherLinesSay() => Check(
        """
        !M:System.Threading.Thread.Sleep        might Sleep
        T:Acme.Latch                            might Sleep
        !M:Acme.Latch.Drop
        !M:System.Threading.Monitor.Enter
        M:System.Threading.Monitor.Enter        might Fault
        """,
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M(Acme.Latch latch, object gate)
            {
                using (_lock.Hold())
                {
                    System.Threading.Thread.Sleep(1);
                    latch.Drop();
                    {|MM1001:latch.Take(1)|};
                    {|MM1002:System.Threading.Monitor.Enter(gate)|};
                }
            }
        }
        """);

    [Fact]
    public Task Project_SaysOtherwiseThanTheCatalogue_Wins() => Check(
        "M:System.Threading.Thread.Sleep(System.Int32) might Sleep when millisecondsTimeout is not 0",
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M()
            {
                using (_lock.Hold())
                {
                    System.Threading.Thread.Sleep(0);
                    {|MM1001:System.Threading.Thread.Sleep(1)|};
                }
            }
        }
        """);

    [Fact]
    public Task Condition_NamesOfFlags_AreLookedUpInTheEnumeration() => Check(
        "M:Acme.Latch.Get might Sleep when how has Wait",
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M(Acme.Latch latch)
            {
                using (_lock.Hold())
                {
                    {|MM1003:latch.Get(Acme.How.Wait)|};
                    latch.Get(Acme.How.Now);
                }
            }
        }
        """);

    [Fact]
    public Task DelegateType_NamedInALine_IsJudgedAtItsInvocation() => Check(
        "T:Acme.Callback might Sleep",
        """
        class Caller
        {
            readonly TicketLock _lock = new();

            void M(Acme.Callback callback)
            {
                using (_lock.Hold())
                {
                    {|MM1001:callback()|};
                }

                callback();
            }
        }
        """);

    [Fact]
    public Task Catalogue_AsAFileOfTheProject_NamesOnlyWhatIsThere() =>
        new AnalyzerTest("class Empty { }")
        {
            AdditionalFiles = { ["dotnet.contexts.txt"] = File.ReadAllText(Repository.PathOf("Mm.Analyzers", "Catalog", "dotnet.contexts.txt")) },
        }.CheckAsync();

    [Fact]
    public async Task Message_EachKind_SaysWhatWasExpectedAndFound() => await Verifier.Verify(await Test(
        """
        {|MM3005:Acme.Latch.Take|} might Sleep
        M:Acme.Latch.Take {|MM3005:sleeps|}
        {|MM3005:M:Acme.Lock.Take|} might Sleep
        {|MM3005:M:Acme.Latch.Grab|} might Sleep
        {|MM3005:M:Acme.Latch.Take(System.String)|} might Sleep
        M:Acme.Latch.Take might {|MM3005:Slep|}
        M:Acme.Latch.Take might Sleep when {|MM3005:timeuot|} is not 0
        """,
        "class Empty { }").RenderAsync());

    private static Task Check(string lines, string code = "class Empty { }") => Test(lines, code).CheckAsync();

    private static AnalyzerTest Test(string lines, string code) =>
        new(("Case.cs", code), ("Latch.cs", Latch)) { AdditionalFiles = { ["project.contexts.txt"] = lines } };

    private const string Latch =
        """
        using System;

        namespace Acme
        {
            public readonly struct Blocks : IEffect;

            public readonly struct Held : IContext;

            public delegate void Callback();

            [Flags]
            public enum How { None = 0, Wait = 1, Now = 2 }

            public class Latch
            {
                public bool IsHeld => true;

                public event Action? Taken;

                public int Take(int timeout)
                {
                    Taken?.Invoke();
                    return timeout;
                }

                public bool TryTake(ref bool taken) => taken;

                public void Drop() { }

                public void Get(How how) { }

                public T Get<T>(T value) => value;

                public void Later(Action callback) { }

                public struct Guard { public void Dispose() { } }

                public class Nested<T> { }
            }
        }
        """;
}
