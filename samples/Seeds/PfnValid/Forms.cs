// How the two versions are run: a process maps a page and a frame without one side by side, and somebody wants the pages.
using System.Collections.Generic;
using Mm.Contexts;
using Mm.Core.Models;
using Mm.Core.Paging;
using Mm.Core.Physical;

namespace Seeds.PfnValid;

internal static class Forms
{
    private const string Sleeps = "BUG: sleeping function called from invalid context";

    [Trusted("calls the bugs, to see the machine trap")]
    public static IEnumerable<Form> All() =>
    [
        new("PfnValid, a walker of its own", Sleeps, static stage =>
        {
            MemoryMap map = Mixed(stage);
            var segments = new Bug.SegmentList(stage.Machine);
            segments.Add(stage.Task, Stage.Shared);
            _ = new Bug.UserPages(stage.Machine, map, new Bug.ListedMemory(stage.Boot, segments)).Get(stage.Task, Stage.At.PlusPages(1));
        }),
        new("PfnValid, as a memory model of get_user_pages()", Sleeps, static stage =>
        {
            var segments = new Bug.SegmentList(stage.Machine);
            segments.Add(stage.Task, Stage.Shared);
            MemoryMap map = Mixed(stage, new Bug.SharedSegmentsModel(stage.Boot, segments));
            using (map.Lock.Read(stage.Task)) _ = map.GetUserPages(stage.Task, Stage.At.PlusPages(1), new Pfn[1], forWriting: false, out _);
        }),
        new("PfnValid, asked before the list exists", "kernel BUG: pfn_valid() before the memory model is initialised", static stage =>
            _ = Bug.Boot.Start(stage.Task, new Bug.ListedMemory(stage.Boot, new Bug.SegmentList(stage.Machine)))),
        new("PfnValid, repaired", null, static stage =>
        {
            var memory = new Repaired.ListedMemory(stage.Boot, new Repaired.SegmentList(stage.Machine));
            Stage.Check(Repaired.Boot.Start(stage.Task, memory));
            stage.Boot.MakeReady(stage.Task);
            stage.Boot.Attach(stage.Task, Stage.Shared);
            MemoryMap map = Mixed(stage);
            var pages = new Repaired.UserPages(stage.Machine, map, memory);
            Stage.Check(pages.Get(stage.Task, Stage.At) is not null && pages.Get(stage.Task, Stage.At.PlusPages(1)) is null);
            using (map.Lock.Read(stage.Task)) Stage.Check(map.GetUserPages(stage.Task, Stage.At.PlusPages(1), new Pfn[1], forWriting: false, out MapResult why) == 0 && why == MapResult.Exists);
        }),
    ];

    /// <summary>One page and, behind it, one frame without a page. As the entries have no bit that tells them apart if the model is given, the model is asked.</summary>
    [Trusted("the host prepares the stage")]
    private static MemoryMap Mixed(Stage stage, IMemoryModel? model = null)
    {
        MemoryMap map = stage.Map(specialBit: model is null, model: model);
        Vma area = map.Map(stage.Task, new AreaRequest { Pages = 2, At = Stage.At, Flags = VmFlags.Read | VmFlags.Shared | VmFlags.MixedMap });
        using (map.Lock.Write(stage.Task))
        {
            Pfn page = stage.Page();
            Stage.Check(map.InsertPage(stage.Task, area, Stage.At, page) == MapResult.None);
            Stage.Check(map.InsertMixed(stage.Task, area, Stage.At.PlusPages(1), Stage.Shared.Frames.First) == FaultResult.NoPage);
        }

        return map;
    }
}
