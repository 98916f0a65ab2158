using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>One set of flags is made into another, with more cases than callers can be told one by one.</summary>
public class FlagConversionTests
{
    private const string Convert =
        """
        static Gfp Convert(B flags)
        {
            Gfp made;
            if ((flags & B.Hi) != 0) made = Gfp.Atomic;
            else
            {
                made = Gfp.Kernel;
                if ((flags & B.Io) != 0) made &= ~Gfp.StartIo;
            }

            if ((flags & B.Reclaim) != 0) made |= Gfp.Zeroed;
            return made;
        }
        """;

    [Theory]
    [InlineData("Slab.Allocate(8, Convert(flags));")]
    [InlineData("var gfp = Convert(flags | B.Reclaim); Slab.Allocate(8, gfp);")]
    [InlineData("var gfp = Convert(flags); do { Slab.Allocate(8, gfp); } while (_count > 0 && (flags & B.Hi) == 0);")]
    public Task Flags_MadeOfOthersInManyWays_KeepTheBitThatDecides(string body) => ValueCase.CheckAsync(
        "six ways to return",
        $$"""
        {{Convert}}
        void Get(B flags) { {{body}} }
        void M()
        {
            using (_lock.Hold())
            {
                Get(B.Hi);
                Get(B.Hi | B.Io);
                {|MM1003:Get(B.Io)|};
                {|MM1003:Get(B.None)|};
            }
        }
        """);
}
