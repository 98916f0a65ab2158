using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Scale;

/// <summary>
/// Random programs in which contexts, flags and delegates travel through calls, fields, interfaces, operators and implied calls.
/// <see cref="AnalyzerTest.RunAsync"/> compares what is found with and without the filter by names.
/// </summary>
public class NameFilterTests
{
    private const int Methods = 30;

    // {0}: another method; {1}: its class. Every statement stands in a method with 'int n, Gfp gfp' and the lock of its class.
    private static readonly string[] _statements =
    [
        "n += {1}.M{0}(n, gfp);",
        "n += {1}.M{0}(n, Gfp.Kernel);",
        "n += {1}.M{0}(n, Gfp.Atomic);",
        "n += {1}.M{0}(n, gfp) + n * 2;",
        "n += {1}.Shared.Twice;",
        "using (Lock.Hold()) {{ n += {1}.M{0}(n, gfp); }}",
        "using (Lock.Hold()) n++;",
        "Lock.Acquire(); n++; Lock.Release();",
        "Lock.Acquire(); n += {1}.M{0}(n, gfp); Lock.Release();",
        "if (n > 3) Lock.Acquire();",
        "Lock.Release();",
        "Slab.Allocate(n, gfp);",
        "Slab.Allocate(n, Gfp.Atomic);",
        "using (Lock.Hold()) Slab.Allocate(n, gfp);",
        "Run(() => n++);",
        "Run(() => {1}.M{0}(n, gfp));",
        "Stored = () => {1}.M{0}(1, Gfp.Kernel);",
        "Stored?.Invoke();",
        "Stored!();",
        "n += {1}.Shared + {1}.Shared;",
        "using (var section = new Section(Lock)) n++;",
        "using ({1}.Begin()) n += 2;",
        "foreach (int item in {1}.Shared) n += item;",
        "n += {1}.Shared[n];",
        "int Local() => {1}.M{0}(n, gfp); n += Local();",
        "[RunsIn<SpinLockHeld>] int Held() => {1}.M{0}(n, gfp); n += Held();",
        "if (n == 7) throw new System.InvalidOperationException();",
        "while (n > 100) n -= {1}.M{0}(n, gfp);",
        "try {{ n += {1}.M{0}(n, gfp); }} finally {{ n--; }}",
        "IStep step = n > 3 ? new One() : new Two(); n += step.Step(n);",
        "n += 1;", "n *= 3;", "n = n > 4 ? n - 1 : n + 1;",
    ];

    private static readonly string[] _attributes = ["", "", "", "", "[Never<Sleep>] ", "[RunsIn<SpinLockHeld>] ", "[Requires<SpinLockHeld>] ", "[Might<Sleep>] ", "[Enters<SpinLockHeld>] "];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task RandomProgram_WithAndWithoutTheFilter_HasTheSameDiagnostics(int seed)
    {
        await new AnalyzerTest([("Case.cs", Program(seed))]).RunAsync();
    }

    private static string Program(int seed)
    {
        var random = new Random(seed);

        // Few of the kinds of statement in one program: where everything occurs, nothing is ever skipped.
        var statements = _statements.Where(_ => random.Next(4) == 0).Concat(["n += {1}.M{0}(n, gfp);", "n++;", "n -= 2;", "n += 5;"]).ToArray();
        var attributes = random.Next(2) == 0 ? _attributes : [""];
        var text = new StringBuilder("using System;\nusing System.Collections.Generic;\n");
        text.Append("interface IStep { int Step(int n); }\n");
        text.Append(CultureInfo.InvariantCulture, $"class One : IStep {{ public int Step(int n) => C0.M{random.Next(5)}(n, Gfp.Kernel); }}\nclass Two : IStep {{ public int Step(int n) => n; }}\n");
        text.Append("sealed class Section : IDisposable { readonly TicketLock _l; public Section(TicketLock l) { _l = l; ").Append(random.Next(3) == 0 ? "_l.Acquire();" : "").Append(" } public void Dispose() { ").Append(random.Next(3) == 0 ? "_l.Release();" : "").Append(" } }\n");
        for (var type = 0; type < Methods / 5; type++)
        {
            text.Append(CultureInfo.InvariantCulture, $"class C{type}\n{{\n    static readonly TicketLock Lock = new();\n    static Func<int>? Stored;\n    public static C{type} Shared = new();\n");
            text.Append("    static void Run(Action action) => action();\n    static int Run(Func<int> action) => action();\n    public static Section Begin() => new(Lock);\n");
            text.Append(CultureInfo.InvariantCulture, $"    public int Twice {{ get {{ {Statements(random, statements, "int n = 0; Gfp gfp = Gfp.Atomic; ", 1)} return n; }} }}\n");
            text.Append(CultureInfo.InvariantCulture, $"    public int this[int n] {{ get {{ {Statements(random, statements, "Gfp gfp = Gfp.Kernel; ", 1)} return n; }} }}\n");
            text.Append(CultureInfo.InvariantCulture, $"    public static int operator +(C{type} a, C{type} b) {{ {Statements(random, statements, "int n = 0; Gfp gfp = Gfp.Atomic; ", 1)} return n; }}\n");
            text.Append(CultureInfo.InvariantCulture, $"    public IEnumerator<int> GetEnumerator() {{ {Statements(random, statements, "int n = 0; Gfp gfp = Gfp.Atomic; ", 1)} yield return n; }}\n");
            for (var method = type * 5; method < (type + 1) * 5; method++)
            {
                var attribute = attributes[random.Next(attributes.Length)];
                text.Append(CultureInfo.InvariantCulture, $"    {attribute}public static int M{method}(int n, Gfp gfp) {{ {Statements(random, statements, "", 1 + random.Next(3))} return n; }}\n");
            }

            text.Append("}\n");
        }

        return text.ToString();
    }

    // Each in a block of its own, so that locals of one name do not meet.
    private static string Statements(Random random, string[] kinds, string start, int count)
    {
        var text = new StringBuilder(start);
        for (var i = 0; i < count; i++)
        {
            var callee = random.Next(Methods);
            text.Append("{ ").AppendFormat(CultureInfo.InvariantCulture, kinds[random.Next(kinds.Length)], callee, "C" + (callee / 5).ToString(CultureInfo.InvariantCulture)).Append(" } ");
        }

        return text.ToString();
    }
}
