// A file of the host as a device: its pages stand in place of frames that have no page, so that mapping it copies nothing.
// Context: made and ended in a task. Locks: none. Invariants: HF1 frame n of the device shows page n of the file.
// Lifetime: no area maps it any more when it is disposed of. Whoever makes the file shorter meanwhile makes the host kill the process.
using System;
using System.IO;
using Microsoft.Win32.SafeHandles;
using Mm.Contexts;
using Mm.Core.Contexts;
using Mm.Core.Physical;

namespace Mm.Core.Paging;

/// <summary>The blocks of a file of the host.</summary>
public sealed class HostFileBlocks : IXipBacking
{
    private readonly VirtualMemory _memory;
    private readonly SafeFileHandle _file;
    private readonly HostFilePart _part;
    private readonly Pfn _first;
    private bool _isShown;

    /// <summary>Opens a file, and shows it in place of frames.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="memory">Virtual memory.</param>
    /// <param name="path">The file; not empty.</param>
    /// <param name="frames">Frames of memory without a page, at least as many as the file has pages.</param>
    /// <param name="writable">Whether a shared map may write to it.</param>
    /// <exception cref="ArgumentException">The file is empty or too long, or a frame has a page, or is no memory.</exception>
    /// <exception cref="PlatformNotSupportedException">This host cannot show files in memory.</exception>
    [Might<Sleep>, Trusted("system calls of the host")]
    public HostFileBlocks(MachineTask task, VirtualMemory memory, string path, FrameRange frames, bool writable = false)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(memory);
        task.MightSleep();
        _memory = memory;
        _first = frames.First;
        IsWritable = writable;
        for (var i = 0; i < frames.Count; i++)
        {
            var frame = frames.First.Plus(i);
            if (!memory.Access.Contains(frame) || memory.Frames.Contains(frame))
                throw new ArgumentException($"Frame {frame} has a page, or no memory behind it; a file is shown in place of memory without pages.", nameof(frames));
        }

        _file = File.OpenHandle(path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite);
        try
        {
            var pages = (RandomAccess.GetLength(_file) + Pfn.PageSize - 1) >> Pfn.PageShift;
            if (pages == 0 || pages > frames.Count) throw new ArgumentException($"The file has {pages} pages; there is room for 1 to {frames.Count}.", nameof(path));
            PageCount = (ulong)pages;
            _part = new HostFilePart(_file, (long)memory.Access.IndexOf(_first) << Pfn.PageShift, pages << Pfn.PageShift, 0, writable);
            memory.Options.Memory.ShowFile(_part);
            _isShown = true;
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ulong PageCount { get; }

    /// <inheritdoc/>
    public bool IsWritable { get; }

    /// <inheritdoc/>
    public BlockResult Find(MachineTask task, ulong page, bool create, out Pfn frame)
    {
        frame = _first.Plus((int)page);
        return _isShown ? BlockResult.Found : BlockResult.Failed;
    }

    /// <summary>Shows memory again, and closes the file.</summary>
    /// <param name="task">The running task.</param>
    [Might<Sleep>, Trusted("system calls of the host")]
    public void Dispose(MachineTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.MightSleep();
        if (!_isShown) return;
        _isShown = false;
        _memory.Options.Memory.HideFile(_part);
        _file.Dispose();
    }
}
