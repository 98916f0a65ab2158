// The pipeline: receive, look at the packet in two stages, send it on. It knows pages and references, and no pool.
using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Mm.Core.Allocation;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace PacketPool;

/// <summary>What the stages have seen.</summary>
internal struct Seen
{
    public long Packets;
    public long Bytes;
    public ulong Sum;

    public void Count(ReadOnlySpan<byte> packet)
    {
        Packets++;
        Bytes += packet.Length;
        Sum += BinaryPrimitives.ReadUInt64LittleEndian(packet);
    }
}

internal static class Pipeline
{
    /// <summary>The stages on pages: each holds a reference of its own as long as it needs the packet.</summary>
    public static Seen OnPages(MachineTask task, PageAllocator pages, PhysicalMemory memory, BufferPool pool, Socket from, Socket to, int packets)
    {
        var (audit, forward) = (default(Seen), 0L);
        Span<Pfn> delayed = new Pfn[4];
        for (var i = 0; i < packets; i++)
        {
            if (!pool.TryTake(task, out var buffer)) throw new InvalidOperationException("The pool is empty: somebody keeps a reference.");
            var bytes = memory.Frames(buffer);
            var length = from.Receive(bytes);

            // The audit looks at a packet four packets later; until then it keeps a reference.
            pages.Pages.Get(buffer);
            ref var slot = ref delayed[i % delayed.Length];
            if (i >= delayed.Length) Audit(slot, ref audit);
            slot = buffer;

            // The sender is done first, and puts its own.
            forward += to.Send(bytes[..length]);
            pages.Pages.Put(task, buffer);
        }

        foreach (var last in delayed) Audit(last, ref audit);
        if (forward != audit.Bytes) throw new InvalidOperationException($"{forward} bytes were sent, and {audit.Bytes} were seen.");
        return audit;

        void Audit(Pfn buffer, ref Seen seen)
        {
            seen.Count(memory.Frames(buffer)[..Program.PacketBytes]);
            pages.Pages.Put(task, buffer);
        }
    }

    /// <summary>The same on ArrayPool: the stages must agree who returns the array, because an array has no count.</summary>
    public static Seen OnArrayPool(Socket from, Socket to, int packets)
    {
        var (audit, forward) = (default(Seen), 0L);
        var delayed = new byte[4][];
        for (var i = 0; i < packets; i++)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(Pfn.PageSize);
            var length = from.Receive(buffer);
            ref var slot = ref delayed[i % delayed.Length];
            if (i >= delayed.Length) Audit(slot, ref audit);
            slot = buffer;
            forward += to.Send(buffer.AsSpan(0, length));
        }

        foreach (var last in delayed) Audit(last, ref audit);
        if (forward != audit.Bytes) throw new InvalidOperationException($"{forward} bytes were sent, and {audit.Bytes} were seen.");
        return audit;

        static void Audit(byte[] buffer, ref Seen seen)
        {
            seen.Count(buffer.AsSpan(0, Program.PacketBytes));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
