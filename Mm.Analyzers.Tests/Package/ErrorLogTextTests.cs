using Xunit;

namespace Mm.Analyzers.Tests.Package;

public class ErrorLogTextTests
{
    [Fact]
    public void Log_WithRelatedLocations_ReadsAsAUserSeesIt()
    {
        const string Sarif =
            """
            { "runs": [ { "results": [
              { "ruleId": "MM1001", "ruleIndex": 7, "level": "error", "message": { "text": "it might sleep" },
                "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "file:///somewhere/Program.cs" },
                  "region": { "startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 12 } } } ],
                "relatedLocations": [ { "physicalLocation": { "artifactLocation": { "uri": "Lock.cs" },
                  "region": { "startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 4 } } } ],
                "properties": { "warningLevel": 1 } } ] } ] }
            """;

        Assert.Equal(
            "Program.cs(3,5)-(3,12): error MM1001\n  it might sleep\n  related Lock.cs(1,2)-(1,4)\n",
            ErrorLogText.Of(Sarif));
    }
}
