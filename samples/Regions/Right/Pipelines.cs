// Producers and consumers that await, and blocking work where it does not hurt.
using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Regions.Right;

public sealed class Pipeline : IAsyncDisposable
{
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(64) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Task _reader;
    private int _count;

    public Pipeline() => _reader = Task.Run(ReadAsync);

    public async Task WriteAsync(string line)
    {
        while (await _lines.Writer.WaitToWriteAsync(_stop.Token))
        {
            if (_lines.Writer.TryWrite(line)) return;
        }
    }

    public async Task<string> LoadAsync(string path)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            string text = await File.ReadAllTextAsync(path, _stop.Token);
            return await Task.Run(() => Compress(text));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A task that has been awaited is there: its result does not wait.</summary>
    public static async Task<int> FirstAsync(Task<int> left, Task<int> right)
    {
        await Task.WhenAll(left, right);
        return left.Result + (right.IsCompletedSuccessfully ? right.Result : 0);
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.Complete();
        await _reader;
        _stop.Dispose();
        _turn.Dispose();
    }

    private static string Compress(string text)
    {
        Thread.Sleep(1);
        return text.Trim();
    }

    private async Task ReadAsync()
    {
        await foreach (string line in _lines.Reader.ReadAllAsync())
        {
            Interlocked.Add(ref _count, line.Length);
        }
    }
}

/// <summary>What a callback from native code may do: copy, count, and leave a mark for somebody else.</summary>
public static unsafe class Device
{
    private static readonly float[] s_ring = new float[4096];
    private static int s_written;

    [UnmanagedCallersOnly]
    public static void OnBlock(float* samples, int count)
    {
        int at = Volatile.Read(ref s_written);
        for (int i = 0; i < count; i++) s_ring[(at + i) & 4095] = samples[i];
        Volatile.Write(ref s_written, at + count);
    }
}

/// <summary>A handle that the finalizer frees, and a worker that only Dispose waits for.</summary>
public sealed class Worker : IDisposable
{
    private readonly Task _loop = Task.CompletedTask;
    private IntPtr _memory = Marshal.AllocHGlobal(64);

    ~Worker() => Free(disposing: false);

    public void Dispose()
    {
        Free(disposing: true);
        GC.SuppressFinalize(this);
    }

    private void Free(bool disposing)
    {
        if (disposing) _loop.Wait();
        Marshal.FreeHGlobal(_memory);
        _memory = IntPtr.Zero;
    }
}

public static class Measured
{
    /// <summary>Everything is made before the region begins.</summary>
    public static long Run(int[] numbers)
    {
        long sum = 0;
        if (!GC.TryStartNoGCRegion(1 << 16)) return 0;
        try
        {
            for (int i = 0; i < numbers.Length; i++) sum += numbers[i];
        }
        finally
        {
            GC.EndNoGCRegion();
        }

        return sum;
    }
}
