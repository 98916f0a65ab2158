using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>Helpers that hand their own parameters to query operators: what they were given runs where the result is enumerated.</summary>
public class QueryParameterTests
{
    private const string Helpers =
        """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        static class Sequences
        {
            public static IEnumerable<T> Only<T>(this IEnumerable<T> source, Func<T, bool> condition) => source.Where(condition);
            public static IEnumerable<T> NotNull<T>(this IEnumerable<T?> source) where T : class => source.Where(item => item != null)!;
            public static int CountOf<T>(this IEnumerable<T> source, Func<T, bool> condition) => source.Where(condition).Count();
            public static List<T> Mapped<T>(this IEnumerable<T> source, Func<T, T> map) { var query = source.Select(map); return query.ToList(); }
        }
        class Case
        {
            readonly TicketLock _lock = new();
            readonly List<int> _list = new();
            static bool Slow(int n) { Scheduler.Msleep(n); return true; }
            static int SlowMap(int n) { Scheduler.Msleep(n); return n; }
            static string? SlowText(int n) { Scheduler.Msleep(n); return null; }

        """;

    public static TheoryData<string> Members => new()
    {
        "void N() { using (_lock.Hold()) foreach (int n in {|MM1001:_list.Only(Slow)|}) { } }",
        "void N() { var q = _list.Only(Slow); using (_lock.Hold()) {|MM1001:q.ToList()|}; }",
        "void N() { var q = _list.Only(Slow).ToList(); using (_lock.Hold()) q.ToList(); }",
        "void N() { using (_lock.Hold()) _list.Only(n => n > 3).ToList(); }",
        "void N() { using (_lock.Hold()) { var q = _list.Only(Slow); } }",
        "void N() { using (_lock.Hold()) {|MM1001:_list.Only(Slow).Only(n => n > 1).Count()|}; }",
        "void N() { using (_lock.Hold()) _list.Only(n => n > 2).Only(n => n > 1).Count(); }",
        "void N() { using (_lock.Hold()) {|MM1001:_list.Select(SlowText).NotNull().Count()|}; }",
        "void N() { using (_lock.Hold()) _list.Select(n => n > 1 ? \"\" : null).NotNull().Count(); }",
        "void N() { using (_lock.Hold()) { {|MM1001:_list.CountOf(Slow)|}; _list.CountOf(n => n > 3); } }",
        "void N() { using (_lock.Hold()) { {|MM1001:_list.Mapped(SlowMap)|}; _list.Mapped(n => n + 1); } }",
        "int Sum(Func<int, int> map) { IEnumerable<int> All() => _list.Select(map); return All().Sum(); } void N() { using (_lock.Hold()) { {|MM1001:Sum(SlowMap)|}; Sum(n => n); } }",
    };

    [Theory]
    [MemberData(nameof(Members))]
    public Task Parameter_HandedToAQuery_RunsWhereItIsEnumerated(string members) => AnalyzerTest.CheckAsync(Helpers + members + "}");
}
