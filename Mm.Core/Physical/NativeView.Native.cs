// Bytes at an address, as a span. The address comes from a mapping whose bounds the caller has checked.
using System;

namespace Mm.Core.Physical;

internal static unsafe class NativeView
{
    /// <summary>A span over mapped bytes; it must not outlive the mapping.</summary>
    public static Span<byte> Of(nint address, int bytes) => new((void*)address, bytes);
}
