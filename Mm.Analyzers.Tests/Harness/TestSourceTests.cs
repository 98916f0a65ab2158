using System;
using System.Linq;
using Xunit;

namespace Mm.Analyzers.Tests.Harness;

public class TestSourceTests
{
    [Fact]
    public void Markup_OneMark_BecomesItsSpan()
    {
        var source = TestSource.Parse("A.cs", "x = {|MM1001:Wait()|};");

        Assert.Equal("x = Wait();", source.Text);
        Assert.Equal(["A.cs MM1001 'Wait()'"], Marks(source));
    }

    [Fact]
    public void Markup_SeveralIds_ShareTheSpan() =>
        Assert.Equal(["A.cs MM1001 'f()'", "A.cs MM4003 'f()'"], Marks(TestSource.Parse("A.cs", "{|MM1001,MM4003:f()|}")));

    [Fact]
    public void Markup_Nested_KeepsInnerAndOuter()
    {
        var source = TestSource.Parse("A.cs", "{|MM1008:f({|MM1001:g()|})|}");

        Assert.Equal("f(g())", source.Text);
        Assert.Equal(["A.cs MM1001 'g()'", "A.cs MM1008 'f(g())'"], Marks(source));
    }

    [Fact]
    public void Markup_Empty_MarksAPosition() => Assert.Equal(["A.cs MM2001 ''"], Marks(TestSource.Parse("A.cs", "a{|MM2001:|}b")));

    [Theory]
    [InlineData("a || b { } x|}")]
    [InlineData("$\"{|x\"")]
    public void Text_ThatOnlyResemblesAMark_IsKept(string text) => Assert.Equal(text, TestSource.Parse("A.cs", text).Text);

    [Fact]
    public void Markup_NotClosed_Throws() => Assert.Throws<FormatException>(() => TestSource.Parse("A.cs", "{|MM1001:f()"));

    private static string[] Marks(TestSource source) =>
        [.. source.Expected.Select(mark => $"{mark.Path} {mark.Id} '{source.Text.Substring(mark.Span.Start, mark.Span.Length)}'")];
}
