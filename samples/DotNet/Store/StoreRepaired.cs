// The page is copied under the latch and written behind it; the length is looked at before.
using System.IO;

namespace DotNet.Storage.Repaired;

public sealed class PageStore(string path)
{
    private readonly Page[] _pages = [new Page(), new Page()];

    public void Evict(int index)
    {
        var page = _pages[index];
        byte[] copy = new byte[page.Bytes.Length];
        page.Latch.Enter();
        bool isDirty = page.IsDirty;
        if (isDirty) page.Bytes.CopyTo(copy, 0);
        page.IsDirty = false;
        page.Latch.Exit();
        if (isDirty) Save(copy);
    }

    public bool TryRead(int index, byte[] into)
    {
        var page = _pages[index];
        if (into.Length < page.Bytes.Length || !page.Latch.TryEnter()) return false;
        page.Bytes.CopyTo(into, 0);
        page.Latch.Exit();
        return true;
    }

    private void Save(byte[] bytes) => File.WriteAllBytes(path, bytes);
}
