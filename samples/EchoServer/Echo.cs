using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks;
using Mm.Core.Pooling;

namespace EchoServer;

/// <summary>One connection: what is read goes into pages, and is written from the same pages.</summary>
internal static class Echo
{
    public static async Task ServeAsync(Socket socket, PagePool pool)
    {
        using var connection = socket;
        var pipe = new Pipe(new PipeOptions(pool, minimumSegmentSize: 4096, pauseWriterThreshold: 1 << 16, resumeWriterThreshold: 1 << 15));
        await Task.WhenAll(ReceiveAsync(connection, pipe.Writer), SendAsync(connection, pipe.Reader));
    }

    private static async Task ReceiveAsync(Socket socket, PipeWriter writer)
    {
        while (true)
        {
            var count = await socket.ReceiveAsync(writer.GetMemory(4096), SocketFlags.None);
            if (count == 0) break;
            writer.Advance(count);
            await writer.FlushAsync();
        }

        await writer.CompleteAsync();
    }

    private static async Task SendAsync(Socket socket, PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                for (var rest = segment; !rest.IsEmpty;) rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        await reader.CompleteAsync();
        socket.Shutdown(SocketShutdown.Send);
    }
}
