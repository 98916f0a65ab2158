using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

public partial class MM1009UnverifiedCallTests
{
    [Fact]
    public Task Sequence_OfUnknownOrigin_CountsAsDotNetsOwn() => RuleCase.CheckAsync(
        """
        }

        public class Visible
        {
            [Never<Sleep>]
            public int Sum(System.Collections.Generic.IEnumerable<int> numbers)
            {
                int sum = System.Linq.Enumerable.Count(numbers);
                foreach (int number in numbers) sum += number;
                return sum;
            }

            [Never<Sleep>]
            public void Run(Action action) => {|MM1009:action()|};
        """);

    [Fact]
    public Task Dynamic_InAPromisingBody_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            void Call(dynamic target) => {|MM1009:target.Run()|};

            [Never<Sleep>]
            object Read(dynamic target) => {|MM1009:target.Size|};

            [Never<Sleep>]
            object Index(dynamic target) => {|MM1009:target[0]|};

            [Never<Sleep>]
            object Pass(dynamic target) => target;
        """);

    [Fact]
    public Task DynamicOperatorOrConversion_InAPromisingBody_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            object Add(dynamic target) => {|MM1009:target + 1|};

            [Never<Sleep>]
            object Negate(dynamic target) => {|MM1009:-target|};

            [Never<Sleep>]
            int Convert(dynamic target) => {|MM1009:target|};

            [Never<Sleep>]
            int Test(dynamic target) => {|MM1009:target|} ? 1 : 0;

            [Never<Sleep>]
            void Extend(dynamic target) => {|MM1009:target += 1|};

            [Never<Sleep>]
            void Step(dynamic target) => {|MM1009:target++|};

            [Never<Sleep>]
            int Each(dynamic target)
            {
                int count = 0;
                foreach (var item in {|MM1009:target|}) count++;
                return count;
            }

            [Never<Sleep>]
            int OneCause(dynamic target) => {|MM1009:target.Size|} + 1;

            [Never<Sleep>]
            object? Keep(object given)
            {
                dynamic target = given;
                object same = target;
                return target is null ? null : target as string;
            }
        """);

    [Fact]
    public Task Reflection_InAPromisingBody_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            object? Wrong(System.Reflection.MethodInfo method) => {|MM1009:method.Invoke(null, null)|};

            [Never<Sleep>]
            object? AlsoWrong(Type type) => {|MM1009:Activator.CreateInstance(type)|};

            [Never<Sleep>]
            object? AlsoWrong(Delegate function) => {|MM1009:function.DynamicInvoke()|};

            [Never<Sleep>]
            string Right(System.Reflection.MethodInfo method) => method.Name;
        """);

    [Fact]
    public Task FunctionPointer_InAPromisingBody_IsReported() => RuleCase.CheckAsync(
        """
            [Never<Sleep>]
            unsafe void Wrong(delegate*<int, void> function) => {|MM1009:function(1)|};

            unsafe void Right(delegate*<int, void> function) => function(1);
        """);

    [Fact]
    public Task Delegate_FromOutsideTheAssembly_IsReportedInAPromisingBody() => AnalyzerTest.CheckAsync(
        """
        using System;

        public class Case
        {
            [Never<Sleep>]
            public void Wrong(Action action) => {|MM1009:action()|};

            [Never<Sleep>]
            public void Right([Never<Sleep>] Action action) => action();
        }
        """);

    [Theory]
    [InlineData("", "{|MM1009:action()|}")]
    [InlineData("void Caller() => Run(() => _count++);", "action()")]
    [InlineData("void Caller() => Run(() => _count++); void Other(Action given) => {|MM1009:Run(given)|};", "action()")]
    public Task Delegate_ThatIsAParameter_IsUnknownWhereNobodySeenGivesIt(string callers, string invocation) => new AnalyzerTest(
        RuleCase.InClass(
        $$"""
            void Run(Action action)
            {
                using (_lock.Hold())
                {
                    {{invocation}};
                }
            }

            {{callers}}
        """)) { Options = { ["mm_unknown_callees"] = "report" } }.CheckAsync();

    [Fact]
    public Task Delegate_OutOfACollection_IsReportedInAPromisingBody() => RuleCase.CheckAsync(
        """
            readonly System.Collections.Generic.List<Action> _actions = new();

            [Never<Sleep>]
            void Wrong() => {|MM1009:_actions[0]()|};

            [Never<Sleep>]
            void Right()
            {
                Action action = () => _count++;
                action();
            }
        """);

    [Fact]
    public Task Delegate_InAFieldThatAnybodyCanWrite_IsReportedInAPromisingBody() => AnalyzerTest.CheckAsync(
        """
        using System;

        public class Case
        {
            public Action? Anybody;
            [Never<Sleep>] public Action? Promised;
            private readonly Action _own = () => { };

            [Never<Sleep>]
            public void Wrong() => Anybody?{|MM1009:.Invoke()|};

            [Never<Sleep>]
            public void Right()
            {
                Promised?.Invoke();
                _own();
            }
        }
        """);

    [Fact]
    public Task Delegate_OfATypeThatPromises_IsKnown() => AnalyzerTest.CheckAsync(
        """
        public class Case
        {
            [Never<Sleep>] public delegate void Quick();
            public delegate void Any();

            [Never<Sleep>]
            public void Wrong(Any any) => {|MM1009:any()|};

            [Never<Sleep>]
            public void Right(Quick quick) => quick();
        }
        """);

    [Fact]
    public Task OtherAssembly_WithoutAnnotations_IsUnknownWithThemKnown() => new AnalyzerTest(
        """
        class Case
        {
            [Never<Sleep>]
            void Wrong(Storage.Disk disk)
            {
                {|MM1009:disk.Flush()|};
                {|MM1009:Storage.Disk.Reset()|};
                _ = {|MM1009:disk.Size|};
                _ = {|MM1009:new Storage.Disk()|};
            }

            [Never<Sleep>]
            void Right(Storage.Disk disk)
            {
                disk.Peek();
                {|MM3003:disk.Sync()|};
            }
        }
        """)
    {
        References = { Storage() },
    }.CheckAsync();

    [Theory]
    [InlineData("report", "{|MM1009:disk.Flush()|};")]
    [InlineData("trust", "disk.Flush();")]
    public Task OtherAssembly_UnderALock_FollowsTheOption(string policy, string statement) => new AnalyzerTest(
        $$"""
        class Case
        {
            readonly TicketLock _lock = new();

            void M(Storage.Disk disk)
            {
                using (_lock.Hold())
                {
                    {{statement}}
                }

                disk.Flush();
            }
        }
        """)
    {
        References = { Storage() },
        Options = { ["mm_unknown_callees"] = policy },
    }.CheckAsync();

    [Fact]
    public Task OtherAssembly_DescribedInAnAnnotationFile_IsKnown() => new AnalyzerTest(
        """
        class Case
        {
            [Never<Sleep>]
            void M(Storage.Disk disk)
            {
                {|MM3003:disk.Flush()|};
                {|MM1009:Storage.Disk.Reset()|};
            }
        }
        """)
    {
        References = { Storage() },
        AdditionalFiles = { ["storage.contexts.txt"] = "M:Storage.Disk.Flush might Sleep\n" },
    }.CheckAsync();

    [Fact]
    public Task OtherAssembly_InterfaceImplementedHere_IsKnownOnlyForAPlainReceiver() => new AnalyzerTest(
        """
        sealed class Quick : Storage.IDevice { public void Run() { } }

        class Case
        {
            [Never<Sleep>]
            void M(Quick quick) => quick.Run();
        }
        """)
    {
        References = { Storage() },
    }.CheckAsync();

    [Fact]
    public Task DotNet_WhatTheCatalogueDoesNotList_IsKnown() => new AnalyzerTest(RuleCase.InClass(
        """
            [Never<Sleep>]
            int M(System.Collections.Generic.Dictionary<int, string> names, IDisposable resource)
            {
                names.TryGetValue(1, out string? name);
                resource.Dispose();
                return Math.Max(1, name is null ? 0 : name.Length) + System.Threading.Interlocked.Increment(ref _count);
            }

            [Never<Sleep>]
            int Sorted(System.Collections.Generic.List<int> values)
            {
                values.Sort((a, b) => a - b);
                return values.Find(value => value > 0);
            }
        """))
    {
        Options = { ["mm_unknown_callees"] = "report" },
    }.CheckAsync();

    private static Microsoft.CodeAnalysis.MetadataReference Storage() => new AnalyzerTest(
        """
        namespace Storage;

        public interface IDevice { void Run(); }

        public class Disk
        {
            public int Size { get; set; }
            public static void Reset() { }
            public void Flush() { }
            [Never<Sleep>] public void Peek() { }
            [Might<Sleep>] public void Sync() { }
        }
        """)
    {
        Kernel = Kernel.Reference,
    }.ToReference("Storage");
}
