// Two ways to hold a page for too long: writing it back with the latch in hand, and returning early without giving it up.
using System.IO;

namespace DotNet.Storage.Bug;

public sealed class PageStore(string path)
{
    private readonly Page[] _pages = [new Page(), new Page()];

    public void Evict(int index)
    {
        var page = _pages[index];
        page.Latch.Enter();
        if (page.IsDirty) WriteBack(page); // MM1001
        page.IsDirty = false;
        page.Latch.Exit();
    }

    public bool TryRead(int index, byte[] into)
    {
        var page = _pages[index];
        if (!page.Latch.TryEnter()) return false;
        if (into.Length < page.Bytes.Length) return false; // MM2001
        page.Bytes.CopyTo(into, 0);
        page.Latch.Exit();
        return true;
    }

    private void WriteBack(Page page) => Save(page.Bytes);

    private void Save(byte[] bytes) => File.WriteAllBytes(path, bytes);
}
