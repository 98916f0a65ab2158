using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Mm.Contexts;
using Xunit;

namespace Mm.Core.Tests.Contexts;

public class ContextMatrixTests
{
    private static readonly Dictionary<string, Type[]> InContext = new()
    {
        ["T"] = [],
        ["P"] = [typeof(PreemptOff)],
        ["S"] = [typeof(SoftIrq)],
        ["Id"] = [typeof(IrqOff)],
        ["Ih"] = [typeof(HardIrq)],
        ["N"] = [typeof(Nmi)],
    };

    public static IEnumerable<object[]> Members() =>
        from row in MatrixRow.All
        from member in row.Members
        select new object[] { row.Call, member };

    [Theory]
    [MemberData(nameof(Members))]
    public void Member_ByItsAttributes_IsAllowedWhereTheMatrixSays(string call, string member)
    {
        var row = MatrixRow.All.Single(r => r.Call == call);
        foreach (var method in MethodsNamed(member))
        {
            foreach (var (column, contexts) in InContext)
            {
                if (row.Cells[column] == "c") continue;
                Assert.True(
                    IsAllowed(method, contexts) == (row.Cells[column] == "y"),
                    $"{member} in {column}: the matrix says {row.Cells[column]}, the attributes {(IsAllowed(method, contexts) ? "yes" : "no")}");
            }

            Assert.True(!row.Sleeps || Has(method, "MightAttribute`1", typeof(Sleep)), $"{member} sleeps and does not say so");
            Assert.Equal(row.Delta switch { "+1" => 1, "-1" => -1, _ => 0 }, Math.Sign(Net(method)));
        }
    }

    [Fact]
    public void Matrix_CoversEveryPublicMemberThatChangesContext()
    {
        var covered = MatrixRow.All.SelectMany(static r => r.Members).ToHashSet();
        foreach (var type in typeof(Machine).Assembly.GetExportedTypes().Where(static t => !t.IsDefined(typeof(ScopeAttribute<>), false)))
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                var name = NameOf(type) + "." + method.Name;
                if (Net(method) > 0 && !Exempt.Contains(name)) Assert.Contains(name, covered);
            }
        }
    }

    // Bottom halves have no row of their own: spin_lock_bh stands for them.
    private static readonly HashSet<string> Exempt = ["MachineTask.BottomHalvesDisable"];

    private static string NameOf(Type type) => type.Name.Split('`')[0];

    private static IEnumerable<MethodInfo> MethodsNamed(string member)
    {
        var parts = member.Split('.');
        var type = typeof(Machine).Assembly.GetExportedTypes().Single(t => NameOf(t) == parts[0]);
        var methods = type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(m => m.Name == parts[1]).ToArray();
        Assert.True(methods.Length != 0, member + " does not exist");
        return methods;
    }

    private static int Net(MethodInfo method) =>
        Arguments(method.GetCustomAttributesData(), "EntersAttribute`1").Concat(Arguments(method.ReturnParameter.GetCustomAttributesData(), "EntersAttribute`1"))
            .Count(static c => c != typeof(IrqOff) && c != typeof(RcuRead))
        - Arguments(method.GetCustomAttributesData(), "LeavesAttribute`1").Count(static c => c != typeof(IrqOff) && c != typeof(RcuRead));

    // What the analyzers conclude: no effect that the context forbids, and no context that the member shuts out.
    private static bool IsAllowed(MethodInfo method, Type[] contexts)
    {
        var all = contexts.SelectMany(Closure).ToHashSet();
        var forbidden = all.SelectMany(static c => Arguments(c.GetCustomAttributesData(), "ForbidsAttribute`1")).ToHashSet();
        var data = method.GetCustomAttributesData();
        if (Arguments(data, "MightAttribute`1").Any(forbidden.Contains)) return false;
        if (Arguments(data, "ForbiddenInAttribute`1").Any(all.Contains)) return false;
        return Arguments(data, "RequiresAttribute`1").All(all.Contains);
    }

    private static IEnumerable<Type> Closure(Type context) =>
        Arguments(context.GetCustomAttributesData(), "ImpliesAttribute`1").SelectMany(Closure).Append(context);

    private static bool Has(MethodInfo method, string attribute, Type argument) => Arguments(method.GetCustomAttributesData(), attribute).Contains(argument);

    private static IEnumerable<Type> Arguments(IEnumerable<CustomAttributeData> data, string attribute) =>
        data.Where(a => a.AttributeType.Name == attribute).Select(static a => a.AttributeType.GetGenericArguments()[0]);
}
