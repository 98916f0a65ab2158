using System.Threading.Tasks;
using Mm.Analyzers.Tests.Rules;
using Xunit;

namespace Mm.Analyzers.Tests.Libraries;

/// <summary>What is asked of a sequence at once makes an enumerator, unless the type of what is handed over shows that none is needed.</summary>
public class SequenceUseTests
{
    [Theory]
    [InlineData("{|MM1004:System.Linq.Enumerable.Max(sequence)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Sum(sequence)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Any(sequence, static n => n > 0)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.All(sequence, static n => n > 0)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Count(sequence)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.First(sequence)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Aggregate(sequence, static (a, b) => a + b)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Sum(map.Values, static n => n)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Sum(numbers, static n => n)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.MaxBy(list, static n => -n)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.First(set)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.Last(readOnly)|}")]
    [InlineData("{|MM1004:System.Linq.Enumerable.LongCount(list)|}")]
    [InlineData("System.Linq.Enumerable.Any(list)")]
    [InlineData("System.Linq.Enumerable.Any(set)")]
    [InlineData("System.Linq.Enumerable.Count(map)")]
    [InlineData("System.Linq.Enumerable.First(list)")]
    [InlineData("System.Linq.Enumerable.First(list, static n => n > 0)")]
    [InlineData("System.Linq.Enumerable.Max(numbers)")]
    [InlineData("System.Linq.Enumerable.Any(numbers, static n => n > 0)")]
    [InlineData("System.Linq.Enumerable.Contains(numbers, 3)")]
    [InlineData("System.Linq.Enumerable.Last(indexed)")]
    [InlineData("System.Linq.Enumerable.ElementAt(indexed, 1)")]
    [InlineData("System.Linq.Enumerable.Aggregate(list, 0, static (a, b) => a + b)")]
    public Task Use_ByTheTypeOfWhatIsHandedOver_Allocates(string use) => RuleCase.CheckAsync(Hot($"_ = {use}"));

    [Theory]
    [InlineData("{|MM1004:writer.TryWrite(1)|}")]
    [InlineData("{|MM1004:reader.WaitToReadAsync()|}")]
    [InlineData("reader.TryRead(out _)")]
    [InlineData("writer.TryComplete()")]
    public Task Channel_Written_QueuesWhatIsWritten(string use) => RuleCase.CheckAsync(Hot($"_ = {use}"));

    [Theory]
    [InlineData("socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead)")]
    [InlineData("{|MM1004:failure.ToString()|}")]
    [InlineData("{|MM1004:failure.StackTrace|}")]
    public Task Member_ThatAllocatesOnlyWhileItIsTraced_DoesNotCount(string use) => RuleCase.CheckAsync(Hot($"_ = {use}"));

    [Theory]
    [InlineData("{|MM1004:span.Sort(comparer)|}")]
    [InlineData("span.Sort()")]
    [InlineData("span.Sort(static (a, b) => b - a)")]
    public Task Span_SortedByAComparer_MakesADelegateOfIt(string use) => RuleCase.CheckAsync(Hot(use));

    private static string Hot(string statement) =>
        $$"""
            [RunsIn<NoGc>]
            void M(System.Collections.Generic.IEnumerable<int> sequence, System.Collections.Generic.List<int> list, System.Collections.Generic.HashSet<int> set,
                System.Collections.Generic.Dictionary<int, int> map, System.Collections.Generic.IReadOnlyList<int> readOnly, System.Collections.Generic.IList<int> indexed,
                int[] numbers, System.Threading.Channels.ChannelWriter<int> writer, System.Threading.Channels.ChannelReader<int> reader, Span<int> span,
                System.Collections.Generic.IComparer<int> comparer, System.Net.Sockets.Socket socket, Exception failure)
            {
                {{statement}};
            }
        """;
}
