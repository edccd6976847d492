using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Flow;

/// <summary>All checks and settlements on the blocks of one function, in their order.</summary>
internal static class FlowChecks
{
    public static void Run(LoweredFunction function, DiagnosticBag diagnostics)
    {
        FlowGraph graph = new(function);
        LocalSet[] liveIn = Liveness.Run(graph, diagnostics);
        Availability.Run(graph, diagnostics);
        ReleaseDeadReferences(graph, liveIn);
        FoldConditions(function);
    }

    /// <summary>Constant conditions count as unknown for the checks; the code need not test them.</summary>
    private static void FoldConditions(LoweredFunction function)
    {
        foreach (Block block in function.Blocks)
        {
            if (block.Commands[^1] is BranchCommand { Condition: ConstantOperand constant } branch)
            {
                block.Commands[^1] = new JumpCommand(branch.Span, constant.Value.Number.IsZero ? branch.IfFalse : branch.IfTrue);
            }
        }

        List<Block> reachable = BlockLayout.Reachable(function.Blocks);
        function.Blocks.Clear();
        function.Blocks.AddRange(reachable);
    }

    /// <summary>
    /// A reference that only another branch still reads ends where this branch begins: the verifier counts it as a borrow while
    /// its local holds it. Where a reference has ended on some of the ways to a block, the verifier ends it by itself.
    /// </summary>
    private static void ReleaseDeadReferences(FlowGraph graph, LocalSet[] liveIn)
    {
        LocalSet[] ending = Ending(graph, liveIn);
        LocalSet[] held = HeldReferences.Run(graph, ending);
        for (int i = 0; i < ending.Length; i++)
        {
            List<Command> commands = graph.Function.Blocks[i].Commands;
            Span span = commands[0].Span;
            List<Command> releases = [];
            foreach (int local in ending[i].Members())
            {
                if (held[i][local])
                {
                    releases.Add(new PopCommand(span, new UseOperand(span, graph.Locals[local], UseMode.Move) { IsMove = true }));
                }
            }

            commands.InsertRange(0, releases);
        }
    }

    /// <summary>For each block the references that live at the end of a predecessor and are dead here.</summary>
    private static LocalSet[] Ending(FlowGraph graph, LocalSet[] liveIn)
    {
        LocalSet[] ending = new LocalSet[liveIn.Length];
        for (int i = 0; i < ending.Length; i++)
        {
            ending[i] = new LocalSet(graph.Locals.Count);
        }

        for (int previous = 0; previous < ending.Length; previous++)
        {
            if (graph.Successors[previous].Count < 2)
            {
                continue; // what lives at its end lives in its only successor
            }

            LocalSet liveOut = Liveness.LiveOut(graph, liveIn, previous);
            foreach (int next in graph.Successors[previous])
            {
                foreach (int local in liveOut.Except(liveIn[next]))
                {
                    ending[next][local] = graph.Locals[local].Type.IsReference;
                }
            }
        }

        return ending;
    }
}
