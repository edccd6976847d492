namespace Theseus.Move.Compiler.Lowering;

/// <summary>Removes blocks that nothing reaches and threads jumps to jumps.</summary>
internal static class BlockLayout
{
    public static List<Block> Reachable(List<Block> blocks)
    {
        Dictionary<int, Block> byLabel = [];
        foreach (Block block in blocks)
        {
            byLabel[block.Label] = block;
        }

        Thread(blocks, byLabel);
        HashSet<int> seen = [blocks[0].Label];
        Stack<Block> work = new([blocks[0]]);
        while (work.TryPop(out Block? block))
        {
            foreach (int next in block.Successors)
            {
                if (seen.Add(next))
                {
                    work.Push(byLabel[next]);
                }
            }
        }

        return blocks.FindAll(b => seen.Contains(b.Label));
    }

    /// <summary>A jump to a block that only jumps goes to that block's target at once; loops of empty jumps stay as they are.</summary>
    private static void Thread(List<Block> blocks, Dictionary<int, Block> byLabel)
    {
        int Final(int label)
        {
            HashSet<int> visited = [];
            while (visited.Add(label) && byLabel.TryGetValue(label, out Block? block) && block.Commands is [JumpCommand jump]
                && jump.Label != label)
            {
                label = jump.Label;
            }

            return label;
        }

        foreach (Block block in blocks)
        {
            if (block.Commands.Count == 0)
            {
                continue;
            }

            switch (block.Commands[^1])
            {
                case JumpCommand jump:
                    jump.Label = Final(jump.Label);
                    break;
                case BranchCommand branch:
                    branch.IfTrue = Final(branch.IfTrue);
                    branch.IfFalse = Final(branch.IfFalse);
                    break;
            }
        }
    }
}
