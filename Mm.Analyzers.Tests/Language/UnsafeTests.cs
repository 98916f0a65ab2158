using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Pointers and memory on the stack.</summary>
public class UnsafeTests
{
    [Fact]
    public Task Pointer_Access_RunsNothing() => LanguageCase.SilentAsync(
        "unsafe { int x = 1; int* p = &x; *p = 2; p[0]++; _ = p->ToString(); }",
        "void Unused() => Work.Do();");

    [Fact]
    public Task Pointer_ToAStructure_CallsItsMembers() => LanguageCase.FoundAsync(
        "unsafe { Item item = default; Item* p = &item; {|MM1001:p->Run()|}; _ = {|MM1001:(*p).Size|}; }",
        "struct Item { public void Run() => Work.Do(); public int Size => Work.Get(); }");

    [Fact]
    public Task Stackalloc_Length_IsEvaluated() => LanguageCase.FoundAsync("Span<int> x = stackalloc int[{|MM1001:Work.Get()|}];");

    [Fact]
    public Task Stackalloc_Elements_AreEvaluated() => LanguageCase.FoundAsync("Span<int> x = stackalloc int[] { 1, {|MM1001:Work.Get()|} };");

    [Fact]
    public Task Fixed_Array_RunsNothing() => LanguageCase.SilentAsync(
        "unsafe { fixed (int* p = _numbers) { _count = *p; } }",
        "readonly int[] _numbers = { 1 }; void Unused() => Work.Do();");

    [Fact]
    public Task Fixed_Body_IsReached() => LanguageCase.FoundAsync(
        "unsafe { fixed (int* p = _numbers) { {|MM1001:Work.Do()|}; } }",
        "readonly int[] _numbers = { 1 };");

    [Fact]
    public Task Pointer_OffsetIsEvaluated() => LanguageCase.FoundAsync("unsafe { int x = 1; int* p = &x; _ = p[{|MM1001:Work.Get()|}]; _ = *(p + {|MM1001:Work.Get()|}); }");

    [Fact]
    public Task InlineArray_Element_RunsNothing() => LanguageCase.SilentAsync(
        "Four four = default; four[1] = 2; foreach (int x in four) { }",
        "[InlineArray(4)] struct Four { int _first; } void Unused() => Work.Do();");
}
