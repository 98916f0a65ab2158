using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;

namespace Mm.Catalogue;

/// <summary>One instruction of a body.</summary>
/// <param name="Operand">A token, a branch target as an offset, or the number of an argument or local.</param>
internal readonly record struct Instruction(int Offset, int End, OpCode Code, int Operand, ImmutableArray<int> Targets);

/// <summary>Reads the instructions of a body.</summary>
internal static class Instructions
{
    private static readonly OpCode[] s_short = new OpCode[256];
    private static readonly OpCode[] s_long = new OpCode[256];

    static Instructions()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            ushort value = (ushort)code.Value;
            (code.Size == 1 ? s_short : s_long)[value & 0xff] = code;
        }
    }

    public static List<Instruction> Read(ReadOnlySpan<byte> il)
    {
        var found = new List<Instruction>();
        for (int at = 0; at < il.Length;)
        {
            int start = at;
            var code = il[at] == 0xfe ? s_long[il[++at]] : s_short[il[at]];
            at++;
            int operand = 0;
            var targets = ImmutableArray<int>.Empty;
            switch (code.OperandType)
            {
                case OperandType.InlineNone:
                    operand = Implied(code);
                    break;
                case OperandType.ShortInlineBrTarget:
                    operand = at + 1 + (sbyte)il[at];
                    at++;
                    break;
                case OperandType.InlineBrTarget:
                    operand = at + 4 + BinaryPrimitives.ReadInt32LittleEndian(il[at..]);
                    at += 4;
                    break;
                case OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    operand = il[at++];
                    break;
                case OperandType.InlineVar:
                    operand = BinaryPrimitives.ReadUInt16LittleEndian(il[at..]);
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                case OperandType.InlineSwitch:
                    int count = BinaryPrimitives.ReadInt32LittleEndian(il[at..]);
                    at += 4;
                    int end = at + (count * 4);
                    var builder = ImmutableArray.CreateBuilder<int>(count);
                    for (; at < end; at += 4) builder.Add(end + BinaryPrimitives.ReadInt32LittleEndian(il[at..]));
                    targets = builder.MoveToImmutable();
                    break;
                default:
                    operand = BinaryPrimitives.ReadInt32LittleEndian(il[at..]);
                    at += 4;
                    break;
            }

            found.Add(new Instruction(start, at, code, operand, targets));
        }

        return found;
    }

    private static int Implied(OpCode code)
    {
        string name = code.Name!;
        return name.StartsWith("ldarg.", StringComparison.Ordinal) || name.StartsWith("ldloc.", StringComparison.Ordinal) || name.StartsWith("stloc.", StringComparison.Ordinal)
            ? name[^1] - '0'
            : 0;
    }
}
