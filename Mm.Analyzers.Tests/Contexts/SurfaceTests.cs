using System.Threading.Tasks;
using Mm.Contexts;
using VerifyXunit;
using Xunit;

namespace Mm.Analyzers.Tests.Contexts;

/// <summary>The vocabulary is a contract: a change of it shows in the snapshot.</summary>
[UsesVerify]
public class SurfaceTests
{
    [Fact]
    public Task Vocabulary_AsSeenFromOutside_IsAsReviewed() => Verifier.Verify(PublicSurface.Of(typeof(IEffect).Assembly));
}
