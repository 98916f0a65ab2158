using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Mm.Core.Contexts;
using Mm.Core.Paging;

namespace DiscardCache;

/// <summary>A file of records that fill a page each: a checksum, the number of the record, and bytes that follow from it.</summary>
internal sealed class Records(int count) : IFileBacking
{
    public int PageCount => count;

    public bool IsWritable => false;

    public static bool IsRight(int record, ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) == record && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == ChecksumOf(bytes);

    public bool TryRead(MachineTask task, int page, Span<byte> bytes)
    {
        var state = (ulong)page * 0x9E3779B97F4A7C15;
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(bytes)) word = state = BitOperations.RotateLeft(state + 0x632BE59BD9B4E019, 23) * 0xD6E8FEB86659FD93;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], page);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ChecksumOf(bytes));
        return true;
    }

    public bool TryWrite(MachineTask task, int page, ReadOnlySpan<byte> bytes) => false;

    // Four lanes, so that the check costs less than what is checked.
    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes)[1..];
        Span<ulong> lanes = [1, 2, 3, 4];
        for (var i = 0; i < words.Length; i++) lanes[i & 3] = BitOperations.RotateLeft(lanes[i & 3] ^ words[i], 29) * 0x9FB21C651E98DF25;
        return lanes[0] ^ BitOperations.RotateLeft(lanes[1], 17) ^ BitOperations.RotateLeft(lanes[2], 34) ^ BitOperations.RotateLeft(lanes[3], 51);
    }
}
