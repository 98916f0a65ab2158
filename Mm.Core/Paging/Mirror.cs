// User addresses as real mappings of the host: what hardware would make of the entries, so that a test can ask the host about them.
// Context: under the pte lock of the entry. Locks: one of the host's. Invariants: G10 a page of the mirror shows exactly what its entry permits.
// Lifetime: as long as its address space. Each page may cost the host two mappings, of which it has few: over budget the mirror goes dark.
using System.Threading;
using Mm.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

[Trusted("the host's side: what hardware does by itself")]
internal sealed class Mirror(AddressWindow window, VirtualAddress start, FrameAccess frames, int budget)
{
    private readonly Lock _gate = new();
    private readonly byte[] _shown = new byte[window.PageCount];

    /// <summary>True once there were more pages than the budget allows: nothing is shown from then on.</summary>
    public bool IsDark { get; private set; }

    public AddressWindow Window => window;

    public VirtualAddress Start => start;

    public bool Contains(VirtualAddress address) => (address.Value - start.Value) >> Pfn.PageShift < (ulong)window.PageCount;

    public nint At(VirtualAddress address) => window.At(PageOf(address)) + address.Offset;

    public void Show(VirtualAddress address, Pte pte)
    {
        if (!Contains(address)) return;
        lock (_gate)
        {
            if (IsDark) return;
            var page = PageOf(address);
            if (_shown[page] != 0) window.Unmap(page, 1);
            _shown[page] = 0;
            if (!pte.Permits(write: false) || pte.IoSpace != 0 || !frames.Contains(pte.Pfn)) return;
            if (window.MappedPages >= budget)
            {
                GoDark();
                return;
            }

            window.Map(page, frames.IndexOf(pte.Pfn), 1, pte.IsWritable);
            _shown[page] = 1;
        }
    }

    private void GoDark()
    {
        IsDark = true;
        for (var page = 0; page < _shown.Length; page++)
        {
            if (_shown[page] != 0) window.Unmap(page, 1);
            _shown[page] = 0;
        }
    }

    private long PageOf(VirtualAddress address) => (long)((address.Value - start.Value) >> Pfn.PageShift);
}
