using System;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace EchoServer;

/// <summary>Sends random bytes and compares what comes back with the same random bytes, drawn a second time.</summary>
internal static class Client
{
    public static async Task<bool> RunAsync(IPEndPoint server, int seed, int bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        var sending = SendAsync(socket, new Random(seed), bytes);
        var same = await CompareAsync(socket, new Random(seed), bytes);
        await sending;
        return same;
    }

    private static async Task SendAsync(Socket socket, Random random, int bytes)
    {
        var buffer = new byte[4000];
        for (var sent = 0; sent < bytes;)
        {
            var part = buffer.AsMemory(0, Math.Min(buffer.Length, bytes - sent));
            random.NextBytes(part.Span);
            for (var rest = part; !rest.IsEmpty;) rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
            sent += part.Length;
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<bool> CompareAsync(Socket socket, Random random, int bytes)
    {
        var expected = new byte[4000];
        var buffer = new byte[4000];
        for (var compared = 0; compared < bytes;)
        {
            var length = Math.Min(buffer.Length, bytes - compared);
            random.NextBytes(expected.AsSpan(0, length));
            for (var got = 0; got < length;)
            {
                var count = await socket.ReceiveAsync(buffer.AsMemory(got, length - got), SocketFlags.None);
                if (count == 0) return false;
                got += count;
            }

            if (!buffer.AsSpan(0, length).SequenceEqual(expected.AsSpan(0, length))) return false;
            compared += length;
        }

        return await socket.ReceiveAsync(buffer, SocketFlags.None) == 0;
    }
}
