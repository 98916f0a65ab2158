// An echo server whose buffers are pages of a machine, and a client in the same process that checks every byte that comes back.
// Exit code 0: everything came back, and every page is free again. 1: something is missing.
using System;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using Mm.Core;
using Mm.Core.Pooling;

namespace EchoServer;

internal static class Program
{
    private const int Connections = 8;
    private const int BytesEach = 1 << 20;

    public static async Task<int> Main()
    {
        using var machine = Machine.Create(new MachineOptions { Name = "echo", MemoryBytes = 16 << 20 });
        using var pool = new PagePool(machine);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var clients = new Task<bool>[Connections];
        var servers = new Task[Connections];
        for (var i = 0; i < Connections; i++)
        {
            clients[i] = Client.RunAsync((IPEndPoint)listener.LocalEndpoint, seed: i, BytesEach);
            servers[i] = Echo.ServeAsync(await listener.AcceptSocketAsync(), pool);
        }

        var answers = await Task.WhenAll(clients);
        await Task.WhenAll(servers);
        Console.Write(machine.DumpBuddyInfo());
        Console.WriteLine($"{machine.Pages.Allocations} blocks of pages were handed out, {pool.RentedBuffers} are still rented.");

        var wrong = Array.FindAll(answers, static right => !right).Length;
        if (wrong != 0) Console.WriteLine($"{wrong} of {Connections} clients did not get back what they sent.");
        machine.Do("check", task => machine.Pages.DrainAll(task));
        var zone = machine.Pages.Zones[0];
        var isWhole = pool.RentedBuffers == 0 && zone.Allocator.FreePages == zone.ManagedPages && machine.Traps.Count == 0;
        if (!isWhole) Console.WriteLine($"{zone.ManagedPages - zone.Allocator.FreePages} pages did not come back, {machine.Traps.Count} rules were broken.");
        return wrong == 0 && isWhole ? 0 : 1;
    }
}
