using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>
/// The basic blocks of a function. A block starts at instruction 0, at every branch target and behind every branch, Ret and Abort.
/// Gas is charged on these blocks too, so both engines and the verifier share this one construction.
/// </summary>
internal sealed class ControlFlowGraph
{
    private ControlFlowGraph(int[] starts, int[][] successors, int[] blockAt, int length)
    {
        Starts = starts;
        Successors = successors;
        BlockAt = blockAt;
        Length = length;
        (Order, Rank) = ReversePostOrder(successors);
    }

    /// <summary>First instruction of each block, ascending.</summary>
    public int[] Starts { get; }

    /// <summary>Blocks that may follow each block.</summary>
    public int[][] Successors { get; }

    /// <summary>The block of each instruction.</summary>
    public int[] BlockAt { get; }

    /// <summary>Instructions of the function.</summary>
    public int Length { get; }

    /// <summary>Blocks reachable from the entry, in reverse post-order.</summary>
    public int[] Order { get; }

    /// <summary>Position of each block in <see cref="Order"/>, -1 when unreachable.</summary>
    public int[] Rank { get; }

    public int Count => Starts.Length;

    /// <summary>One past the last instruction of a block.</summary>
    public int End(int block) => block + 1 < Starts.Length ? Starts[block + 1] : Length;

    /// <summary>Builds the graph of code whose branches are in bounds and whose last instruction ends the flow.</summary>
    public static ControlFlowGraph Of(IReadOnlyList<Instruction> code)
    {
        bool[] leader = new bool[code.Count + 1];
        leader[0] = true;
        for (int i = 0; i < code.Count; i++)
        {
            Opcode opcode = code[i].Opcode;
            if (Operands.IsBranch(opcode))
            {
                leader[code[i].Index] = true;
            }

            if (Operands.IsBranch(opcode) || Operands.EndsFlow(opcode))
            {
                leader[i + 1] = true;
            }
        }

        List<int> starts = [];
        int[] blockAt = new int[code.Count];
        for (int i = 0; i < code.Count; i++)
        {
            if (leader[i])
            {
                starts.Add(i);
            }

            blockAt[i] = starts.Count - 1;
        }

        int[][] successors = new int[starts.Count][];
        for (int block = 0; block < starts.Count; block++)
        {
            int last = (block + 1 < starts.Count ? starts[block + 1] : code.Count) - 1;
            Instruction instruction = code[last];
            successors[block] = instruction.Opcode switch
            {
                Opcode.Ret or Opcode.Abort => [],
                Opcode.Branch => [blockAt[instruction.Index]],
                Opcode.BrTrue or Opcode.BrFalse when blockAt[instruction.Index] == block + 1 => [block + 1],
                Opcode.BrTrue or Opcode.BrFalse => [block + 1, blockAt[instruction.Index]],
                _ => [block + 1],
            };
        }

        return new ControlFlowGraph([.. starts], successors, blockAt, code.Count);
    }

    private static (int[] Order, int[] Rank) ReversePostOrder(int[][] successors)
    {
        int[] rank = new int[successors.Length];
        Array.Fill(rank, -1);
        List<int> post = [];
        Stack<(int Block, int Next)> path = new();
        rank[0] = 0;
        path.Push((0, 0));
        while (path.TryPop(out (int Block, int Next) top))
        {
            if (top.Next < successors[top.Block].Length)
            {
                path.Push((top.Block, top.Next + 1));
                int target = successors[top.Block][top.Next];
                if (rank[target] < 0)
                {
                    rank[target] = 0;
                    path.Push((target, 0));
                }
            }
            else
            {
                post.Add(top.Block);
            }
        }

        post.Reverse();
        for (int i = 0; i < post.Count; i++)
        {
            rank[post[i]] = i;
        }

        return ([.. post], rank);
    }
}
