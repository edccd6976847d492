using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Flow;

/// <summary>All checks and settlements on the blocks of one function, in their order.</summary>
internal static class FlowChecks
{
    public static void Run(LoweredFunction function, DiagnosticBag diagnostics)
    {
        FlowGraph graph = new(function);
        LocalSet[] liveIn = Liveness.Run(graph, diagnostics);
        LocalSet[] full = Availability.Run(graph, diagnostics);
        ReleaseDeadReferences(graph, liveIn, full);
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

    /// <summary>A reference that only another branch still reads ends where this branch begins: the verifier counts it as a borrow while its local holds it.</summary>
    private static void ReleaseDeadReferences(FlowGraph graph, LocalSet[] liveIn, LocalSet[] full)
    {
        for (int i = 0; i < graph.Function.Blocks.Count; i++)
        {
            SortedSet<int> dead = [];
            foreach (int previous in graph.Predecessors[i])
            {
                foreach (int local in Liveness.LiveOut(graph, liveIn, previous).Except(liveIn[i]))
                {
                    if (graph.Locals[local].Type.IsReference && full[i][local])
                    {
                        dead.Add(local);
                    }
                }
            }

            List<Command> commands = graph.Function.Blocks[i].Commands;
            int position = 0;
            foreach (int local in dead)
            {
                LocalSymbol symbol = graph.Locals[local];
                Span span = commands[0].Span;
                commands.Insert(position++, new PopCommand(span, new UseOperand(span, symbol, UseMode.Move) { IsMove = true }));
            }
        }
    }
}
