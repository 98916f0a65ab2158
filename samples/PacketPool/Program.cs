// Zero-copy packet buffers that belong to an allocator of their own, over real loopback sockets; checks itself, exit code 0 if all is well.
//
//   dotnet run -c Release --project samples/PacketPool [packets]
using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Mm.Core;
using Mm.Core.Allocation;
using Mm.Core.Physical;
using Mm.Core.Zones;

namespace PacketPool;

internal static class Program
{
    public const int PacketBytes = 1400;
    private const int Frames = 1024;
    private const int Buffers = 64;
    private const int Rounds = 3;

    private static int Main(string[] args)
    {
        var packets = args.Length == 0 ? 20_000 : int.Parse(args[0], CultureInfo.InvariantCulture);
        using var machine = Machine.Create(new MachineOptions { CpuCount = 1 });
        using var memory = PhysicalMemory.Create(Frames);
        using var task = machine.Attach("pipeline");
        using var pages = new PageAllocator(task, new PageAllocatorOptions { Zones = [(ZoneKind.Normal, Frames)], Memory = memory });
        var free = FreePages(pages);
        var pool = new BufferPool(task, pages, Buffers);
        var (best, bestOfArrays) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var expected = (ulong)packets * (ulong)(packets - 1) / 2;
        for (var round = 0; round < Rounds; round++)
        {
            using (var sockets = new Loopback(packets))
            {
                var clock = Stopwatch.StartNew();
                var seen = Pipeline.OnPages(task, pages, memory, pool, sockets.In, sockets.Out, packets);
                best = Shorter(best, clock.Elapsed);
                Check(seen.Packets == packets && seen.Sum == expected, $"the audit saw {seen.Packets} packets with sum {seen.Sum}, not {packets} with {expected}");
            }

            Check(pool.AtHome == Buffers, $"{pool.AtHome} of {Buffers} buffers came home");
            using (var sockets = new Loopback(packets))
            {
                var clock = Stopwatch.StartNew();
                var seen = Pipeline.OnArrayPool(sockets.In, sockets.Out, packets);
                bestOfArrays = Shorter(bestOfArrays, clock.Elapsed);
                Check(seen.Sum == expected, "the arrays' audit saw something else");
            }
        }

        Check(pool.Returns == Buffers + ((long)Rounds * packets), $"{pool.Returns} last puts");
        Report("a last put to the owner, and out again", Best(() =>
        {
            if (!pool.TryTake(task, out var buffer)) throw new InvalidOperationException("The pool is empty.");
            pages.Pages.Put(task, buffer);
        }));
        Report("a free, and an allocation", Best(() =>
        {
            var page = pages.Allocate(task, Gfp.Kernel) ?? throw new InvalidOperationException("There is no page.");
            pages.Pages.Put(task, page);
        }));
        pool.Close(task);
        Check(FreePages(pages) == free, $"{FreePages(pages)} pages are free, not {free}");
        Check(machine.Traps.Count == 0, $"{machine.Traps.Count} traps");
        Report("pages of a pool, one reference a stage", best, packets);
        Report("ArrayPool, one owner by agreement", bestOfArrays, packets);
        Console.WriteLine("every buffer came home, nothing was copied between stages");
        return 0;
    }

    private static int FreePages(PageAllocator pages) => pages.Zones[0].Allocator.FreePages + pages.Zones[0].Allocator.CachedPages;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static void Report(string what, TimeSpan time, int packets) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-42}{packets / time.TotalSeconds,12:N0} packets/s{(double)packets * PacketBytes / time.TotalSeconds / 1e6,8:N0} MB/s  (best of {Rounds})"));

    private static void Report(string what, double nanoseconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-42}{nanoseconds,12:N0} ns  (best of 20)"));

    private static double Best(Action action)
    {
        const int Times = 20_000;
        var best = double.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Times; i++) action();
            best = Math.Min(best, clock.Elapsed.TotalNanoseconds / Times);
        }

        return best;
    }

    private static void Check(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException("Wrong: " + otherwise + ".");
    }

    /// <summary>Two loopback connections: a thread sends packets into the pipeline, another takes what comes out of it.</summary>
    private sealed class Loopback : IDisposable
    {
        private readonly Socket _source;
        private readonly Socket _sink;
        private readonly Thread _sender;
        private readonly Thread _receiver;
        private Exception? _failure;

        public Loopback(int packets)
        {
            (_source, In) = Datagrams();
            (Out, _sink) = Stream();
            var received = new SemaphoreSlim(32);
            _sender = Start(() =>
            {
                var packet = new byte[PacketBytes];
                for (var i = 0; i < packets; i++)
                {
                    // Not more than the sockets hold: datagrams would be lost.
                    received.Wait();
                    BinaryPrimitives.WriteUInt64LittleEndian(packet, (ulong)i);
                    _source.Send(packet);
                }
            });
            _receiver = Start(() =>
            {
                var buffer = new byte[PacketBytes];
                for (var i = 0; i < packets; i++)
                {
                    for (var got = 0; got < buffer.Length;)
                    {
                        var more = _sink.Receive(buffer.AsSpan(got));
                        if (more == 0) return;
                        got += more;
                    }

                    if (BinaryPrimitives.ReadUInt64LittleEndian(buffer) != (ulong)i) throw new InvalidOperationException($"Packet {i} came out wrong.");
                    received.Release();
                }
            });
        }

        public Socket In { get; }

        public Socket Out { get; }

        public void Dispose()
        {
            Out.Shutdown(SocketShutdown.Send);
            _receiver.Join();
            if (_failure is null) _sender.Join();
            foreach (var socket in new[] { _source, In, Out, _sink }) socket.Dispose();
            if (_failure is not null) throw new InvalidOperationException("The other side failed.", _failure);
        }

        private Thread Start(Action body)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    body();
                }
                catch (Exception failure)
                {
                    _failure = failure;
                }
            }) { IsBackground = true };
            thread.Start();
            return thread;
        }

        private static (Socket From, Socket To) Datagrams()
        {
            var to = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            to.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var from = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            from.Connect(to.LocalEndPoint!);
            return (from, to);
        }

        private static (Socket From, Socket To) Stream()
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            var from = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            from.Connect(listener.LocalEndPoint!);
            return (from, listener.Accept());
        }
    }
}
