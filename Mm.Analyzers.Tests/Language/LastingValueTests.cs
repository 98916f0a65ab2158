using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Members of .NET that answer the same each time: two tests of one are one test.</summary>
public class LastingValueTests
{
    [Theory]
    [InlineData("string text", "text.Length > 3")]
    [InlineData("int[] all", "all.Length > 3")]
    [InlineData("ReadOnlySpan<int> all", "all.Length > 3")]
    [InlineData("Span<int> all", "all.IsEmpty")]
    [InlineData("Memory<int> all", "all.Length == 0")]
    [InlineData("string? text", "string.IsNullOrEmpty(text)")]
    [InlineData("string? text", "text is { Length: > 3 }")]
    [InlineData("object text", "text is string { Length: 3 }")]
    [InlineData("int count", "Environment.ProcessorCount > 1")]
    [InlineData("int count", "Environment.Is64BitProcess")]
    [InlineData("int count", "IntPtr.Size == 8")]
    [InlineData("int count", "OperatingSystem.IsWindows()")]
    [InlineData("int count", "System.Runtime.Intrinsics.X86.Avx2.IsSupported")]
    public Task Test_OfWhatLasts_TellsPathsApart(string parameter, string test) => RuleCase.CheckAsync(
        $$"""    void M({{parameter}}) { if ({{test}}) _lock.Acquire(); _count++; if ({{test}}) _lock.Release(); Scheduler.Schedule(); }""");

    [Theory]
    [InlineData("string text, string other", "if (text.Length > 3) _lock.Acquire(); if ({|MM2003:other.Length > 3|}) _lock.Release();", "")]
    [InlineData("int[] all", "if (all.Length == _count) _lock.Acquire(); {|MM2003:_count++;|} _lock.Release();", "")]
    [InlineData("int[] all", "bool any = all.Length > 0; if (any) _lock.Acquire(); _count++; if (any) _lock.Release();", "")]
    [InlineData("string text", "if (text.Length > 3) _lock.Acquire(); text += _count; if (text.Length > 3) {|MM2002:_lock.Release()|};", "|MM2001:}|")]
    [InlineData("ReadOnlySpan<int> all", "if (all.IsEmpty) _lock.Acquire(); all = all.Slice(1); if (all.IsEmpty) {|MM2002:_lock.Release()|};", "|MM2001:}|")]
    [InlineData("System.Collections.Generic.List<int> all", "if (all.Count > 3) _lock.Acquire(); {|MM2003:_count++;|} if (all.Count > 3) _lock.Release();", "")]
    [InlineData("ReadOnlySpan<int> all", "using (_lock.Hold()) { if (all.Length == 0) return; if (all.IsEmpty) Scheduler.Schedule(); if (!all.IsEmpty) {|MM1001:Scheduler.Schedule()|}; }", "")]
    [InlineData("string? text", "using (_lock.Hold()) { if (string.IsNullOrEmpty(text)) return; if (text == null) Scheduler.Schedule(); if (text.Length != 0) {|MM1001:Scheduler.Schedule()|}; }", "")]
    public Task Test_OfSomethingElse_IsAnother(string parameters, string statements, string end) => RuleCase.CheckAsync(
        "    void M(" + parameters + ") { " + statements + (end.Length == 0 ? " }" : " {" + end + "}"));
}
