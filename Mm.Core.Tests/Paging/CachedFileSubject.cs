using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Tests.Contexts;
using Mm.Core.Tests.Programs;
using Xunit;

namespace Mm.Core.Tests.Paging;

/// <summary>What a program does to page A of a file that two address spaces show.</summary>
internal enum FileDo
{
    Read,

    /// <summary>Through the other address space, which writes to copies of its own.</summary>
    ReadOther,
    ReadFile,

    /// <summary>Byte B.</summary>
    Write,
    WriteOther,
    WriteFile,
    WriteBack,

    /// <summary>Page A, and what was not written back of it goes with it.</summary>
    Truncate,

    /// <summary>All that the first address space shows, and shows it anew.</summary>
    Remap,
    Reap,

    /// <summary>Page A, where it is mapped, by the host.</summary>
    HostDrops,
    HostSwaps,
}

/// <summary>A file on two address spaces, under a host that takes what it may, beside what the file has. G6 to G16.</summary>
internal sealed class CachedFileSubject : Subject<FileDo>
{
    private const int Pages = 6;
    private static readonly Gen<int> _anyPage = Operations.UpTo(Pages - 1);

    public static readonly Gen<Operation<FileDo>> All = Operations.OneOf(
        (8, Operations.Of(FileDo.Read, _anyPage)),
        (4, Operations.Of(FileDo.ReadOther, _anyPage)),
        (4, Operations.Of(FileDo.ReadFile, _anyPage)),
        (4, Operations.Of(FileDo.Write, _anyPage, Operations.UpTo(254))),
        (1, Operations.Of(FileDo.WriteOther, _anyPage, Operations.UpTo(254))),
        (4, Operations.Of(FileDo.WriteFile, _anyPage, Operations.UpTo(254))),
        (2, Operations.Of(FileDo.WriteBack)),
        (1, Operations.Of(FileDo.Truncate, _anyPage)),
        (1, Operations.Of(FileDo.Remap)),
        (1, Operations.Of(FileDo.Reap)),
        (9, Operations.Of(FileDo.HostDrops, _anyPage)),
        (4, Operations.Of(FileDo.HostSwaps, _anyPage)));

    private readonly HashSet<string> _states;
    private readonly Machine _machine = Situation.NewMachine(2);
    private readonly MachineTask _task;
    private readonly HostedWorld _hosted;
    private readonly MemoryMap _other;
    private readonly byte[] _model = Enumerable.Range(1, Pages).Select(static n => (byte)n).ToArray();
    private readonly Dictionary<int, byte> _own = [];

    /// <summary>Makes a file.</summary>
    /// <param name="states">Where the states are noted that its pages are met in.</param>
    public CachedFileSubject(HashSet<string>? states = null)
    {
        _states = states ?? [];
        _task = _machine.Attach("test");
        _hosted = new HostedWorld(_task, pages: Pages, frames: 192);
        _hosted.Show(_task, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
        _other = new MemoryMap(_task, _hosted.World.Virtual);
        _hosted.Show(_task, VmFlags.Read | VmFlags.Write, _other);
    }

    /// <summary>How many pages the host has taken of all files.</summary>
    public long Dropped => _hosted.File.DroppedPages;

    public override void Do(Operation<FileDo> operation)
    {
        var (index, value) = (operation.A % Pages, (byte)(1 + operation.B));
        var at = World.At.PlusPages(index);
        Span<byte> bytes = stackalloc byte[1];
        switch (operation.What)
        {
            case FileDo.Read:
                Assert.Equal(_model[index], _hosted.World.Read(at));
                break;
            case FileDo.ReadOther:
                Assert.Equal(0, _other.CopyFromUser(_task, at, bytes));
                Assert.Equal(_own.GetValueOrDefault(index, _model[index]), bytes[0]);
                break;
            case FileDo.ReadFile:
                Assert.Equal(FaultResult.None, _hosted.File.Read(_task, index, 0, bytes));
                Assert.Equal(_model[index], bytes[0]);
                break;
            case FileDo.Write:
                _hosted.World.Write(at, value);
                _model[index] = value;
                break;
            case FileDo.WriteOther:
                Assert.Equal(0, _other.CopyToUser(_task, at, [value]));
                _own[index] = value;
                break;
            case FileDo.WriteFile:
                Assert.Equal(FaultResult.None, _hosted.File.Write(_task, index, 0, [value]));
                _model[index] = value;
                break;
            case FileDo.WriteBack:
                Assert.True(_hosted.File.WriteBack(_task));
                break;
            case FileDo.Truncate:
                _hosted.File.Truncate(_task, index);
                _model[index] = _hosted.Disk[index];
                break;
            case FileDo.Remap:
                _hosted.World.Map.Unmap(_task, World.At, Pages);
                _hosted.Show(_task, VmFlags.Read | VmFlags.Write | VmFlags.Shared);
                break;
            case FileDo.Reap:
                _ = _hosted.States.Queue.Reap(_task);
                break;
            case FileDo.HostDrops when _hosted.World.Entry(at) is { IsPresent: true } entry:
                _ = _hosted.Host.TryDiscard(_task, entry.Pfn);
                break;
            case FileDo.HostSwaps when _hosted.World.Entry(at) is { IsPresent: true } entry:
                _ = _hosted.Host.TrySwap(_task, entry.Pfn);
                break;
        }
    }

    public override void Check()
    {
        AssertAtRest(_machine, _task);
        for (var i = 0; i < Pages; i++)
        {
            if (_hosted.World.Entry(World.At.PlusPages(i)) is { IsPresent: true } entry) _states.Add(_hosted.StateOf(entry.Pfn));
        }

        _hosted.AssertValid(_task);
    }

    public override void End()
    {
        _hosted.AssertNothingLeaks(_task, _other);
        AssertAtRest(_machine, _task);
    }

    public override void Dispose()
    {
        _hosted.Dispose();
        _task.Dispose();
        _machine.Dispose();
    }

    public override string ToString() => $"new {nameof(CachedFileSubject)}()";
}
