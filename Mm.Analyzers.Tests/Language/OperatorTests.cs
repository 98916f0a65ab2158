using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Operators and conversions that are methods.</summary>
public class OperatorTests
{
    [Fact]
    public Task Binary_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_length + _length|};",
        """
        readonly struct Length { public static Length operator +(Length a, Length b) { Work.Do(); return a; } } readonly Length _length;
        """);

    [Fact]
    public Task Binary_OtherOperator_IsSilent() => LanguageCase.SilentAsync(
        "_ = _length - _length;",
        """
        readonly struct Length { public static Length operator +(Length a, Length b) { Work.Do(); return a; } public static Length operator -(Length a, Length b) => a; } readonly Length _length;
        """);

    [Fact]
    public Task Binary_Comparison_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_length == _length|};",
        """
        #pragma warning disable CS0660, CS0661 // the case has no use for Equals
        readonly struct Length
        {
            public static bool operator ==(Length a, Length b) => Work.Get() > 0;
            public static bool operator !=(Length a, Length b) => false;
        }
        readonly Length _length;
        """);

    [Fact]
    public Task Binary_InACondition_IsACall() => LanguageCase.FoundAsync(
        "if ({|MM1001:_length < _length|}) _count++;",
        """
        readonly struct Length { public static bool operator <(Length a, Length b) => Work.Get() > 0; public static bool operator >(Length a, Length b) => false; } readonly Length _length;
        """);

    [Fact]
    public Task Unary_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:-_length|};",
        """
        readonly struct Length { public static Length operator -(Length a) { Work.Do(); return a; } } readonly Length _length;
        """);

    [Fact]
    public Task Increment_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_length++|};",
        "readonly struct Length { public static Length operator ++(Length a) { Work.Do(); return a; } } Length _length;");

    [Fact]
    public Task Increment_OfAProperty_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Value++|};",
        """
        readonly struct Length { public static Length operator ++(Length a) { Work.Do(); return a; } } Length Value { get; set; }
        """);

    [Fact]
    public Task Compound_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:_length += _length|};",
        """
        readonly struct Length { public static Length operator +(Length a, Length b) { Work.Do(); return a; } } Length _length;
        """);

    [Fact]
    public Task Compound_OfAProperty_IsACall() => LanguageCase.FoundAsync(
        "{|MM1001:Value += _length|};",
        """
        readonly struct Length { public static Length operator +(Length a, Length b) { Work.Do(); return a; } } Length _length; Length Value { get; set; }
        """);

    [Fact]
    public Task Checked_IsACallOfTheCheckedOne() => LanguageCase.FoundAsync(
        "_ = checked({|MM1001:_length + _length|}); _ = unchecked(_length + _length);",
        """
        readonly struct Length { public static Length operator +(Length a, Length b) => a; public static Length operator checked +(Length a, Length b) { Work.Do(); return a; } } readonly Length _length;
        """);

    [Fact]
    public Task True_InACondition_IsACall() => LanguageCase.FoundAsync(
        "if ({|MM1001:_flag|}) _count++;",
        """
        readonly struct Flag { public static bool operator true(Flag a) => Work.Get() > 0; public static bool operator false(Flag a) => false; } readonly Flag _flag;
        """);

    [Fact]
    public Task And_ShortCircuiting_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_flag && _flag|};",
        """
        readonly struct Flag { public static Flag operator &(Flag a, Flag b) { Work.Do(); return a; } public static bool operator true(Flag a) => true; public static bool operator false(Flag a) => false; } readonly Flag _flag;
        """);

    [Fact]
    public Task And_ShortCircuiting_AsksForFalse() => LanguageCase.FoundAsync(
        "_ = {|MM1001:_flag|} && _flag;",
        """
        readonly struct Flag { public static Flag operator &(Flag a, Flag b) => a; public static bool operator true(Flag a) => true; public static bool operator false(Flag a) => Work.Get() > 0; } readonly Flag _flag;
        """);

    [Fact]
    public Task Conversion_Implicit_IsACall() => LanguageCase.FoundAsync(
        "Length length = {|MM1001:5|};",
        "readonly struct Length { public static implicit operator Length(int value) { Work.Do(); return default; } }");

    [Fact]
    public Task Conversion_ImplicitOfAnArgument_IsACall() => LanguageCase.FoundAsync(
        "Take({|MM1001:5|});",
        """
        readonly struct Length { public static implicit operator Length(int value) { Work.Do(); return default; } } static void Take(Length length) { }
        """);

    [Fact]
    public Task Conversion_ImplicitOfAResult_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:Make()|};",
        """
        readonly struct Length { public static implicit operator Length(int value) { Work.Do(); return default; } } static Length Make() => 5;
        """);

    [Fact]
    public Task Conversion_Explicit_IsACall() => LanguageCase.FoundAsync(
        "_ = {|MM1001:(int)_length|};",
        """
        readonly struct Length { public static explicit operator int(Length value) => Work.Get(); } readonly Length _length;
        """);

    [Fact]
    public Task Conversion_ToBooleanInACondition_IsACall() => LanguageCase.FoundAsync(
        "if ({|MM1001:_flag|}) _count++;",
        """
        readonly struct Flag { public static implicit operator bool(Flag value) => Work.Get() > 0; } readonly Flag _flag;
        """);

    [Fact]
    public Task Conversion_BuiltIn_RunsNothing() => LanguageCase.SilentAsync(
        "long value = _count; _ = (short)value; object boxed = _length;",
        """
        readonly struct Length { public static explicit operator int(Length value) => Work.Get(); } readonly Length _length;
        """);

    [Fact]
    public Task Conversion_OfALoopVariable_IsACall() => LanguageCase.FoundAsync(
        "foreach (Length length in {|MM1001:_numbers|}) { }",
        """
        readonly struct Length { public static implicit operator Length(int value) { Work.Do(); return default; } } readonly int[] _numbers = { 1 };
        """);

    [Fact]
    public Task Conversion_InACompoundAssignment_IsACall() => LanguageCase.FoundAsync(
        "_length += {|MM1001:5|};",
        """
        readonly struct Length { public static implicit operator Length(int value) { Work.Do(); return default; } public static Length operator +(Length a, Length b) => a; } Length _length;
        """);

    [Fact]
    public Task LiftedOperator_WithNull_IsNoCall() => LanguageCase.FoundAsync(
        "Length? a = default(Length), b = default(Length); _ = a == null; _ = null != a; _ = {|MM1001:a == b|};",
        types: """
        struct Length
        {
            public static bool operator ==(Length a, Length b) { Work.Do(); return true; }
            public static bool operator !=(Length a, Length b) { Work.Do(); return false; }
            public override bool Equals(object? other) => true;
            public override int GetHashCode() => 1;
        }
        """);
}
