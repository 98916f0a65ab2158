using System.Threading.Tasks;
using Mm.Analyzers.CodeFixes;
using Xunit;

namespace Mm.Analyzers.Tests.CodeFixes;

public class TrustWithoutReasonFixTests
{
    private const string Reason = "\"TODO: say why this holds although nobody checks it\"";

    [Theory]
    [InlineData("[{|MM3006:Trusted(\"\")|}] void M() { }", "[Trusted(" + Reason + ")] void M() { }")]
    [InlineData("[Never<Sleep>, {|MM3006:Trusted(/* why? */ \"  \")|}] void M() { }", "[Never<Sleep>, Trusted(/* why? */ " + Reason + ")] void M() { }")]
    [InlineData("[{|MM3006:Trusted(reason: \"\")|}] int P => 0;", "[Trusted(reason: " + Reason + ")] int P => 0;")]
    [InlineData("[{|MM3006:Trusted(null!)|}] class N { }", "[Trusted(" + Reason + ")] class N { }")]
    [InlineData("[{|MM3006:Mm.Contexts.TrustedAttribute()|}] void M() { }", "[Mm.Contexts.TrustedAttribute(" + Reason + ")] void M() { }")]
    [InlineData("[{|MM3006:Trusted|}] void M() { }", "[Trusted(" + Reason + ")] void M() { }")]
    public Task Attribute_WithoutReason_GetsOneToFillIn(string member, string @fixed) => CheckAsync(member, @fixed);

    [Theory]
    [InlineData("[Never<Sleep>, Trusted(\"\")] void {|MM3006:M|}() { }", "[Never<Sleep>, Trusted(" + Reason + ")] void M() { }")]
    [InlineData("[Trusted(\"\")] int {|MM3006:P|} { get; }", "[Trusted(" + Reason + ")] int P { get; }")]
    [InlineData("[Trusted(\"\")] struct {|MM3006:N|} { }", "[Trusted(" + Reason + ")] struct N { }")]
    [InlineData("void M() { [Trusted(\"\")] static void {|MM3006:L|}() { } L(); }", "void M() { [Trusted(" + Reason + ")] static void L() { } L(); }")]
    [InlineData("System.Action A = {|MM3006:[Trusted(\"\")] () =>|} { };", "System.Action A = [Trusted(" + Reason + ")] () => { };")]
    public Task MemberName_WithoutReason_GetsOneToFillIn(string member, string @fixed) => CheckAsync(member, @fixed);

    [Theory]
    [InlineData("[{|MM3006:Trusted(\"measured\")|}] void M() { }")]
    [InlineData("[Trusted(\"measured\")] void {|MM3006:M|}() { }")]
    [InlineData("void {|MM3006:M|}() { }")]
    public async Task Member_WithReasonOrWithoutTrust_IsLeftAlone(string member) =>
        Assert.False(await FixCase.IsOfferedAsync(new TrustWithoutReasonFix(), InClass(member)));

    [Fact]
    public async Task FixAll_SeveralMembers_FixesEach() => Assert.Equal(
        InClass($"[Trusted({Reason})] void M() {{ }}\n    [Trusted({Reason})] void N() {{ }}"),
        await FixCase.FixAllAsync(
            new TrustWithoutReasonFix(),
            InClass("[{|MM3006:Trusted(\"\")|}] void M() { }\n    [Trusted(\"\")] void {|MM3006:N|}() { }")));

    private static async Task CheckAsync(string member, string @fixed) =>
        Assert.Equal(InClass(@fixed), await FixCase.FixFirstAsync(new TrustWithoutReasonFix(), InClass(member)));

    private static string InClass(string member) => $"class Case\n{{\n    {member}\n}}\n";
}
