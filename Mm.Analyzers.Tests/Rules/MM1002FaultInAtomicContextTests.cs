using System.Threading.Tasks;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Rules;

[UsesVerify]
public class MM1002FaultInAtomicContextTests
{
    [Theory]
    [InlineData("_lock.Hold()")]
    [InlineData("_raw.Hold()")]
    [InlineData("Preemption.Off()")]
    [InlineData("Interrupts.Off()")]
    [InlineData("PageFaults.Off()")]
    public Task Direct_WhereFaultIsForbidden_IsReported(string guard) => RuleCase.CheckAsync(
        $$"""
            byte M(ulong address)
            {
                using ({{guard}})
                {
                    return {|MM1002:UserMemory.Touch(address)|};
                }
            }
        """);

    [Theory]
    [InlineData("Rcu.Read()")]
    [InlineData("_mutex.Hold()")]
    public Task Direct_WhereOnlySleepIsForbidden_IsSilent(string guard) => RuleCase.CheckAsync(
        $$"""
            byte M(ulong address)
            {
                using ({{guard}})
                {
                    return UserMemory.Touch(address);
                }
            }
        """);

    [Fact]
    public Task Direct_TouchThatCannotFault_IsSilent() => RuleCase.CheckAsync(
        """
            bool M(ulong address)
            {
                using (_lock.Hold())
                {
                    return UserMemory.TouchNoFault(address);
                }
            }
        """);

    [Fact]
    public Task Direct_CallThatMayFaultAndSleep_IsOneReportOfTheFault() => RuleCase.CheckAsync(
        """
            int M(ulong address)
            {
                using (_lock.Hold())
                {
                    return {|MM1002:UserMemory.GetUser(address)|};
                }
            }

            int ByReader(ulong address)
            {
                using (Rcu.Read())
                {
                    return {|MM1001:UserMemory.GetUser(address)|};
                }
            }
        """);

    [Fact]
    public Task Deep_TwoCalls_IsReportedWhereTheContextIs() => RuleCase.CheckAsync(
        """
            int M(ulong address)
            {
                using (_lock.Hold())
                {
                    return {|MM1002:Sum(address)|} + Constant(address);
                }
            }

            int Sum(ulong address) => Byte(address) + Byte(address + 1);

            int Byte(ulong address) => UserMemory.Touch(address);

            int Constant(ulong address) => (int)address;
        """);

    [Fact]
    public Task Virtual_BaseIsQuietAndOverrideFaults_IsReported() => RuleCase.CheckAsync(
        """
            class Reader { public virtual int Read(ulong address) => 0; }
            class UserReader : Reader { public override int Read(ulong address) => UserMemory.Touch(address); }
            sealed class ZeroReader : Reader { public override int Read(ulong address) => 0; }

            int M(Reader reader, ZeroReader zero)
            {
                using (PageFaults.Off())
                {
                    return {|MM1002:reader.Read(0)|} + zero.Read(0);
                }
            }
        """);

    [Fact]
    public Task Finally_FaultsOffOnlyInTheTry_IsSilentInTheFinally() => RuleCase.CheckAsync(
        """
            int M(ulong address)
            {
                int sum = 0;
                PageFaults.Disable();
                try
                {
                    sum += {|MM1002:UserMemory.Touch(address)|};
                }
                finally
                {
                    PageFaults.Enable();
                    sum += UserMemory.Touch(address);
                }

                return sum;
            }
        """);

    [Fact]
    public Task Lambda_ThatFaults_IsReportedOnlyWhereInvoked() => RuleCase.CheckAsync(
        """
            int M(ulong address)
            {
                Func<int> read = () => UserMemory.Touch(address);
                int sum = read();
                using (_lock.Hold())
                {
                    sum += {|MM1002:read()|};
                }

                return sum;
            }
        """);

    [Fact]
    public Task Recursion_ThatFaults_IsReported() => RuleCase.CheckAsync(
        """
            int M()
            {
                using (_lock.Hold())
                {
                    return {|MM1002:Walk(4, 0)|} + Count(4);
                }
            }

            int Walk(int level, ulong table) => level == 0 ? UserMemory.Touch(table) : Walk(level - 1, table + 8);

            int Count(int level) => level == 0 ? 1 : Count(level - 1);
        """);

    [Fact]
    public Task Generic_OverItsTypeArgument_IsReportedForTheFaultingOne() => RuleCase.CheckAsync(
        """
            interface ISource { int Next(); }
            struct User : ISource { public int Next() => UserMemory.Touch(0); }
            struct Zero : ISource { public int Next() => 0; }

            int M()
            {
                using (_lock.Hold())
                {
                    return {|MM1002:First(new User())|} + First(new Zero());
                }
            }

            static int First<T>(T source)
                where T : struct, ISource => source.Next();
        """);

    [Fact]
    public async Task Message_TwoEffectsAtOnce_NamesAll() => await Verifier.Verify(await RuleCase.RenderAsync(
        """
            int M(ulong address)
            {
                using (PageFaults.Off())
                using (_lock.Hold())
                {
                    return {|MM1002:Copy(address)|} + {|MM1002:UserMemory.Touch(address)|};
                }
            }

            int Copy(ulong address) => UserMemory.GetUser(address);
        """));
}
