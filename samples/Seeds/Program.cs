// Runs every form, with the analyzers off: the bugs must trap, in the words of the kernel, and the repairs must not.
using System;
using System.Diagnostics;
using System.IO;
using Mm.Contexts;

namespace Seeds;

public static class Program
{
    [Trusted("the host's side")]
    public static int Main()
    {
        int wrong = 0;
        foreach (Form form in Form.All())
        {
            Ending? ending = form.Run();
            bool isRight = form.Says is { } says ? ending?.Trap.Text.Contains(says, StringComparison.Ordinal) == true : ending is null;
            if (!isRight) wrong++;
            Console.WriteLine($"== {form.Name}: {(isRight ? "as expected" : "NOT AS EXPECTED")}");
            Print(ending);
        }

        Console.WriteLine(wrong == 0 ? "Every bug trapped, and no repair did." : $"{wrong} forms did not do what they should.");
        return wrong == 0 ? 0 : 1;
    }

    private static void Print(Ending? ending)
    {
        if (ending is null)
        {
            Console.WriteLine("no trap");
            Console.WriteLine();
            return;
        }

        Console.WriteLine(ending.Trap.Text);
        Console.WriteLine("Call Trace:");
        foreach (StackFrame frame in new StackTrace(ending.Thrown, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || type.Namespace == "Mm.Core.Diagnostics") continue;
            Console.WriteLine($" {type.FullName}.{method.Name} ({Path.GetFileName(frame.GetFileName())}:{frame.GetFileLineNumber()})");
        }

        Console.WriteLine();
    }
}
