// The assembly in the middle: it adds a hop to the path, and knows as little of contexts as the one below.
using Storage;

namespace Tables;

public sealed class Table
{
    private readonly Journal _journal = new();

    public void Insert(int row) => Log($"insert {row}");

    public bool TryInsert(int row, int milliseconds) => _journal.TryAppend($"insert {row}", milliseconds);

    private void Log(string entry) => _journal.Append(entry);
}
