using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Emit;

/// <summary>
/// Removes stores that the next instruction takes back, and the locals that nothing uses any more. Runs on one function before its
/// branches have targets.
/// </summary>
internal static class Peephole
{
    /// <param name="code">The instructions, shortened in place.</param>
    /// <param name="spans">Their places, likewise.</param>
    /// <param name="starts">Where each label stands; adjusted.</param>
    /// <param name="fixups">Which instructions go to which label; adjusted.</param>
    /// <param name="parameters">Slots of parameters, which stay.</param>
    /// <param name="slots">Slots in all.</param>
    /// <returns>The slots that are still used, in order; the code is renumbered to their positions.</returns>
    public static List<int> Run(List<Instruction> code, List<Span> spans, SortedDictionary<int, int> starts,
        List<(int Instruction, int Label)> fixups, int parameters, int slots)
    {
        int[] stores = new int[slots];
        int[] moves = new int[slots];
        int[] others = new int[slots];
        foreach (Instruction instruction in code)
        {
            switch (instruction.Opcode)
            {
                case Opcode.StLoc:
                    stores[instruction.Index]++;
                    break;
                case Opcode.MoveLoc:
                    moves[instruction.Index]++;
                    break;
                case Opcode.CopyLoc or Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc:
                    others[instruction.Index]++;
                    break;
            }
        }

        HashSet<int> labels = [.. starts.Values];
        bool[] removed = new bool[code.Count];
        for (int i = 0; i + 1 < code.Count; i++)
        {
            int slot = code[i].Index;
            if (code[i].Opcode == Opcode.StLoc && code[i + 1].Opcode == Opcode.MoveLoc && code[i + 1].Index == slot && slot >= parameters
                && stores[slot] == 1 && moves[slot] == 1 && others[slot] == 0 && !labels.Contains(i + 1))
            {
                removed[i] = true;
                removed[i + 1] = true;
                stores[slot] = 0;
                moves[slot] = 0;
            }
        }

        List<int> used = [];
        int[] renumbered = new int[slots];
        for (int slot = 0; slot < slots; slot++)
        {
            if (slot < parameters || stores[slot] + moves[slot] + others[slot] > 0)
            {
                renumbered[slot] = used.Count;
                used.Add(slot);
            }
        }

        int[] moved = new int[code.Count + 1];
        int at = 0;
        for (int i = 0; i < code.Count; i++)
        {
            moved[i] = at;
            if (!removed[i])
            {
                Instruction instruction = code[i];
                code[at] = instruction.Opcode is Opcode.StLoc or Opcode.MoveLoc or Opcode.CopyLoc or Opcode.MutBorrowLoc
                    or Opcode.ImmBorrowLoc
                    ? instruction with { Operand = (ulong)renumbered[instruction.Index] }
                    : instruction;
                spans[at] = spans[i];
                at++;
            }
        }

        moved[code.Count] = at;
        code.RemoveRange(at, code.Count - at);
        spans.RemoveRange(at, spans.Count - at);
        foreach (int label in (int[])[.. starts.Keys])
        {
            starts[label] = moved[starts[label]];
        }

        for (int i = 0; i < fixups.Count; i++)
        {
            fixups[i] = (moved[fixups[i].Instruction], fixups[i].Label);
        }

        return used;
    }
}
