using System;
using Mm.Core.Contexts;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace DiscardCache;

/// <summary>Reads records at random, most of them from a few, and looks at every byte.</summary>
internal sealed class Reader(Setup setup, int seed, bool isCareless)
{
    private readonly Random _random = new(seed);
    private readonly byte[] _copy = new byte[Pfn.PageSize];

    public bool IsCareless => isCareless;

    public long Reads { get; private set; }

    public long Wrong { get; private set; }

    public void Run(MachineTask task, int reads)
    {
        var records = (int)setup.Area.PageCount;
        for (var i = 0; i < reads; i++)
        {
            // A product of two is small more often than not.
            var record = (int)(_random.NextDouble() * _random.NextDouble() * records);
            var isRight = (i % 4) switch
            {
                _ when isCareless => IsRightTooLate(task, record),
                0 => IsRightInMap(task, record),
                1 => setup.File.Read(task, record, 0, _copy) == FaultResult.None && Records.IsRight(record, _copy),
                _ => IsRightInPlace(task, record),
            };
            Reads++;
            if (!isRight) Wrong++;
        }
    }

    // By an address: a page that is gone is a discard fault.
    private bool IsRightInMap(MachineTask task, int record) =>
        setup.Map.CopyFromUser(task, setup.Area.Start.PlusPages(record), _copy) == 0 && Records.IsRight(record, _copy);

    // Without a copy: from Get to Put the page is stable.
    private bool IsRightInPlace(MachineTask task, int record)
    {
        if (setup.File.Get(task, record, out var page) != FaultResult.None) return false;
        var isRight = Records.IsRight(record, task.Machine.Pages.BytesOf(page));
        setup.File.Put(task, page);
        return isRight;
    }

    // The mistake: behind Put the page is the host's to take.
    private bool IsRightTooLate(MachineTask task, int record)
    {
        if (setup.File.Get(task, record, out var page) != FaultResult.None) return false;
        setup.File.Put(task, page);
        task.Schedule();
        return Records.IsRight(record, task.Machine.Pages.BytesOf(page));
    }
}
